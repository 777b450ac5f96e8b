//! Greek, in small letters and without accents. Source: Georgios Ntais, "Development of a stemmer for the Greek language" (2006),
//! and Spyridon Saroukos, "Enhancing a Greek language stemmer" (2008), with the stems that Lucene 8 excepts.

use super::{cut, ends};

/// Without ending of case, number, person, tense and comparison.
pub(in crate::analysis) fn greek(letters: &mut Vec<char>) {
    if letters.len() < 4 {
        return;
    }
    let length = letters.len();
    irregular_nouns(letters);
    STEPS.iter().for_each(|step| step.run(letters));
    if letters.len() == length {
        general_endings(letters);
    }
    comparison(letters);
}

/// One step: the first of its endings that leaves a stem goes, and some of the stems that it leaves get letters back.
struct GreekStep {
    /// Letters that stand before an ending at least.
    stem_least: usize,
    endings: &'static [&'static str],
    /// The first that fits is done.
    backs: &'static [PutBack],
}

/// What is put behind which stems.
struct PutBack {
    /// Whole stems.
    stems: &'static [&'static str],
    /// What stems end in.
    stem_ends: &'static [&'static str],
    vowels: Vowels,
    back: &'static str,
}

/// Stems that are meant beside those of the lists.
#[derive(Clone, Copy)]
enum Vowels {
    None,
    /// Those in a vowel.
    Vowel,
    /// Those in a vowel but upsilon.
    ButUpsilon,
    /// All.
    Any,
}

impl Vowels {
    fn hold(self, last: Option<&char>) -> bool {
        let vowel = matches!(last, Some('α' | 'ε' | 'η' | 'ι' | 'ο' | 'υ' | 'ω'));
        match self {
            Vowels::None => false,
            Vowels::Vowel => vowel,
            Vowels::ButUpsilon => vowel && last != Some(&'υ'),
            Vowels::Any => true,
        }
    }
}

impl GreekStep {
    fn run(&self, letters: &mut Vec<char>) {
        if !first_ending(letters, self.endings, self.stem_least) {
            return;
        }
        let fits = |put: &&PutBack| {
            put.stems.iter().any(|stem| stem.chars().eq(letters.iter().copied()))
                || put.stem_ends.iter().any(|end| ends(letters, end))
                || put.vowels.hold(letters.last())
        };
        if let Some(put) = self.backs.iter().find(fits) {
            letters.extend(put.back.chars());
        }
    }
}

/// Takes the first of `endings` away that leaves `least` letters; whether there was one.
fn first_ending(letters: &mut Vec<char>, endings: &[&str], least: usize) -> bool {
    let length = |ending: &str| ending.chars().count();
    let fits = |ending: &&&str| letters.len() >= length(ending) + least && ends(letters, ending);
    let found = endings.iter().find(fits);
    if let Some(ending) = found {
        cut(letters, length(ending));
    }
    found.is_some()
}

/// Nouns whose stem the endings do not tell: what a word ends in, and how many letters of that go.
fn irregular_nouns(letters: &mut Vec<char>) {
    let found = IRREGULAR.iter().find_map(|(length, nouns)| {
        let fits = |noun: &&&str| letters.len() >= noun.chars().count() && ends(letters, noun);
        nouns.iter().any(|noun| fits(&noun)).then_some(*length)
    });
    cut(letters, found.unwrap_or(0));
}

const IRREGULAR: &[(usize, &[&str])] = &[
    (
        4,
        &[
            "καθεστωτοσ",
            "καθεστωτων",
            "γεγονοτοσ",
            "γεγονοτων",
            "τατογιου",
            "τατογιων",
            "σκαγιου",
            "σκαγιων",
            "ολογιου",
            "ολογιων",
            "κρεατοσ",
            "κρεατων",
            "περατοσ",
            "περατων",
            "τερατοσ",
            "τερατων",
            "φαγιου",
            "φαγιων",
            "σογιου",
            "σογιων",
        ],
    ),
    (
        3,
        &[
            "καθεστωτα",
            "γεγονοτα",
            "τατογια",
            "σκαγια",
            "ολογια",
            "κρεατα",
            "περατα",
            "τερατα",
            "φαγια",
            "σογια",
            "φωτοσ",
            "φωτων",
        ],
    ),
    (2, &["καθεστωσ", "γεγονοσ", "κρεασ", "περασ", "τερασ", "φωτα"]),
    (1, &["φωσ"]),
];

/// The endings of nouns and verbs that leave few words alone.
fn general_endings(letters: &mut Vec<char>) {
    if !GENERAL.iter().any(|endings| first_ending(letters, endings, 1))
        && letters.len() > 1
        && Vowels::Vowel.hold(letters.last())
    {
        cut(letters, 1);
    }
}

const GENERAL: &[&[&str]] = &[
    &["ιοντουσαν"],
    &["ιομασταν", "ιοσασταν", "ιουμαστε", "οντουσαν"],
    &[
        "ιεμαστε",
        "ιεσαστε",
        "ιομουνα",
        "ιοσαστε",
        "ιοσουνα",
        "ιουνται",
        "ιουνταν",
        "ηθηκατε",
        "ομασταν",
        "οσασταν",
        "ουμαστε",
    ],
    &[
        "ιομουν",
        "ιονταν",
        "ιοσουν",
        "ηθειτε",
        "ηθηκαν",
        "ομουνα",
        "οσαστε",
        "οσουνα",
        "ουνται",
        "ουνταν",
        "ουσατε",
    ],
    &[
        "αγατε",
        "ιεμαι",
        "ιεται",
        "ιεσαι",
        "ιοταν",
        "ιουμα",
        "ηθεισ",
        "ηθουν",
        "ηκατε",
        "ησατε",
        "ησουν",
        "ομουν",
        "ονται",
        "ονταν",
        "οσουν",
        "ουμαι",
        "ουσαν",
    ],
    &[
        "αγαν", "αμαι", "ασαι", "αται", "ειτε", "εσαι", "εται", "ηδεσ", "ηδων", "ηθει", "ηκαν",
        "ησαν", "ησει", "ησεσ", "ομαι", "οταν",
    ],
    &["αει", "εισ", "ηθω", "ησω", "ουν", "ουσ"],
    &["αν", "ασ", "αω", "ει", "εσ", "ησ", "οι", "οσ", "ου", "υσ", "ων"],
];

/// Comparative and superlative.
fn comparison(letters: &mut Vec<char>) {
    first_ending(letters, &["εστερ", "εστατ", "οτερ", "οτατ", "υτερ", "υτατ", "ωτερ", "ωτατ"], 0);
}

const STEPS: &[GreekStep] = &[
    GreekStep {
        stem_least: 1,
        endings: &["αδεσ", "αδων"],
        backs: &[
            PutBack {
                stems: &[],
                stem_ends: &[
                    "οκ",
                    "μαμ",
                    "μαν",
                    "μπαμπ",
                    "πατερ",
                    "γιαγι",
                    "νταντ",
                    "κυρ",
                    "θει",
                    "πεθερ",
                ],
                vowels: Vowels::None,
                back: "",
            },
            PutBack { stems: &[], stem_ends: &[], vowels: Vowels::Any, back: "αδ" },
        ],
    },
    GreekStep {
        stem_least: 1,
        endings: &["εδεσ", "εδων"],
        backs: &[PutBack {
            stems: &[],
            stem_ends: &["οπ", "ιπ", "εμπ", "υπ", "γηπ", "δαπ", "κρασπ", "μιλ"],
            vowels: Vowels::None,
            back: "εδ",
        }],
    },
    GreekStep {
        stem_least: 1,
        endings: &["ουδεσ", "ουδων"],
        backs: &[PutBack {
            stems: &[],
            stem_ends: &[
                "αρκ",
                "καλιακ",
                "πεταλ",
                "λιχ",
                "πλεξ",
                "σκ",
                "σ",
                "φλ",
                "φρ",
                "βελ",
                "λουλ",
                "χν",
                "σπ",
                "τραγ",
                "φε",
            ],
            vowels: Vowels::None,
            back: "ουδ",
        }],
    },
    GreekStep {
        stem_least: 1,
        endings: &["εωσ", "εων"],
        backs: &[PutBack {
            stems: &["γαλ", "δ", "ελ", "θ", "ιδ", "ν", "π", "παρ"],
            stem_ends: &[],
            vowels: Vowels::None,
            back: "ε",
        }],
    },
    GreekStep {
        stem_least: 1,
        endings: &["ια", "ιου", "ιων"],
        backs: &[PutBack { stems: &[], stem_ends: &[], vowels: Vowels::Vowel, back: "ι" }],
    },
    GreekStep {
        stem_least: 1,
        endings: &["ικα", "ικο", "ικου", "ικων"],
        backs: &[PutBack {
            stems: &[
                "αδ",
                "αλ",
                "αμαν",
                "αμμοχαλ",
                "ανηθ",
                "αντιδ",
                "βρωμ",
                "γερ",
                "ενδ",
                "εξωδ",
                "ηθ",
                "καλλιν",
                "καλπ",
                "καταδ",
                "μουλ",
                "μπαγιατ",
                "μπαν",
                "μπολ",
                "μποσ",
                "νιτ",
                "ξικ",
                "πετσ",
                "πικαντ",
                "πιτσ",
                "πλιατσ",
                "ποστελν",
                "πρωτοδ",
                "σερτ",
                "συναδ",
                "συνομηλ",
                "τσαμ",
                "υποδ",
                "φιλον",
                "φυλοδ",
                "φυσ",
                "χασ",
            ],
            stem_ends: &[],
            vowels: Vowels::Vowel,
            back: "ικ",
        }],
    },
    GreekStep {
        stem_least: 1,
        endings: &["ηθηκαμε", "ουσαμε", "αγαμε", "ησαμε", "ηκαμε"],
        backs: &[],
    },
    GreekStep {
        stem_least: 1,
        endings: &["αμε"],
        backs: &[PutBack {
            stems: &[
                "αγ",
                "αναπ",
                "αποθ",
                "αποκ",
                "αποστ",
                "βουβ",
                "ξεθ",
                "ουλ",
                "πεθ",
                "πικρ",
                "ποτ",
                "σιχ",
                "χ",
            ],
            stem_ends: &[],
            vowels: Vowels::None,
            back: "αμ",
        }],
    },
    GreekStep {
        stem_least: 1,
        endings: &["αγανε", "ιουντανε", "ιοντανε", "ιοτανε"],
        backs: &[PutBack {
            stems: &["τρ", "τσ"],
            stem_ends: &[],
            vowels: Vowels::None,
            back: "αγαν",
        }],
    },
    GreekStep {
        stem_least: 0,
        endings: &["ουντανε", "ηθηκανε", "οντανε", "ουσανε", "ησανε", "οτανε", "ηκανε"],
        backs: &[PutBack {
            stems: &["τρ", "τσ"],
            stem_ends: &[],
            vowels: Vowels::None,
            back: "αγαν",
        }],
    },
    GreekStep {
        stem_least: 1,
        endings: &["ανε"],
        backs: &[PutBack {
            stems: &[
                "αγ",
                "αδαπ",
                "αθιγγ",
                "αμερικαν",
                "αμηχ",
                "ανικ",
                "ανοργ",
                "απηγ",
                "απιθ",
                "ατσιγγ",
                "βαθυγαλ",
                "βασ",
                "βασκ",
                "βετερ",
                "βιομηχ",
                "βουλκ",
                "βραχμ",
                "βραχυκ",
                "γ",
                "γαλ",
                "γερ",
                "δεκ",
                "διατ",
                "διαφ",
                "διπλ",
                "δραδουμ",
                "ενοργ",
                "ερ",
                "ζωντ",
                "θ",
                "θυσ",
                "ικ",
                "καλπουζ",
                "καπνοβιομηχ",
                "καστ",
                "καστελ",
                "καταγαλ",
                "κλιβ",
                "κοιλαρφ",
                "κοπ",
                "κορμορ",
                "λαοπλ",
                "λιβ",
                "λιχ",
                "λουθηρ",
                "μ",
                "μαιντ",
                "μεγλοβιομηχ",
                "μελ",
                "μικροβιομηχ",
                "μουσουλμ",
                "μωαμεθ",
                "ν",
                "νταβ",
                "ξηροκλιβ",
                "ολιγοδαμ",
                "ολογαλ",
                "ορφ",
                "ουλ",
                "ουρ",
                "π",
                "πελεκ",
                "πενταρφ",
                "περηφ",
                "περιτρ",
                "πιθ",
                "πλ",
                "πλατ",
                "πολισ",
                "πολυδαπ",
                "πολυμηχ",
                "πορτολ",
                "πουριτ",
                "σ",
                "σαρακατσ",
                "σιγ",
                "σουλτ",
                "σπ",
                "στεγ",
                "στεφ",
                "ταβ",
                "τετ",
                "τραγ",
                "τσαγ",
                "τσαρλατ",
                "τσιγγ",
                "τσοπ",
                "υπερηφ",
                "υποκοπ",
                "φ",
                "φωτοστεφ",
                "χ",
                "χαμηλοδαπ",
                "ψηλοταβ",
                "ψυχοπλ",
            ],
            stem_ends: &[],
            vowels: Vowels::ButUpsilon,
            back: "αν",
        }],
    },
    GreekStep { stem_least: 1, endings: &["ησετε"], backs: &[] },
    GreekStep {
        stem_least: 1,
        endings: &["ετε"],
        backs: &[PutBack {
            stems: &[
                "αβαρ",
                "αβρ",
                "αδ",
                "αθ",
                "αν",
                "απλ",
                "βαρον",
                "βεν",
                "δ",
                "εμ",
                "εναρ",
                "θ",
                "θαρρ",
                "κοπ",
                "μπορ",
                "νιφ",
                "ντρ",
                "παγ",
                "παρακαλ",
                "σερπ",
                "σκ",
                "σκελ",
                "συρφ",
                "τοκ",
                "υ",
            ],
            stem_ends: &[
                "οδ",
                "αιρ",
                "φορ",
                "ταθ",
                "διαθ",
                "σχ",
                "ενδ",
                "ευρ",
                "τιθ",
                "υπερθ",
                "ραθ",
                "ενθ",
                "ροθ",
                "σθ",
                "πυρ",
                "αιν",
                "συνδ",
                "συν",
                "συνθ",
                "χωρ",
                "πον",
                "βρ",
                "καθ",
                "ευθ",
                "εκθ",
                "νετ",
                "ρον",
                "αρκ",
                "βαρ",
                "βολ",
                "ωφελ",
            ],
            vowels: Vowels::ButUpsilon,
            back: "ετ",
        }],
    },
    GreekStep {
        stem_least: 1,
        endings: &["οντασ", "ωντασ"],
        backs: &[
            PutBack { stems: &["αρχ"], stem_ends: &[], vowels: Vowels::None, back: "οντ" },
            PutBack { stems: &[], stem_ends: &["κρε"], vowels: Vowels::None, back: "ωντ" },
        ],
    },
    GreekStep {
        stem_least: 1,
        endings: &["ομαστε", "ιομαστε"],
        backs: &[PutBack {
            stems: &["ον"], stem_ends: &[], vowels: Vowels::None, back: "ομαστ"
        }],
    },
    GreekStep {
        stem_least: 1,
        endings: &["ιεστε"],
        backs: &[PutBack {
            stems: &["ακαταπ", "αμεταμφ", "απ", "ασυμπ", "π", "συμπ"],
            stem_ends: &[],
            vowels: Vowels::None,
            back: "ιεστ",
        }],
    },
    GreekStep {
        stem_least: 1,
        endings: &["εστε"],
        backs: &[PutBack {
            stems: &["αλ", "αρ", "εκτελ", "ζ", "μ", "νισ", "ξ", "παρακαλ", "προ"],
            stem_ends: &[],
            vowels: Vowels::None,
            back: "εστ",
        }],
    },
    GreekStep { stem_least: 1, endings: &["ηθηκεσ", "ηθηκα", "ηθηκε"], backs: &[] },
    GreekStep {
        stem_least: 1,
        endings: &["ηκεσ", "ηκα", "ηκε"],
        backs: &[PutBack {
            stems: &["διαθ", "θ", "παρακαταθ", "προσθ", "συνθ"],
            stem_ends: &["σκωλ", "σκουλ", "ναρθ", "σφ", "οθ", "πιθ"],
            vowels: Vowels::None,
            back: "ηκ",
        }],
    },
    GreekStep {
        stem_least: 1,
        endings: &["ουσεσ", "ουσα", "ουσε"],
        backs: &[PutBack {
            stems: &[
                "αγκ",
                "αιθ",
                "αμ",
                "αναρρ",
                "ανηκ",
                "βρομ",
                "δε",
                "δεσποζ",
                "δευτερευ",
                "εκλιπ",
                "ενδιαφερ",
                "καθαρευ",
                "λ",
                "λαμπιδ",
                "λεχ",
                "μ",
                "μεδ",
                "μεσαζ",
                "πατ",
                "πλε",
                "ρ",
                "τσα",
                "υποτειν",
                "φαρμακ",
                "χαδ",
            ],
            stem_ends: &[
                "ποδαρ",
                "βλεπ",
                "πανταχ",
                "φρυδ",
                "μαντιλ",
                "μαλλ",
                "κυματ",
                "λαχ",
                "ληγ",
                "φαγ",
                "ομ",
                "πρωτ",
            ],
            vowels: Vowels::Vowel,
            back: "ουσ",
        }],
    },
    GreekStep {
        stem_least: 1,
        endings: &["αγεσ", "αγα", "αγε"],
        backs: &[
            PutBack {
                stems: &["ναυλοχ", "ψοφ"],
                stem_ends: &["κολλ"],
                vowels: Vowels::None,
                back: "",
            },
            PutBack {
                stems: &[
                    "αβαστ",
                    "αδηφ",
                    "αειπ",
                    "αιμοστ",
                    "αμαλ",
                    "αμαλλι",
                    "ανυπ",
                    "ανυστ",
                    "απερ",
                    "αποτ",
                    "αρτιπ",
                    "ασπ",
                    "ασπαρ",
                    "αφ",
                    "αχαρ",
                    "δερβεν",
                    "διατ",
                    "δροσοπ",
                    "εν",
                    "επιτ",
                    "κροκαλοπ",
                    "λ",
                    "μ",
                    "ναυ",
                    "νεοπ",
                    "νομοτ",
                    "ξεφ",
                    "ολοπ",
                    "ομοτ",
                    "ουλαμ",
                    "ουρ",
                    "π",
                    "παμφ",
                    "πολυφ",
                    "προστ",
                    "προσωποπ",
                    "ρ",
                    "σιδηροπ",
                    "συμπ",
                    "συντ",
                    "τ",
                    "τρ",
                    "υποτ",
                    "χαρ",
                ],
                stem_ends: &["οφ", "πελ", "χορτ", "λλ", "σφ", "ρπ", "φρ", "πρ", "λοχ", "σμην"],
                vowels: Vowels::None,
                back: "αγ",
            },
        ],
    },
    GreekStep {
        stem_least: 1,
        endings: &["ησου", "ησε", "ησα"],
        backs: &[PutBack {
            stems: &["δωδεκαν", "επταν", "ερημον", "μεγαλον", "ν", "χερσον"],
            stem_ends: &[],
            vowels: Vowels::None,
            back: "ησ",
        }],
    },
    GreekStep {
        stem_least: 1,
        endings: &["ηστε"],
        backs: &[PutBack {
            stems: &[
                "αειμν",
                "απλ",
                "ασβ",
                "αχρ",
                "δυσχρ",
                "ευχρ",
                "κοινοχρ",
                "παλιμψ",
                "σβ",
                "χρ",
            ],
            stem_ends: &[],
            vowels: Vowels::None,
            back: "ηστ",
        }],
    },
    GreekStep {
        stem_least: 1,
        endings: &["ησουνε", "ηθουνε", "ουνε"],
        backs: &[PutBack {
            stems: &["εξων", "κακομουτσ", "ν", "ρ", "σπι", "στραβομουτσ"],
            stem_ends: &[],
            vowels: Vowels::None,
            back: "ουν",
        }],
    },
    GreekStep {
        stem_least: 1,
        endings: &["ησουμε", "ηθουμε", "ουμε"],
        backs: &[PutBack {
            stems: &["αζ", "αλλοσουσ", "ασουσ", "παρασουσ", "φ", "χ", "ωριοπλ"],
            stem_ends: &[],
            vowels: Vowels::None,
            back: "ουμ",
        }],
    },
    GreekStep {
        stem_least: 1,
        endings: &["ματων", "ματοσ", "ματα"],
        backs: &[PutBack { stems: &[], stem_ends: &[], vowels: Vowels::Any, back: "μα" }],
    },
];

//! `double_metaphone`: the consonants of a word as they sound, and as they might sound otherwise, at most as many as are asked
//! for.

/// `DoubleMetaphone`: both codes, each of at most `length` characters.
pub(crate) fn double_metaphone(word: &str, length: usize) -> [String; 2] {
    let text: Vec<char> = word.trim().chars().flat_map(char::to_uppercase).collect();
    let mut coder =
        Coder { text, at: 0, length, codes: [Vec::new(), Vec::new()], is_slavic: false };
    coder.is_slavic = (0..coder.text.len()).any(|at| coder.is_at(at, &["W", "K", "CZ"]));
    if coder.is_at(0, &["GN", "KN", "PN", "WR", "PS"]) {
        coder.at = 1;
    }
    while coder.codes.iter().any(|code| code.len() < length)
        && let Some(letter) = coder.text.get(coder.at).copied()
    {
        let letters = coder.letter(letter);
        coder.at += letters;
    }
    coder.codes.map(|code| code.into_iter().collect())
}

/// A word and what it sounds like so far.
struct Coder {
    text: Vec<char>,
    at: usize,
    length: usize,
    codes: [Vec<char>; 2],
    /// Whether it looks Slavic or Germanic.
    is_slavic: bool,
}

impl Coder {
    /// The letter that many behind this one, or before it.
    fn near(&self, by: isize) -> Option<char> {
        self.at.checked_add_signed(by).and_then(|at| self.text.get(at)).copied()
    }

    /// Whether one of `texts` stands that many behind this letter, or before it.
    fn has(&self, by: isize, texts: &[&str]) -> bool {
        self.at.checked_add_signed(by).is_some_and(|at| self.is_at(at, texts))
    }

    fn is_at(&self, at: usize, texts: &[&str]) -> bool {
        let rest = self.text.get(at..).unwrap_or_default();
        texts.iter().any(|text| {
            let mut letters = rest.iter();
            text.chars().all(|letter| letters.next() == Some(&letter))
        })
    }

    fn begins(&self, texts: &[&str]) -> bool {
        self.is_at(0, texts)
    }

    fn is_vowel(&self, by: isize) -> bool {
        matches!(self.near(by), Some('A' | 'E' | 'I' | 'O' | 'U' | 'Y'))
    }

    fn is_last(&self, by: usize) -> bool {
        self.at + by + 1 == self.text.len()
    }

    fn put(&mut self, sounds: &str) {
        self.put_both(sounds, sounds);
    }

    fn put_both(&mut self, first: &str, second: &str) {
        for (code, sounds) in self.codes.iter_mut().zip([first, second]) {
            let room = self.length.saturating_sub(code.len());
            code.extend(sounds.chars().take(room));
        }
    }

    /// Two where the next letter is one of `letters`, which sounds with this one, else one.
    fn with(&self, letters: &[&str]) -> usize {
        if self.has(1, letters) { 2 } else { 1 }
    }

    /// Puts what `letter`, which stands here, sounds like; how many letters that are.
    fn letter(&mut self, letter: char) -> usize {
        let doubled = |coder: &mut Coder, sound: &str, again: &str| {
            coder.put(sound);
            coder.with(&[again])
        };
        match letter {
            'A' | 'E' | 'I' | 'O' | 'U' | 'Y' => {
                if self.at == 0 {
                    self.put("A");
                }
                1
            }
            'B' => doubled(self, "P", "B"),
            'Ç' => doubled(self, "S", "\0"),
            'C' => self.c(),
            'D' => self.d(),
            'F' => doubled(self, "F", "F"),
            'G' => self.g(),
            'H' => {
                let sounds = (self.at == 0 || self.is_vowel(-1)) && self.is_vowel(1);
                if sounds {
                    self.put("H");
                }
                if sounds { 2 } else { 1 }
            }
            'J' => self.j(),
            'K' => doubled(self, "K", "K"),
            'L' => self.l(),
            'M' => {
                self.put("M");
                let is_umb = self.has(-1, &["UMB"]) && (self.is_last(1) || self.has(2, &["ER"]));
                if is_umb { 2 } else { self.with(&["M"]) }
            }
            'N' => doubled(self, "N", "N"),
            'Ñ' => doubled(self, "N", "\0"),
            'P' if self.near(1) == Some('H') => {
                self.put("F");
                2
            }
            'P' => {
                self.put("P");
                self.with(&["P", "B"])
            }
            'Q' => doubled(self, "K", "Q"),
            'R' => self.r(),
            'S' => self.s(),
            'T' => self.t(),
            'V' => doubled(self, "F", "V"),
            'W' => self.w(),
            'X' => self.x(),
            'Z' => self.z(),
            _ => 1,
        }
    }

    fn c(&mut self) -> usize {
        if self.is_hard_c() {
            self.put("K");
            return 2;
        }
        if self.at == 0 && self.has(0, &["CAESAR"]) {
            self.put("S");
            return 2;
        }
        if self.has(0, &["CH"]) {
            return self.ch();
        }
        if self.has(0, &["CZ"]) && !self.has(-2, &["WICZ"]) {
            self.put_both("S", "X");
            return 2;
        }
        if self.has(1, &["CIA"]) {
            self.put("X");
            return 3;
        }
        if self.has(0, &["CC"]) && !(self.at == 1 && self.near(-1) == Some('M')) {
            return self.cc();
        }
        if self.has(0, &["CK", "CG", "CQ"]) {
            self.put("K");
            return 2;
        }
        if self.has(0, &["CI", "CE", "CY"]) {
            let is_italian = self.has(0, &["CIO", "CIE", "CIA"]);
            self.put_both("S", if is_italian { "X" } else { "S" });
            return 2;
        }
        self.put("K");
        if self.has(1, &[" C", " Q", " G"]) {
            3
        } else if self.has(1, &["C", "K", "Q"]) && !self.has(1, &["CE", "CI"]) {
            2
        } else {
            1
        }
    }

    /// `chia`, or `ach` behind a consonant.
    fn is_hard_c(&self) -> bool {
        if self.has(0, &["CHIA"]) {
            return true;
        }
        if self.at <= 1 || self.is_vowel(-2) || !self.has(-1, &["ACH"]) {
            return false;
        }
        !matches!(self.near(2), Some('I' | 'E')) || self.has(-2, &["BACHER", "MACHER"])
    }

    fn cc(&mut self) -> usize {
        if !self.has(2, &["I", "E", "H"]) || self.has(2, &["HU"]) {
            self.put("K");
            return 2;
        }
        let is_ks = self.at == 1 && self.near(-1) == Some('A') || self.has(-1, &["UCCEE", "UCCES"]);
        self.put(if is_ks { "KS" } else { "X" });
        3
    }

    fn ch(&mut self) -> usize {
        let is_greek = self.at == 0
            && self.has(1, &["HARAC", "HARIS", "HOR", "HYM", "HIA", "HEM"])
            && !self.begins(&["CHORE"]);
        if self.at > 0 && self.has(0, &["CHAE"]) {
            self.put_both("K", "X");
        } else if is_greek || self.is_germanic_ch() {
            self.put("K");
        } else if self.at == 0 {
            self.put("X");
        } else if self.begins(&["MC"]) {
            self.put("K");
        } else {
            self.put_both("X", "K");
        }
        2
    }

    fn is_germanic_ch(&self) -> bool {
        let behind = ["L", "R", "N", "M", "B", "H", "F", "V", "W", " "];
        self.begins(&["VAN ", "VON ", "SCH"])
            || self.has(-2, &["ORCHES", "ARCHIT", "ORCHID"])
            || self.has(2, &["T", "S"])
            || (self.at == 0 || self.has(-1, &["A", "O", "U", "E"]))
                && (self.has(2, &behind) || self.is_last(1))
    }

    fn d(&mut self) -> usize {
        if self.has(0, &["DGI", "DGE", "DGY"]) {
            self.put("J");
            return 3;
        }
        if self.has(0, &["DG"]) {
            self.put("TK");
            return 2;
        }
        self.put("T");
        self.with(&["T", "D"])
    }

    fn g(&mut self) -> usize {
        if self.near(1) == Some('H') {
            return self.gh();
        }
        if self.near(1) == Some('N') {
            if self.at == 1 && self.is_vowel(-1) && !self.is_slavic {
                self.put_both("KN", "N");
            } else if !self.has(2, &["EY"]) && !self.is_slavic {
                self.put_both("N", "KN");
            } else {
                self.put("KN");
            }
            return 2;
        }
        let beginnings = ["Y", "ES", "EP", "EB", "EL", "EY", "IB", "IL", "IN", "IE", "EI", "ER"];
        if self.has(1, &["LI"]) && !self.is_slavic {
            self.put_both("KL", "L");
        } else if self.at == 0 && self.has(1, &beginnings) || self.is_ger_or_gy() {
            self.put_both("K", "J");
        } else if self.has(1, &["E", "I", "Y"]) || self.has(-1, &["AGGI", "OGGI"]) {
            if self.begins(&["VAN ", "VON ", "SCH"]) || self.has(1, &["ET"]) {
                self.put("K");
            } else if self.has(1, &["IER"]) {
                self.put("J");
            } else {
                self.put_both("J", "K");
            }
        } else {
            self.put("K");
            return self.with(&["G"]);
        }
        2
    }

    fn is_ger_or_gy(&self) -> bool {
        self.has(1, &["ER", "Y"])
            && !self.begins(&["DANGER", "RANGER", "MANGER"])
            && !self.has(-1, &["E", "I", "RGY", "OGY"])
    }

    fn gh(&mut self) -> usize {
        if self.at > 0 && !self.is_vowel(-1) {
            // Commons Codec 1.16 does not go on behind it, and says so until the code is full.
            self.put(&"K".repeat(self.length));
        } else if self.at == 0 {
            self.put(if self.near(2) == Some('I') { "J" } else { "K" });
        } else if self.has(-2, &["B", "H", "D"])
            || self.has(-3, &["B", "H", "D"])
            || self.has(-4, &["B", "H"])
        {
            // As in "hugh": it has no sound.
        } else if self.near(-1) == Some('U') && self.has(-3, &["C", "G", "L", "R", "T"]) {
            self.put("F");
        } else if self.near(-1) != Some('I') {
            self.put("K");
        }
        2
    }

    fn j(&mut self) -> usize {
        let is_san = self.begins(&["SAN "]);
        if self.has(0, &["JOSE"]) || is_san {
            let is_alone = self.at == 0 && self.near(4) == Some(' ') || self.text.len() == 4;
            self.put_both(if is_alone || is_san { "H" } else { "J" }, "H");
            return 1;
        }
        if self.at == 0 {
            self.put_both("J", "A");
        } else if self.is_vowel(-1) && !self.is_slavic && self.has(1, &["A", "O"]) {
            self.put_both("J", "H");
        } else if self.is_last(0) {
            self.put_both("J", " ");
        } else if !self.has(1, &["L", "T", "K", "S", "N", "M", "B", "Z"])
            && !self.has(-1, &["S", "K", "L"])
        {
            self.put("J");
        }
        self.with(&["J"])
    }

    fn l(&mut self) -> usize {
        if self.near(1) != Some('L') {
            self.put("L");
            return 1;
        }
        let ends = |texts: &[&str], length: usize| {
            self.text.len().checked_sub(length).is_some_and(|at| self.is_at(at, texts))
        };
        let is_spanish = self.is_last(2) && self.has(-1, &["ILLO", "ILLA", "ALLE"])
            || (ends(&["AS", "OS"], 2) || ends(&["A", "O"], 1)) && self.has(-1, &["ALLE"]);
        self.put_both("L", if is_spanish { "" } else { "L" });
        2
    }

    fn r(&mut self) -> usize {
        let is_french = self.is_last(0)
            && !self.is_slavic
            && self.has(-2, &["IE"])
            && !self.has(-4, &["ME", "MA"]);
        self.put_both(if is_french { "" } else { "R" }, "R");
        self.with(&["R"])
    }

    fn s(&mut self) -> usize {
        if self.has(-1, &["ISL", "YSL"]) {
            return 1;
        }
        if self.at == 0 && self.has(0, &["SUGAR"]) {
            self.put_both("X", "S");
            return 1;
        }
        if self.has(0, &["SH"]) {
            let is_germanic = self.has(1, &["HEIM", "HOEK", "HOLM", "HOLZ"]);
            self.put(if is_germanic { "S" } else { "X" });
            return 2;
        }
        if self.has(0, &["SIO", "SIA"]) {
            self.put_both("S", if self.is_slavic { "S" } else { "X" });
            return 3;
        }
        if self.at == 0 && self.has(1, &["M", "N", "L", "W"]) || self.has(1, &["Z"]) {
            self.put_both("S", "X");
            return self.with(&["Z"]);
        }
        if self.has(0, &["SC"]) {
            return self.sc();
        }
        let is_french = self.is_last(0) && self.has(-2, &["AI", "OI"]);
        self.put_both(if is_french { "" } else { "S" }, "S");
        self.with(&["S", "Z"])
    }

    fn sc(&mut self) -> usize {
        if self.near(2) == Some('H') {
            if self.has(3, &["ER", "EN"]) {
                self.put_both("X", "SK");
            } else if self.has(3, &["OO", "UY", "ED", "EM"]) {
                self.put("SK");
            } else if self.at == 0 && !self.is_vowel(3) && self.near(3) != Some('W') {
                self.put_both("X", "S");
            } else {
                self.put("X");
            }
        } else if self.has(2, &["I", "E", "Y"]) {
            self.put("S");
        } else {
            self.put("SK");
        }
        3
    }

    fn t(&mut self) -> usize {
        if self.has(0, &["TION", "TIA", "TCH"]) {
            self.put("X");
            return 3;
        }
        if self.has(0, &["TH", "TTH"]) {
            let is_hard = self.has(2, &["OM", "AM"]) || self.begins(&["VAN ", "VON ", "SCH"]);
            self.put_both(if is_hard { "T" } else { "0" }, "T");
            return 2;
        }
        self.put("T");
        self.with(&["T", "D"])
    }

    fn w(&mut self) -> usize {
        if self.has(0, &["WR"]) {
            self.put("R");
            return 2;
        }
        if self.at == 0 && (self.is_vowel(1) || self.has(0, &["WH"])) {
            self.put_both("A", if self.is_vowel(1) { "F" } else { "A" });
        } else if self.is_last(0) && self.is_vowel(-1)
            || self.has(-1, &["EWSKI", "EWSKY", "OWSKI", "OWSKY"])
            || self.begins(&["SCH"])
        {
            self.put_both("", "F");
        } else if self.has(0, &["WICZ", "WITZ"]) {
            self.put_both("TS", "FX");
            return 4;
        }
        1
    }

    fn x(&mut self) -> usize {
        if self.at == 0 {
            self.put("S");
            return 1;
        }
        let is_french =
            self.is_last(0) && (self.has(-3, &["IAU", "EAU"]) || self.has(-2, &["AU", "OU"]));
        if !is_french {
            self.put("KS");
        }
        self.with(&["C", "X"])
    }

    fn z(&mut self) -> usize {
        if self.near(1) == Some('H') {
            self.put("J");
            return 2;
        }
        let is_slavic = self.is_slavic && self.at > 0 && self.near(-1) != Some('T');
        let is_ts = self.has(1, &["ZO", "ZI", "ZA"]) || is_slavic;
        self.put_both("S", if is_ts { "TS" } else { "S" });
        self.with(&["Z"])
    }
}

//! The words of a dictionary that MeCab compiled (`sys.dic`, `unk.dic`, `matrix.bin`, `char.bin`), in memory. Source: MeCab
//! 0.996, `dictionary.cpp`, `connector.cpp` and `char_property.cpp`; the trie is Taku Kudo's Darts.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use super::characters::CharacterClasses;

/// What MeCab's dictionaries say of a word of theirs: connections, cost, part of speech, and where its text is.
#[derive(Clone, Copy, Debug)]
pub(in crate::analysis) struct LexiconEntry {
    pub(super) left: u16,
    pub(super) right: u16,
    pub(super) cost: i16,
    /// The place of its part of speech in [`Lexicon::speech`].
    speech: u16,
    /// Where its base form begins in [`Lexicon::texts`].
    text: u32,
}

/// A part of speech.
#[derive(Debug, Default)]
pub(in crate::analysis) struct Speech {
    /// Its levels, with hyphens between them, as Lucene names it.
    pub(in crate::analysis) name: String,
    pub(in crate::analysis) inflection_type: Option<String>,
    pub(in crate::analysis) inflection_form: Option<String>,
}

/// A dictionary in memory.
#[derive(Debug)]
pub(in crate::analysis) struct Lexicon {
    /// Darts' units: base and check of each, four bytes both.
    trie: Vec<u8>,
    entries: Vec<LexiconEntry>,
    /// What stands for words that the dictionary does not have, by class of characters.
    unknown: Vec<Vec<LexiconEntry>>,
    /// Base form, reading and pronunciation of each entry, with a zero behind each.
    texts: Vec<u8>,
    speech: Vec<Speech>,
    pub(super) characters: CharacterClasses,
    /// Costs of a word behind another, the right one in a row.
    costs: Vec<i16>,
    /// How many connections there are on the left.
    lefts: usize,
}

/// Words that begin at a place: their first entry and how many there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) first: u32,
    pub(super) count: u32,
}

/// The magic of MeCab's dictionaries, by which the length of a file is hidden in its first number.
const MAGIC: u32 = 0xEF71_8F77;

/// The version of the format.
const VERSION: u32 = 102;

/// Bytes of the head of a dictionary: ten numbers and the name of an encoding.
const HEAD: usize = 72;

/// Bytes of an entry in a file.
const ENTRY: usize = 16;

impl Lexicon {
    /// Looks at the heads of the files in `folder`.
    ///
    /// # Errors
    /// The file that is missing or not what it should be.
    pub(super) fn check(folder: &Path) -> Result<(), String> {
        for name in ["sys.dic", "unk.dic"] {
            let path = folder.join(name);
            let shown = path.display();
            let failed = |error: std::io::Error| format!("{shown}: {error}");
            let file = std::fs::File::open(&path).map_err(failed)?;
            let length = file.metadata().map_err(failed)?.len();
            let mut head = Vec::new();
            file.take(HEAD as u64).read_to_end(&mut head).map_err(failed)?;
            Head::read(&head, length).map_err(|what| format!("{shown}: {what}"))?;
        }
        for name in ["matrix.bin", "char.bin"] {
            let path = folder.join(name);
            std::fs::metadata(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(())
    }

    /// Reads the files in `folder`.
    ///
    /// # Errors
    /// The file that is missing or not what it should be.
    pub(super) fn read(folder: &Path) -> Result<Lexicon, String> {
        let bytes = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
        };
        let wrong =
            |name: &str| format!("{}: is not what MeCab compiles", folder.join(name).display());
        let mut texts = LexiconTexts::default();
        let system =
            read_dictionary(&bytes("sys.dic")?, &mut texts).ok_or_else(|| wrong("sys.dic"))?;
        let unknown =
            read_dictionary(&bytes("unk.dic")?, &mut texts).ok_or_else(|| wrong("unk.dic"))?;
        let (characters, names) =
            CharacterClasses::read(&bytes("char.bin")?).ok_or_else(|| wrong("char.bin"))?;
        let (lefts, costs) =
            read_matrix(&bytes("matrix.bin")?).ok_or_else(|| wrong("matrix.bin"))?;
        let entries_of = |name: &String| -> Vec<LexiconEntry> {
            let node = name.bytes().try_fold(ROOT, |node, byte| step(&unknown.trie, node, byte));
            let found = node.and_then(|node| found(&unknown.trie, node));
            found.map(|found| of(&unknown.entries, found).to_vec()).unwrap_or_default()
        };
        Ok(Lexicon {
            unknown: names.iter().map(entries_of).collect(),
            trie: system.trie,
            entries: system.entries,
            texts: texts.bytes,
            speech: texts.speech,
            characters,
            costs,
            lefts,
        })
    }

    /// The node that the trie begins with.
    pub(super) fn root() -> u32 {
        ROOT
    }

    /// The node behind `node` by the letter `letter`.
    pub(super) fn step(&self, node: u32, letter: char) -> Option<u32> {
        let mut bytes = [0; 4];
        let letter = match letter {
            JAVAS_DASH => MECABS_DASH,
            MECABS_DASH => return None,
            letter => letter,
        };
        let letter = letter.encode_utf8(&mut bytes);
        letter.bytes().try_fold(node, |node, byte| step(&self.trie, node, byte))
    }

    /// The words that end at `node`.
    pub(super) fn found(&self, node: u32) -> Option<Found> {
        found(&self.trie, node)
    }

    pub(super) fn entry(&self, at: u32) -> Option<&LexiconEntry> {
        self.entries.get(at as usize)
    }

    /// What a word of characters of `class` may be that the dictionary does not have.
    pub(super) fn unknown(&self, class: u8) -> &[LexiconEntry] {
        self.unknown.get(usize::from(class)).map_or(&[], Vec::as_slice)
    }

    /// What it costs that a word with `left` stands behind one with `right`.
    pub(super) fn connection(&self, right: u16, left: u16) -> i32 {
        let at = usize::from(right) + self.lefts * usize::from(left);
        self.costs.get(at).copied().unwrap_or_default().into()
    }

    pub(super) fn speech(&self, entry: &LexiconEntry) -> Option<&Speech> {
        self.speech.get(usize::from(entry.speech))
    }

    /// The base form, the reading and the pronunciation of an entry; empty where it has none.
    pub(super) fn texts(&self, entry: &LexiconEntry) -> [&str; 3] {
        let rest = self.texts.get(entry.text as usize..).unwrap_or_default();
        let mut parts = rest.split(|byte| *byte == 0);
        [(); 3].map(|()| {
            parts.next().and_then(|part| std::str::from_utf8(part).ok()).unwrap_or_default()
        })
    }
}

/// The dash of EUC-JP, in which IPADIC is written, as Java reads it and as MeCab does: Lucene's dictionary has the first.
const JAVAS_DASH: char = '\u{2014}';
const MECABS_DASH: char = '\u{2015}';

/// What stands at the head of a dictionary.
struct Head {
    trie: usize,
    entries: usize,
    texts: usize,
}

impl Head {
    /// The head that `bytes` begin with, of a file of `length` bytes.
    fn read(bytes: &[u8], length: u64) -> Result<Head, String> {
        let number = |at: usize| u32_at(bytes, at);
        let (Some(magic), Some(version)) = (number(0), number(1)) else {
            return Err("is too short to be a dictionary of MeCab".to_owned());
        };
        if u64::from(magic ^ MAGIC) != length {
            return Err("is not a dictionary of MeCab, or not all of one".to_owned());
        }
        if version != VERSION {
            return Err(format!("is of version {version} of MeCab's format, expected {VERSION}"));
        }
        let encoding = bytes.get(40..HEAD).unwrap_or_default();
        let encoding: Vec<u8> = encoding.iter().copied().take_while(|byte| *byte != 0).collect();
        if !encoding.eq_ignore_ascii_case(b"utf-8") && !encoding.eq_ignore_ascii_case(b"utf8") {
            let encoding = String::from_utf8_lossy(&encoding);
            return Err(format!("is in the encoding {encoding}, expected UTF-8"));
        }
        let size = |at: usize| number(at).map_or(0, |size| size as usize);
        Ok(Head { trie: size(6), entries: size(7), texts: size(8) })
    }
}

/// A dictionary of a file.
struct FileDictionary {
    trie: Vec<u8>,
    entries: Vec<LexiconEntry>,
}

/// The texts and parts of speech of all entries.
#[derive(Default)]
struct LexiconTexts {
    bytes: Vec<u8>,
    speech: Vec<Speech>,
    /// The place of each in `speech`, by its columns.
    known: HashMap<Vec<u8>, u16>,
}

impl LexiconTexts {
    /// Takes a feature in: the place of its part of speech, and where its text is.
    fn take(&mut self, feature: &[u8]) -> Option<(u16, u32)> {
        let columns: Vec<&[u8]> = feature.split(|byte| *byte == b',').collect();
        let speech = columns.get(..6)?;
        let length = speech.iter().map(|column| column.len() + 1).sum::<usize>() - 1;
        let key = feature.get(..length)?;
        let place = match self.known.get(key) {
            Some(place) => *place,
            None => {
                let place = u16::try_from(self.speech.len()).ok()?;
                self.known.insert(key.to_vec(), place);
                self.speech.push(speech_of(speech)?);
                place
            }
        };
        let text = u32::try_from(self.bytes.len()).ok()?;
        for at in 6..9 {
            let column = columns.get(at).copied().filter(|column| *column != b"*");
            let column = std::str::from_utf8(column.unwrap_or_default()).ok()?;
            let letters = column.chars().map(|c| if c == MECABS_DASH { JAVAS_DASH } else { c });
            self.bytes.extend(letters.collect::<String>().into_bytes());
            self.bytes.push(0);
        }
        Some((place, text))
    }
}

/// The part of speech of these six columns.
fn speech_of(columns: &[&[u8]]) -> Option<Speech> {
    let mut columns = columns.iter().map(|column| std::str::from_utf8(column).ok());
    let mut next = || columns.next().flatten();
    let levels = [next()?, next()?, next()?, next()?];
    let name: Vec<&str> = levels.into_iter().filter(|level| *level != "*").collect();
    let own = |column: &str| (column != "*").then(|| column.to_owned());
    Some(Speech {
        name: name.join("-"),
        inflection_type: own(next()?),
        inflection_form: own(next()?),
    })
}

fn read_dictionary(bytes: &[u8], texts: &mut LexiconTexts) -> Option<FileDictionary> {
    let head = Head::read(bytes, bytes.len() as u64).ok()?;
    let rest = bytes.get(HEAD..)?;
    let (trie, rest) = rest.split_at_checked(head.trie)?;
    let (rows, rest) = rest.split_at_checked(head.entries)?;
    let features = rest.get(..head.texts)?;
    let mut entries = Vec::with_capacity(rows.len() / ENTRY);
    for row in rows.chunks_exact(ENTRY) {
        let number = |at: usize| row.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes);
        let feature = features.get(u32_at(row, 2)? as usize..)?;
        let end = feature.iter().position(|byte| *byte == 0).unwrap_or(feature.len());
        let (speech, text) = texts.take(feature.get(..end)?)?;
        let (left, right, cost) = (number(0)?, number(2)?, number(6)?.cast_signed());
        entries.push(LexiconEntry { left, right, cost, speech, text });
    }
    Some(FileDictionary { trie: trie.to_vec(), entries })
}

/// How many connections there are on the left, and the costs.
fn read_matrix(bytes: &[u8]) -> Option<(usize, Vec<i16>)> {
    let mut numbers = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok());
    let lefts: [u8; 2] = numbers.next()?;
    let rights: [u8; 2] = numbers.next()?;
    let (lefts, rights) = (u16::from_le_bytes(lefts), u16::from_le_bytes(rights));
    let costs: Vec<i16> = numbers.map(i16::from_le_bytes).collect();
    let (lefts, rights) = (usize::from(lefts), usize::from(rights));
    (costs.len() == lefts * rights).then_some((lefts, costs))
}

/// The number at place `at` of four bytes each.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let start = at.checked_mul(4)?;
    Some(u32::from_le_bytes(bytes.get(start..start + 4)?.try_into().ok()?))
}

/// The base and the check of a unit of Darts.
fn unit(trie: &[u8], at: u32) -> Option<(i32, u32)> {
    let at = (at as usize).checked_mul(2)?;
    Some((u32_at(trie, at)?.cast_signed(), u32_at(trie, at + 1)?))
}

/// The base of Darts' first unit is always 1.
const ROOT: u32 = 1;

/// The base behind `base` by `byte`.
fn step(trie: &[u8], base: u32, byte: u8) -> Option<u32> {
    let (next, check) = unit(trie, base.checked_add(u32::from(byte) + 1)?)?;
    (check == base).then_some(next.cast_unsigned())
}

/// What ends at `base`.
fn found(trie: &[u8], base: u32) -> Option<Found> {
    let (value, check) = unit(trie, base)?;
    let value = (check == base && value < 0).then(|| (-1 - value).cast_unsigned())?;
    Some(Found { first: value >> 8, count: value & 0xFF })
}

fn of(entries: &[LexiconEntry], found: Found) -> &[LexiconEntry] {
    let first = found.first as usize;
    entries.get(first..first + found.count as usize).unwrap_or_default()
}

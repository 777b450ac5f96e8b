//! `caverphone1` and `caverphone2`, made for the names on the electoral rolls of southern Dunedin: a list of replacements, one
//! after the other.

/// What is replaced, where (`^`: at the beginning, `$`: at the end), and by what. `+`: as often as it stands there in a row;
/// `V`: any vowel.
type Replacement = (&'static str, &'static str);

const BEGINNING: &[Replacement] =
    &[("^cough", "cou2f"), ("^rough", "rou2f"), ("^tough", "tou2f"), ("^enough", "enou2f")];

const SOUNDS: &[Replacement] = &[
    ("^gn", "2n"),
    ("mb$", "m2"),
    ("cq", "2q"),
    ("ci", "si"),
    ("ce", "se"),
    ("cy", "sy"),
    ("tch", "2ch"),
    ("c", "k"),
    ("q", "k"),
    ("x", "k"),
    ("v", "f"),
    ("dg", "2g"),
    ("tio", "sio"),
    ("tia", "sia"),
    ("d", "t"),
    ("ph", "fh"),
    ("b", "p"),
    ("sh", "s2"),
    ("z", "s"),
    ("^V", "A"),
    ("V", "3"),
];

const ROWS: &[Replacement] = &[
    ("3gh3", "3kh3"),
    ("gh", "22"),
    ("g", "k"),
    ("s+", "S"),
    ("t+", "T"),
    ("p+", "P"),
    ("k+", "K"),
    ("f+", "F"),
    ("m+", "M"),
    ("n+", "N"),
    ("w3", "W3"),
];

const FIRST_END: &[Replacement] = &[
    ("wy", "Wy"),
    ("wh3", "Wh3"),
    ("why", "Why"),
    ("w", "2"),
    ("^h", "A"),
    ("h", "2"),
    ("r3", "R3"),
    ("ry", "Ry"),
    ("r", "2"),
    ("l3", "L3"),
    ("ly", "Ly"),
    ("l", "2"),
    ("j", "y"),
    ("y3", "Y3"),
    ("y", "2"),
    ("2", ""),
    ("3", ""),
];

const SECOND_MIDDLE: &[Replacement] = &[("j", "y"), ("^y3", "Y3"), ("^y", "A"), ("y", "3")];

const SECOND_END: &[Replacement] = &[
    ("wh3", "Wh3"),
    ("w$", "3"),
    ("w", "2"),
    ("^h", "A"),
    ("h", "2"),
    ("r3", "R3"),
    ("r$", "3"),
    ("r", "2"),
    ("l3", "L3"),
    ("l$", "3"),
    ("l", "2"),
    ("2", ""),
    ("3$", "A"),
    ("3", ""),
];

/// `Caverphone1`: six characters.
pub(crate) fn caverphone_1(word: &str) -> String {
    if word.is_empty() {
        return "111111".to_owned();
    }
    let steps = [BEGINNING, SOUNDS, ROWS, FIRST_END].concat();
    padded(steps.iter().fold(lowercase(word), replaced), 6)
}

/// `Caverphone2`: ten characters.
pub(crate) fn caverphone_2(word: &str) -> String {
    if word.is_empty() {
        return "1111111111".to_owned();
    }
    let steps = [
        &[("e$", "")],
        BEGINNING,
        &[("^trough", "trou2f")],
        SOUNDS,
        SECOND_MIDDLE,
        ROWS,
        SECOND_END,
    ]
    .concat();
    padded(steps.iter().fold(lowercase(word), replaced), 10)
}

/// The letters a to z of a word.
fn lowercase(word: &str) -> String {
    word.to_lowercase().chars().filter(char::is_ascii_lowercase).collect()
}

fn padded(code: String, length: usize) -> String {
    code.chars().chain(std::iter::repeat('1')).take(length).collect()
}

fn replaced(text: String, (from, to): &Replacement) -> String {
    let vowels = ['a', 'e', 'i', 'o', 'u'];
    if let Some(start) = from.strip_prefix('^') {
        let rest = match start {
            "V" => text.strip_prefix(vowels),
            start => text.strip_prefix(start),
        };
        return rest.map(|rest| format!("{to}{rest}")).unwrap_or(text);
    }
    if let Some(end) = from.strip_suffix('$') {
        let rest = text.strip_suffix(end).map(|rest| format!("{rest}{to}"));
        return rest.unwrap_or(text);
    }
    if *from == "V" {
        return text.replace(vowels, to);
    }
    let Some(repeated) = from.strip_suffix('+') else { return text.replace(from, to) };
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, behind)) = rest.split_once(repeated) {
        out.push_str(before);
        out.push_str(to);
        rest = behind.trim_start_matches(repeated);
    }
    out + rest
}

//! The stop words of languages, by the names that settings give them (`_french_`). They are those of Lucene 8's analyzers:
//! lists of the Snowball project and of Jacques Savoy (NOTICE).

/// The words of `name`; `None`: there is no such list.
pub(super) fn named(name: &str) -> Option<Vec<String>> {
    if name == "_none_" {
        return Some(Vec::new());
    }
    let (_, words) = LISTS.iter().find(|(known, _)| *known == name)?;
    Some(words.lines().map(str::to_owned).collect())
}

macro_rules! lists {
    ($($name:literal)*) => {
        &[$((concat!("_", $name, "_"), include_str!(concat!("words/", $name, ".txt")))),*]
    };
}

const LISTS: &[(&str, &str)] = lists! {
    "arabic" "armenian" "basque" "bengali" "brazilian" "bulgarian" "catalan" "cjk" "czech" "danish" "dutch" "english"
    "estonian" "finnish" "french" "galician" "german" "greek" "hindi" "hungarian" "indonesian" "irish" "italian"
    "japanese" "latvian" "lithuanian" "norwegian" "persian" "portuguese" "romanian" "russian" "sorani" "spanish" "swedish"
    "thai" "turkish"
};

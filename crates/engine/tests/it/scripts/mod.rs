//! Cases of scripts.

mod asked_last;
mod documents;
mod errors;
mod execute;
mod expressions;
mod language;
mod library;
mod stored;
mod templates;
mod times;
mod updates;

/// What a script gives: `gives!("1 + 1")`.
macro_rules! gives {
    ($($source:literal),+ $(; differs: $why:literal)? $(,)?) => {
        crate::cases::asks!(
            crate::cases::Setup::nothing(),
            $("POST /_scripts/painless/_execute" => {"script": {"source": $source, "params": {
                "n": 7, "text": "Hello World", "list": [3, 1, 2], "map": {"b": 1, "a": {"c": [1, 2]}}, "none": null,
                "big": 5000000000i64, "half": 0.5,
            }}}),+ $(; differs: $why)?
        )
    };
}

use gives;

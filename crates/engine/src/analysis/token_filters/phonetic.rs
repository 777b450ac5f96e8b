//! `phonetic`: what a token sounds like, in its place or beside it. Source: the plugin `analysis-phonetic` of OpenSearch 2.19,
//! which Amazon's service has (`PhoneticTokenFilterFactory`), with Lucene's `PhoneticFilter` and `DoubleMetaphoneFilter`.

use std::sync::Arc;

use crate::analysis::Token;
use crate::analysis::part_settings::PartSettings;
use crate::analysis::phonetic;
use crate::analysis::steps::TokenFilter;
use crate::exception::Exception;
use crate::work::Cancel;

/// Most characters that a code of `double_metaphone` may be asked to have.
const CODE_LENGTH_MAX: usize = 1000;

/// What makes a code of a word; `None` where there is none.
type Encoder = fn(&str) -> Option<String>;

/// A code for each token.
#[derive(Debug)]
struct Phonetic {
    encoder: Encoder,
    replace: bool,
}

/// Two codes for each token.
#[derive(Debug)]
struct DoubleMetaphone {
    length: usize,
    replace: bool,
}

pub(super) fn parse(settings: &PartSettings<'_>) -> Result<Arc<dyn TokenFilter>, Exception> {
    settings.only(&[
        "encoder",
        "replace",
        "max_code_len",
        "languageset",
        "rule_type",
        "name_type",
    ])?;
    let replace = settings.flag("replace", true)?;
    let name = settings.text("encoder").unwrap_or("metaphone");
    let encoder: Encoder = match name.to_lowercase().as_str() {
        "metaphone" => |word| Some(phonetic::metaphone(word)),
        "soundex" => phonetic::soundex,
        "refined_soundex" | "refinedsoundex" => |word| Some(phonetic::refined_soundex(word)),
        "caverphone1" => |word| Some(phonetic::caverphone_1(word)),
        "caverphone2" | "caverphone" => |word| Some(phonetic::caverphone_2(word)),
        "cologne" => |word| Some(phonetic::cologne(word)),
        "nysiis" => |word| Some(phonetic::nysiis(word)),
        "double_metaphone" | "doublemetaphone" => {
            let length = settings.count("max_code_len", 4)?;
            if length > CODE_LENGTH_MAX {
                return Err(settings.refuse(format!(
                    "[max_code_len] must be at most [{CODE_LENGTH_MAX}], got [{length}]"
                )));
            }
            return Ok(Arc::new(DoubleMetaphone { length, replace }));
        }
        "daitch_mokotoff" => return Ok(Arc::new(DaitchMokotoff { replace })),
        "bm" | "beider_morse" | "beidermorse" | "koelnerphonetik" | "haasephonetik" => {
            return Err(Exception::not_implemented(&format!(
                "the encoder [{name}] of the phonetic token filter [{}]",
                settings.name()
            )));
        }
        _ => {
            return Err(Exception::illegal_argument(format!(
                "unknown encoder [{name}] for phonetic token filter"
            )));
        }
    };
    Ok(Arc::new(Phonetic { encoder, replace }))
}

/// The Daitch-Mokotoff codes of each token.
#[derive(Debug)]
struct DaitchMokotoff {
    replace: bool,
}

impl TokenFilter for Phonetic {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        let mut out = Vec::with_capacity(tokens.len());
        for token in tokens {
            if cancel.is_cancelled() {
                break;
            }
            let code = (self.encoder)(&token.text);
            let code = code.filter(|code| !code.is_empty() && *code != token.text);
            let stays = code.is_none() || !self.replace;
            out.extend(code.map(|text| Token { text, ..token.clone() }));
            if stays {
                out.push(token);
            }
        }
        out
    }
}

impl TokenFilter for DoubleMetaphone {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        let mut out = Vec::with_capacity(tokens.len());
        for token in tokens {
            if cancel.is_cancelled() {
                break;
            }
            let [first, second] = phonetic::double_metaphone(&token.text, self.length);
            let is_coded = first != token.text;
            let other = Some(&second).filter(|second| is_coded && **second != first);
            let codes = [Some(&first).filter(|_| is_coded), other];
            let mut codes = codes.into_iter().flatten().filter(|code| !code.is_empty()).peekable();
            if !self.replace || codes.peek().is_none() {
                out.push(token.clone());
            }
            out.extend(codes.map(|code| Token { text: code.clone(), ..token.clone() }));
        }
        out
    }
}

impl TokenFilter for DaitchMokotoff {
    fn apply(&self, tokens: Vec<Token>, cancel: &Cancel) -> Vec<Token> {
        let mut out = Vec::with_capacity(tokens.len());
        for token in tokens {
            if cancel.is_cancelled() {
                break;
            }
            let codes = phonetic::daitch_mokotoff(&token.text, cancel);
            let codes: Vec<Token> =
                codes.into_iter().map(|text| Token { text, ..token.clone() }).collect();
            if !self.replace {
                out.push(token);
            }
            out.extend(codes);
        }
        out
    }
}

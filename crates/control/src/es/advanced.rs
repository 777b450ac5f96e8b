//! Our own settings of a domain, among Amazon's `AdvancedOptions`: that map of texts is the one place where every
//! client of the API (CLI, SDKs, Terraform) can say something that Amazon's model does not know.
//!
//! `AdvancedOptions` is set as a whole, as at Amazon: a setting that it does not name has the operator's default
//! (`domain_defaults` of the settings).

use serde_json::Value;

use crate::err::{ApiError, ErrorCode};
use crate::store::record::{DomainExtras, DomainMode, EXPLICIT_INDEX};

/// What our names begin with.
const PREFIX: &str = "countersign.";

/// The settings, by the name behind the prefix, with what each may be.
const SETTINGS: [(&str, &str); 6] = [
    ("authorization", "strict or aws"),
    ("basic_authentication", "true or false"),
    ("replay_cache", "true or false"),
    ("signature_diagnostics", "true or false"),
    ("signature_forms", "a list of aws, raw-query, plus-literal and raw-path, joined by commas"),
    ("unsigned_payload", "true or false"),
];

/// The domain's settings after `AdvancedOptions` were set: the operator's defaults and what is named.
///
/// # Errors
/// `ValidationException` for a name of ours that does not exist, or a value it cannot have.
pub(super) fn read(defaults: &DomainExtras, options: &Value) -> Result<DomainExtras, ApiError> {
    let mut extras = defaults.clone();
    for (name, value) in options.as_object().into_iter().flatten() {
        if name == EXPLICIT_INDEX && !matches!(value.as_str(), Some("true" | "false")) {
            return refused(format!("AdvancedOptions: {name} must be true or false, got {value}"));
        }
        let Some(setting) = name.strip_prefix(PREFIX) else { continue };
        let Some((_, expected)) = SETTINGS.iter().find(|(known, _)| *known == setting) else {
            let known: Vec<String> =
                SETTINGS.iter().map(|(name, _)| format!("{PREFIX}{name}")).collect();
            return refused(format!(
                "AdvancedOptions has no setting '{name}': there are {}",
                known.join(", ")
            ));
        };
        let text = value.as_str().unwrap_or_default();
        if set(&mut extras, setting, text).is_none() {
            return refused(format!("AdvancedOptions: {name} must be {expected}, got '{text}'"));
        }
    }
    Ok(extras)
}

fn set(extras: &mut DomainExtras, setting: &str, text: &str) -> Option<()> {
    match setting {
        "authorization" => {
            extras.mode = match text {
                "strict" => DomainMode::Strict,
                "aws" => DomainMode::Aws,
                _ => return None,
            }
        }
        "basic_authentication" => extras.basic_authentication = text.parse().ok()?,
        "replay_cache" => extras.replay_cache = text.parse().ok()?,
        "signature_diagnostics" => extras.signature_diagnostics = text.parse().ok()?,
        "signature_forms" => {
            let forms: Result<Vec<sigv4::Form>, _> = text.split(',').map(str::parse).collect();
            extras.signature_forms =
                forms.ok()?.iter().map(|form| form.as_str().to_owned()).collect();
        }
        "unsigned_payload" => extras.unsigned_payload = text.parse().ok()?,
        _ => return None,
    }
    Some(())
}

fn refused<T>(text: String) -> Result<T, ApiError> {
    Err(ApiError::new(ErrorCode::Validation, text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_named_is_set_and_the_rest_is_the_operators_default() {
        let defaults = DomainExtras { signature_diagnostics: true, ..DomainExtras::default() };
        let given = json!({"countersign.signature_forms": "aws,plus-literal", "other": "kept"});
        let extras = read(&defaults, &given).unwrap();
        assert_eq!(extras.signature_forms, ["aws", "plus-literal"]);
        assert!(extras.signature_diagnostics);
    }

    #[test]
    fn every_setting_of_the_table_can_be_set() {
        for (name, expected) in SETTINGS {
            let value = expected
                .split(' ')
                .find(|word| ["true", "aws", "strict", "aws,"].contains(word))
                .unwrap();
            let given = json!({format!("{PREFIX}{name}"): value.trim_end_matches(',')});
            assert!(read(&DomainExtras::default(), &given).is_ok(), "{name}");
        }
    }

    #[test]
    fn an_option_that_promises_protection_is_true_or_false() {
        for (value, good) in [("true", true), ("false", true), ("maybe", false), ("False", false)] {
            let given = json!({EXPLICIT_INDEX: value});
            assert_eq!(read(&DomainExtras::default(), &given).is_ok(), good, "{value}");
        }
    }

    #[test]
    fn an_unknown_setting_is_refused_with_the_known_ones() {
        let error =
            read(&DomainExtras::default(), &json!({"countersign.replay": "true"})).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("no setting 'countersign.replay': there are countersign.authorization"),
            "{error}"
        );
    }

    #[test]
    fn a_value_that_a_setting_cannot_have_is_refused() {
        for (name, value) in
            [("unsigned_payload", "yes"), ("signature_forms", ""), ("authorization", "off")]
        {
            let given = json!({format!("{PREFIX}{name}"): value});
            let error = read(&DomainExtras::default(), &given).unwrap_err().to_string();
            assert!(error.contains(&format!("countersign.{name} must be ")), "{error}");
        }
    }
}

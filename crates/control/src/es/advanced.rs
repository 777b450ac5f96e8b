//! A domain's options among Amazon's `AdvancedOptions`: Amazon's own, and ours, whose names begin with `countersign.`. That
//! map of texts is the one place where every client of the API (CLI, SDKs, Terraform) can say something that Amazon's model
//! does not know.
//!
//! [`OPTIONS`] is the one table; `docs/reference/domain-options.md` is generated from it. `AdvancedOptions` is set as a
//! whole, as at Amazon: an option that it does not name has its default, which for some of ours is the operator's
//! (`domain_defaults` of the settings).

use serde_json::Value;

use crate::err::{ApiError, ErrorCode};
use crate::store::record::{
    Domain, DomainExtras, DomainMode, EXPLICIT_INDEX, OVERRIDE_MAIN_RESPONSE_VERSION,
};

/// One option of a domain.
pub struct DomainOption {
    /// Its name in `AdvancedOptions`.
    pub name: &'static str,
    /// What it may be, for people.
    pub values: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Only domains of these engines have it: what their version begins with. None: all have it.
    pub engines: &'static [&'static str],
    /// Takes a text over; `None` for one that the option cannot be. Of Amazon's own the text itself is what is kept.
    set: fn(&mut DomainExtras, &str) -> Option<()>,
    /// What the option is for a domain.
    read: fn(&Domain) -> String,
}

impl DomainOption {
    /// What the option is for `domain`, as it would be set.
    pub fn of(&self, domain: &Domain) -> String {
        (self.read)(domain)
    }
}

/// Every option, in the order of their names.
pub const OPTIONS: &[DomainOption] = &[
    DomainOption {
        name: "countersign.audit_index",
        values: "`true` or `false`",
        doc: "Whether the audit records of requests to the domain are also written to an index of it \
              ([how](../operating/serve.md#other-places-for-the-audit)).",
        engines: &[],
        set: |extras, text| flag(&mut extras.audit_index, text),
        read: |domain| domain.extras.audit_index.to_string(),
    },
    DomainOption {
        name: "countersign.authorization",
        values: "`strict` or `aws`",
        doc: "What a request needs permission for: everything it touches, each item of a body included (`strict`), or \
              only its URL, as at Amazon (`aws`). Default for new domains: the setting `domain_defaults.authorization`.",
        engines: &[],
        set: |extras, text| {
            extras.mode = match text {
                "strict" => DomainMode::Strict,
                "aws" => DomainMode::Aws,
                _ => return None,
            };
            Some(())
        },
        read: |domain| match domain.extras.mode {
            DomainMode::Strict => "strict".to_owned(),
            DomainMode::Aws => "aws".to_owned(),
        },
    },
    DomainOption {
        name: "countersign.basic_authentication",
        values: "`true` or `false`",
        doc: "Whether an IAM user may sign in with its name and password instead of a signature \
              ([how](../operating/basic-authentication.md)).",
        engines: &[],
        set: |extras, text| flag(&mut extras.basic_authentication, text),
        read: |domain| domain.extras.basic_authentication.to_string(),
    },
    DomainOption {
        name: "countersign.replay_cache",
        values: "`true` or `false`",
        doc: "Whether each signature is accepted only once; a second request with it gets a 403.",
        engines: &[],
        set: |extras, text| flag(&mut extras.replay_cache, text),
        read: |domain| domain.extras.replay_cache.to_string(),
    },
    DomainOption {
        name: "countersign.signature_diagnostics",
        values: "`true` or `false`",
        doc: "Whether the response to a wrong signature shows the canonical request and the string to sign, as Amazon's does. \
              Default for new domains: the setting `domain_defaults.signature_diagnostics`.",
        engines: &[],
        set: |extras, text| flag(&mut extras.signature_diagnostics, text),
        read: |domain| domain.extras.signature_diagnostics.to_string(),
    },
    DomainOption {
        name: "countersign.signature_forms",
        values: "a list of `aws`, `raw-query`, `plus-literal`, `raw-path`, joined by commas",
        doc: "Which forms of the canonical request are accepted ([which client needs which](signers.md)).",
        engines: &[],
        set: |extras, text| {
            let forms: Result<Vec<sigv4::Form>, _> = text.split(',').map(str::parse).collect();
            extras.signature_forms =
                forms.ok()?.iter().map(|form| form.as_str().to_owned()).collect();
            Some(())
        },
        read: |domain| domain.extras.signature_forms.join(","),
    },
    DomainOption {
        name: "countersign.unsigned_payload",
        values: "`true` or `false`",
        doc: "Whether a body may be left out of the signature (`UNSIGNED-PAYLOAD`), over TLS.",
        engines: &[],
        set: |extras, text| flag(&mut extras.unsigned_payload, text),
        read: |domain| domain.extras.unsigned_payload.to_string(),
    },
    DomainOption {
        name: "countersign.wider_policy",
        values: "`allowed` or `acknowledged`",
        doc: "Whether a new access policy that is proven to let in more than the present one must say that it is meant, by its `Id`; \
              the refusal shows a request and the `Id` ([how](../operating/policy-checks.md#an-access-policy-that-lets-in-more)). \
              Default for new domains: the setting `domain_defaults.wider_policy`.",
        engines: &[],
        set: |extras, text| {
            extras.acknowledges_wider_policy = match text {
                "acknowledged" => true,
                "allowed" => false,
                _ => return None,
            };
            Some(())
        },
        read: |domain| match domain.extras.acknowledges_wider_policy {
            true => "acknowledged".to_owned(),
            false => "allowed".to_owned(),
        },
    },
    DomainOption {
        name: "indices.query.bool.max_clause_count",
        values: "`1024`",
        doc: "How many clauses a boolean query may have. Only Amazon's default can be set.",
        engines: &[],
        set: |_, text| (text == "1024").then_some(()),
        read: |_| "1024".to_owned(),
    },
    DomainOption {
        name: OVERRIDE_MAIN_RESPONSE_VERSION,
        values: "`true` or `false`",
        doc: "Whether `GET /` reports version 7.10.2, for clients that only work with Elasticsearch.",
        engines: &["OpenSearch_1.", "OpenSearch_2."],
        set: |_, text| flag(&mut false, text),
        read: |domain| domain.overrides_main_response_version().to_string(),
    },
    DomainOption {
        name: EXPLICIT_INDEX,
        values: "`true` or `false`",
        doc: "Whether the lines and items of `_bulk`, `_mget` and `_msearch` may name an index; if not, a request \
              that does gets a 400.",
        engines: &[],
        set: |_, text| flag(&mut false, text),
        read: |domain| domain.allows_explicit_index().to_string(),
    },
];

/// Amazon's options that promise what is not here, and why they are refused.
pub const REFUSED_OPTIONS: &[(&str, &str)] = &[(
    "indices.fielddata.cache.size",
    "there is no field data cache here whose size could be set",
)];

/// The domain's settings after `options` were set as the `AdvancedOptions` of a domain of this engine version: the
/// operator's defaults and what is named.
///
/// # Errors
/// `ValidationException`, in Amazon's words for a name that there is not (terraform-provider-aws#27371), for an option that
/// is refused, and for a value that an option cannot have.
pub(super) fn read(
    defaults: &DomainExtras,
    options: &Value,
    engine_version: &str,
) -> Result<DomainExtras, ApiError> {
    let mut extras = defaults.clone();
    for (name, value) in options.as_object().into_iter().flatten() {
        if let Some((_, why)) = REFUSED_OPTIONS.iter().find(|(refused, _)| refused == name) {
            return refuse(format!("Advanced option '{name}' cannot be set: {why}"));
        }
        let has = |engines: &[&str]| {
            engines.is_empty() || engines.iter().any(|engine| engine_version.starts_with(engine))
        };
        let known = OPTIONS.iter().filter(|option| has(option.engines));
        let Some(option) = known.clone().find(|option| option.name == name) else {
            let known: Vec<&str> = known.map(|option| option.name).collect();
            return refuse(format!(
                "Unrecognized advanced option '{name}' passed in advancedOptions. Known options are {}",
                known.join(", ")
            ));
        };
        let text = value.as_str().unwrap_or_default();
        if (option.set)(&mut extras, text).is_none() {
            let values = option.values.replace('`', "");
            return refuse(format!("Advanced option '{name}' must be {values}, got '{text}'"));
        }
    }
    Ok(extras)
}

fn flag(flag: &mut bool, text: &str) -> Option<()> {
    *flag = text.parse().ok()?;
    Some(())
}

fn refuse<T>(text: String) -> Result<T, ApiError> {
    Err(ApiError::new(ErrorCode::Validation, text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ELASTICSEARCH: &str = "Elasticsearch_7.10";
    const OPENSEARCH: &str = "OpenSearch_2.19";

    fn domain(options: Value, extras: DomainExtras) -> Domain {
        let options = [("AdvancedOptions".to_owned(), options)].into();
        Domain { options, extras, ..Domain::default() }
    }

    /// Every value that the row's own text names.
    fn named(option: &DomainOption) -> impl Iterator<Item = &str> {
        option.values.split('`').skip(1).step_by(2)
    }

    #[test]
    fn every_value_that_the_table_names_can_be_set_and_reads_back() {
        for option in OPTIONS {
            assert!(named(option).next().is_some(), "{} names no value", option.name);
            for value in named(option) {
                let given = json!({option.name: value});
                let extras = read(&DomainExtras::default(), &given, OPENSEARCH).unwrap();
                assert_eq!(option.of(&domain(given, extras)), value, "{}", option.name);
            }
        }
    }

    #[test]
    fn the_table_is_in_the_order_of_its_names() {
        assert!(OPTIONS.is_sorted_by_key(|option| option.name));
    }

    #[test]
    fn what_is_named_is_set_and_the_rest_is_the_operators_default() {
        let defaults = DomainExtras { signature_diagnostics: true, ..DomainExtras::default() };
        let given = json!({"countersign.signature_forms": "aws,plus-literal"});
        let extras = read(&defaults, &given, ELASTICSEARCH).unwrap();
        assert_eq!(extras.signature_forms, ["aws", "plus-literal"]);
        assert!(extras.signature_diagnostics);
    }

    #[test]
    fn a_value_that_an_option_cannot_have_is_refused() {
        for (name, value) in [
            ("countersign.unsigned_payload", "yes"),
            ("countersign.signature_forms", ""),
            ("countersign.authorization", "off"),
            ("indices.query.bool.max_clause_count", "4096"),
        ] {
            let given = json!({name: value});
            let error = read(&DomainExtras::default(), &given, ELASTICSEARCH).unwrap_err();
            let expected = format!("Advanced option '{name}' must be ");
            assert!(error.message.starts_with(&expected), "{error}");
            assert_eq!(error.code, ErrorCode::Validation);
        }
    }

    #[test]
    fn an_option_that_promises_protection_is_true_or_false() {
        for (value, good) in [("true", true), ("false", true), ("maybe", false), ("False", false)] {
            let given = json!({EXPLICIT_INDEX: value});
            let read = read(&DomainExtras::default(), &given, ELASTICSEARCH);
            assert_eq!(read.is_ok(), good, "{value}");
        }
    }

    #[test]
    fn a_value_that_is_no_text_is_refused() {
        let given = json!({EXPLICIT_INDEX: true});
        assert!(read(&DomainExtras::default(), &given, ELASTICSEARCH).is_err());
    }

    #[test]
    fn an_unknown_option_is_refused_in_amazons_words_with_the_known_ones() {
        for name in ["countersign.replay", "indices.query.bool.max_clauses", ""] {
            let given = json!({name: "true"});
            let error = read(&DomainExtras::default(), &given, ELASTICSEARCH).unwrap_err();
            let expected = format!(
                "Unrecognized advanced option '{name}' passed in advancedOptions. Known options are countersign.audit_index, "
            );
            assert!(error.message.starts_with(&expected), "{error}");
        }
    }

    #[test]
    fn an_option_that_would_do_nothing_is_refused_by_name() {
        let given = json!({"indices.fielddata.cache.size": "40"});
        let error = read(&DomainExtras::default(), &given, ELASTICSEARCH).unwrap_err();
        assert!(error.message.contains("there is no field data cache"), "{error}");
    }

    #[test]
    fn only_opensearch_can_say_that_it_is_elasticsearch() {
        let given = json!({OVERRIDE_MAIN_RESPONSE_VERSION: "true"});
        assert!(read(&DomainExtras::default(), &given, OPENSEARCH).is_ok());
        let error = read(&DomainExtras::default(), &given, ELASTICSEARCH).unwrap_err();
        assert!(error.message.starts_with("Unrecognized advanced option"), "{error}");
    }
}

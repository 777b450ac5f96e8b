//! Every finding that lint can make: the table that the reference page shows.

use super::Severity::{self, Error, SecurityWarning, Suggestion, Warning};

/// Code, severity, and what it means. The severities of `RESOURCE_CANNOT_MATCH` and of
/// `DOMAIN_WITHOUT_PATHS` are the graver of their two.
pub const CHECKS: &[(&str, Severity, &str)] = &[
    (
        "ALLOW_WITH_NOT_ELEMENT",
        SecurityWarning,
        "Allow with NotPrincipal, NotAction or NotResource: new things are allowed unseen",
    ),
    (
        "BULK_REACHES_EVERY_INDEX",
        SecurityWarning,
        "in mode `aws` the lines of a `_bulk` body may name any index",
    ),
    ("DENY_LEAVES_INDEX_OPEN", SecurityWarning, "a Deny on `INDEX/*` leaves `DELETE /INDEX` open"),
    ("DENY_OF_NOTHING_ALLOWED_HERE", Suggestion, "the Deny limits only other policies"),
    ("DEPRECATED_ACTION", Suggestion, "an action under its old name"),
    ("DEPRECATED_VERSION", Warning, "version 2008-10-17, or none"),
    (
        "DOCUMENTS_WITHOUT_VALUE",
        SecurityWarning,
        "an Allow that lets in documents without a value in the field it asks for",
    ),
    (
        "DOCUMENT_KEY_WITHOUT_DOCUMENTS",
        Warning,
        "`es:Document/…` or `es:Field` with actions that have no documents",
    ),
    (
        "DOMAIN_WITHOUT_PATHS",
        SecurityWarning,
        "`domain/NAME` without `/*`: requests are authorized by their paths, so this entry covers none",
    ),
    ("EMPTY_ARRAY", Suggestion, "an empty element"),
    ("EMPTY_CONDITION", Suggestion, "a Condition without operators"),
    (
        "EMPTY_CONDITION_VALUES",
        Warning,
        "a condition without values, which is always true under a plain operator",
    ),
    ("EMPTY_PRINCIPAL", Warning, "a Principal that names nobody"),
    ("FOR_ALL_VALUES_WITHOUT_NULL", SecurityWarning, "ForAllValues is true when the key is absent"),
    ("FULL_ACCESS", SecurityWarning, "every action on every resource"),
    ("INVALID_ACCOUNT", Error, "an account that is not twelve digits"),
    ("INVALID_ACTION", Error, "an action that does not exist, or a pattern that matches none"),
    ("INVALID_ARN_VALUE", Warning, "the value of an ARN condition with fewer than six segments"),
    ("INVALID_CONDITION_KEY", Warning, "a context key that does not exist"),
    (
        "MULTIVALUED_KEY_WITHOUT_QUANTIFIER",
        Warning,
        "a multi-valued key without ForAllValues or ForAnyValue",
    ),
    ("PASS_ROLE_WITH_STAR", SecurityWarning, "iam:PassRole on every role"),
    (
        "PRINCIPAL_NOT_CHECKED",
        Suggestion,
        "a user or role whose existence cannot be checked offline",
    ),
    ("PUBLIC_ACCESS", SecurityWarning, "callers outside the account get in: proven by an example"),
    (
        "QUANTIFIER_ON_SINGLE_VALUED_KEY",
        SecurityWarning,
        "ForAllValues or ForAnyValue on a single-valued key",
    ),
    ("REDUNDANT_STATEMENT", Suggestion, "the policy allows the same without it: proven"),
    ("RESOURCE_CANNOT_MATCH", Error, "a resource to which no action of the statement applies"),
    ("SYNTAX_ERROR", Error, "the document is refused"),
    ("TYPE_MISMATCH", Warning, "an operator that does not compare values of the key's type"),
    ("UNSUPPORTED_PRINCIPAL", Warning, "a canonical user id, which matches no principal here"),
    ("VARIABLE_IN_OLD_VERSION", Warning, "`${…}` in version 2008-10-17 is literal text"),
    (
        "VARIABLE_OUT_OF_PLACE",
        Warning,
        "a variable before the fifth colon of a resource is literal text",
    ),
    ("WILDCARD_PRINCIPAL", SecurityWarning, "everyone, without a condition"),
    ("WILDCARD_WITHOUT_LIKE", Warning, "a star under an operator that takes it literally"),
];

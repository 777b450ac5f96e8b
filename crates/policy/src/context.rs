//! The request's context: keys, compared without case, each with one value or several.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use std::borrow::Cow;
use std::slice;
use std::sync::{Arc, LazyLock};

use crate::principal::{CallerKind, Principal};

/// What is known of a request beyond principal, action and resource.
///
/// ```
/// let mut context = policy::Context::new();
/// context.set("aws:SourceIp", "203.0.113.7");
/// context.set_all("aws:TagKeys", ["team", "cost"]);
/// assert_eq!(context.get("AWS:sourceip"), Some(&["203.0.113.7".to_owned()][..]));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Sorted by key, the keys folded.
    entries: Vec<(Cow<'static, str>, Values)>,
    scope: DocumentScope,
}

/// The values of a key. Nearly all have one: it takes no list.
#[derive(Clone, Debug)]
enum Values {
    One(String),
    /// One that its caller has, too.
    Shared(Arc<String>),
    /// One that every context of this program shares.
    Fixed(&'static String),
    Several(Vec<String>),
}

impl Values {
    fn as_slice(&self) -> &[String] {
        match self {
            Values::One(value) => slice::from_ref(value),
            Values::Shared(value) => slice::from_ref(&**value),
            Values::Fixed(value) => slice::from_ref(*value),
            Values::Several(values) => values,
        }
    }
}

impl PartialEq for Values {
    fn eq(&self, other: &Values) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Values {}

/// Of which documents and fields a request is judged, where the context does not hold one: what becomes of conditions on
/// `es:Document/FIELD` and `es:Field` (docs/decisions/0154-documents-and-fields-in-policies.md).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DocumentScope {
    /// Of the one that the context tells, or of none: a key that is not there is absent, as any other.
    #[default]
    Told,
    /// Of some: what may be allowed for any document and field is allowed, and [`residual`](crate::residual) says for which.
    Some,
    /// Of all: only what is allowed whatever the document and the field is allowed.
    Every,
}

/// A key as a policy writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContextKey {
    written: String,
    folded: String,
    /// A key that Amazon does not supply to domain policies: never present.
    withheld: bool,
    pub(crate) subject: KeySubject,
}

/// What a key tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeySubject {
    /// The request: its caller, its connection, its time.
    Request,
    /// The value that a document has in the field behind [`DOCUMENT_KEY`].
    Document,
    /// The path of the field that is read: [`FIELD_KEY`].
    Field,
}

/// The key of the value that a document has in a field: this and the field's path, whose case matters.
pub(crate) const DOCUMENT_KEY: &str = "es:document/";

/// The key of the field that is read.
pub(crate) const FIELD_KEY: &str = "es:field";

/// Keys of nearly every request, as Amazon writes them and folded: to set one takes no text of its own.
const USUAL: [(&str, &str); 16] = [
    ("aws:CurrentTime", "aws:currenttime"),
    ("aws:EpochTime", "aws:epochtime"),
    ("aws:MultiFactorAuthAge", "aws:multifactorauthage"),
    ("aws:MultiFactorAuthPresent", "aws:multifactorauthpresent"),
    ("aws:PrincipalAccount", "aws:principalaccount"),
    ("aws:PrincipalArn", "aws:principalarn"),
    ("aws:PrincipalIsAWSService", "aws:principalisawsservice"),
    ("aws:PrincipalType", "aws:principaltype"),
    ("aws:RequestedRegion", "aws:requestedregion"),
    ("aws:ResourceAccount", "aws:resourceaccount"),
    ("aws:SecureTransport", "aws:securetransport"),
    ("aws:SourceIp", "aws:sourceip"),
    ("aws:UserAgent", "aws:useragent"),
    ("aws:userid", "aws:userid"),
    ("aws:username", "aws:username"),
    ("aws:ViaAWSService", "aws:viaawsservice"),
];

/// Values of nearly every request: to set one takes no text of its own.
static TRUE: LazyLock<String> = LazyLock::new(|| "true".to_owned());
static FALSE: LazyLock<String> = LazyLock::new(|| "false".to_owned());
static USER: LazyLock<String> = LazyLock::new(|| CallerKind::User.principal_type().to_owned());

/// How many entries a context is given room for at once.
const USUAL_ENTRIES: usize = USUAL.len() + 1;

/// A key as it is looked up: without case, but for the path of a document's field.
fn fold(key: &str) -> Cow<'static, str> {
    // Written as Amazon writes them by all that sets one: two texts that are equal are found out sooner than two that are nearly so.
    let usual = USUAL.iter().find(|(written, _)| *written == key);
    let usual = usual.or_else(|| USUAL.iter().find(|(_, it)| it.eq_ignore_ascii_case(key)));
    if let Some((_, usual)) = usual {
        return Cow::Borrowed(usual);
    }
    let mut folded = key.to_ascii_lowercase();
    if folded.starts_with(DOCUMENT_KEY) {
        folded = format!("{DOCUMENT_KEY}{}", key.get(DOCUMENT_KEY.len()..).unwrap_or_default());
    }
    Cow::Owned(folded)
}

impl Context {
    /// A context that knows nothing.
    pub const fn new() -> Context {
        Context { entries: Vec::new(), scope: DocumentScope::Told }
    }

    /// Says of which documents and fields the request is judged.
    pub fn set_scope(&mut self, scope: DocumentScope) -> &mut Context {
        self.scope = scope;
        self
    }

    /// Of which documents and fields the request is judged.
    pub fn scope(&self) -> DocumentScope {
        self.scope
    }

    /// Gives `key` one value, in place of any it had.
    pub fn set(&mut self, key: &str, value: impl Into<String>) -> &mut Context {
        self.put(fold(key), Values::One(value.into()));
        self
    }

    /// Gives `key` the value `true` or `false`, in place of any it had.
    pub fn set_flag(&mut self, key: &str, value: bool) -> &mut Context {
        self.put(fold(key), Values::Fixed(if value { &TRUE } else { &FALSE }));
        self
    }

    /// Gives `key` these values, in place of any it had. A key without a value is absent.
    pub fn set_all<V: Into<String>>(
        &mut self,
        key: &str,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Context {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        let key = fold(key);
        if !values.is_empty() {
            self.put(key, Values::Several(values));
        } else if let Ok(at) = self.find(&key) {
            self.entries.remove(at);
        }
        self
    }

    fn put(&mut self, key: Cow<'static, str>, values: Values) {
        if self.entries.is_empty() {
            self.entries.reserve(USUAL_ENTRIES);
        }
        match self.find(&key) {
            Ok(at) => {
                if let Some(entry) = self.entries.get_mut(at) {
                    entry.1 = values;
                }
            }
            Err(at) => self.entries.insert(at, (key, values)),
        }
    }

    /// Sets what follows from the caller alone: `aws:PrincipalArn`, `aws:PrincipalAccount`,
    /// `aws:PrincipalType`, `aws:userid` and `aws:username`, `aws:PrincipalIsAWSService`,
    /// `aws:ViaAWSService`, each only where Amazon supplies it. Tags are not among them: use
    /// `aws:PrincipalTag/KEY`.
    ///
    /// An anonymous caller's account is `anonymous`; its ARN and name are absent. A session's
    /// `aws:PrincipalArn` is its role's.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable>
    pub fn describe(&mut self, principal: &Principal) -> &mut Context {
        let account = principal.shared_account().map_or_else(
            || Values::One("anonymous".to_owned()),
            |account| Values::Shared(Arc::clone(account)),
        );
        self.put(fold("aws:PrincipalAccount"), account);
        match principal.kind() {
            CallerKind::User => self.put(fold("aws:PrincipalType"), Values::Fixed(&USER)),
            kind => {
                self.set("aws:PrincipalType", kind.principal_type());
            }
        }
        let signed = principal.kind() != CallerKind::Anonymous;
        if signed {
            let arn = Arc::clone(principal.shared_principal_arn());
            self.put(fold("aws:PrincipalArn"), Values::Shared(arn));
            let is_service = principal.kind() == CallerKind::Service;
            self.set_flag("aws:PrincipalIsAWSService", is_service);
            self.set_flag("aws:ViaAWSService", false);
        }
        if let Some(name) = principal.user_name() {
            self.set("aws:username", name);
        }
        if let Some(id) = principal.shared_user_id() {
            self.put(fold("aws:userid"), Values::Shared(id));
        }
        self
    }

    /// Whether it holds a document's value or the field that is read.
    pub fn tells_document(&self) -> bool {
        let of_document = |key: &str| key.starts_with(DOCUMENT_KEY) || key == FIELD_KEY;
        self.entries.iter().any(|(key, _)| of_document(key))
    }

    /// The values of `key`, whatever its case; `None` when absent, never an empty slice.
    pub fn get(&self, key: &str) -> Option<&[String]> {
        self.lookup(&fold(key))
    }

    /// All keys, folded and sorted, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.entries.iter().map(|(key, values)| (key.as_ref(), values.as_slice()))
    }

    /// The values of a key that a policy names.
    pub(crate) fn values(&self, key: &ContextKey) -> Option<&[String]> {
        if key.withheld { None } else { self.lookup(&key.folded) }
    }

    fn lookup(&self, folded: &str) -> Option<&[String]> {
        let at = self.find(folded).ok()?;
        self.entries.get(at).map(|(_, values)| values.as_slice())
    }

    fn find(&self, folded: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|(key, _)| key.as_ref().cmp(folded))
    }
}

impl ContextKey {
    /// A key; in a `domain` policy the keys that Amazon does not support there are withheld.
    pub(crate) fn new(written: &str, domain: bool) -> ContextKey {
        let folded = fold(written).into_owned();
        let withheld = domain && is_unsupported_in_domain_policies(&folded);
        let subject = match folded.as_str() {
            FIELD_KEY => KeySubject::Field,
            other if other.starts_with(DOCUMENT_KEY) => KeySubject::Document,
            _ => KeySubject::Request,
        };
        ContextKey { written: written.to_owned(), folded, withheld, subject }
    }

    /// The path behind `es:Document/`.
    pub(crate) fn document_field(&self) -> Option<&str> {
        self.folded.strip_prefix(DOCUMENT_KEY)
    }

    /// As the policy spells it.
    pub(crate) fn written(&self) -> &str {
        &self.written
    }

    /// As it is looked up: in lower case, but for the path of a document's field.
    pub(crate) fn folded(&self) -> &str {
        &self.folded
    }
}

/// <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html#ac-types-resource>:
/// domain policies support all global keys but these two.
pub(crate) fn is_unsupported_in_domain_policies(folded: &str) -> bool {
    folded == "aws:securetransport"
        || folded == "aws:principaltag"
        || folded.starts_with("aws:principaltag/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_without_a_value_is_absent() {
        let mut context = Context::new();
        context.set("k", "v").set_all("K", Vec::<String>::new());
        assert_eq!(context.get("k"), None);
    }

    #[test]
    fn an_anonymous_caller_has_an_account_and_a_type_but_no_arn_and_no_name() {
        let mut context = Context::new();
        context.describe(&Principal::anonymous());
        assert_eq!(context.get("aws:PrincipalAccount").unwrap(), ["anonymous"]);
        assert_eq!(context.get("aws:PrincipalType").unwrap(), ["Anonymous"]);
        assert_eq!(context.get("aws:userid").unwrap(), ["anonymous"]);
        for key in ["aws:PrincipalArn", "aws:username", "aws:PrincipalIsAWSService"] {
            assert_eq!(context.get(key), None, "{key}");
        }
    }

    #[test]
    fn a_sessions_principal_arn_is_its_roles() {
        let mut context = Context::new();
        let session = Principal::assumed_role(
            "arn:aws:sts::123456789012:assumed-role/r/s",
            "arn:aws:iam::123456789012:role/path/r",
        );
        context.describe(&session.with_unique_id("AROAEXAMPLE"));
        let arn = context.get("aws:PrincipalArn").unwrap();
        assert_eq!(arn, ["arn:aws:iam::123456789012:role/path/r"]);
        assert_eq!(context.get("aws:userid").unwrap(), ["AROAEXAMPLE:s"]);
        assert_eq!(context.get("aws:username"), None);
    }
}

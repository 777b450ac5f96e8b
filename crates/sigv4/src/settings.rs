//! What one listener or domain accepts. Differences between services are named here; nothing in
//! the crate branches on a service's name.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// What a verifier accepts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The services a credential scope may name. The first is the one refusals mention.
    pub services: Cow<'static, [ServiceRules]>,
    /// The one region a scope may name, or `None` for any region of the `aws` partition.
    pub region: Option<String>,
    /// The canonical forms that are tried, in the order of [`Form`].
    pub forms: Forms,
    /// Whether `UNSIGNED-PAYLOAD` is accepted. Set it only for a connection that is under TLS.
    pub unsigned_payload: bool,
    /// Whether a mismatch carries the canonical request and the string to sign.
    pub diagnostics: bool,
    /// The port the connection came in by: also tried in the signature when `Host` names none.
    pub port: Option<u16>,
    /// Whether `.`, `..` and empty segments leave the path before it is encoded. Off for `es`,
    /// `iam` and `sts`; half of AWS's test vectors want it on.
    pub normalize_path: bool,
}

impl Settings {
    /// A domain's data plane: service `es`, its own region, 5 minutes of skew, the default forms.
    #[must_use]
    pub fn domain(region: &str) -> Self {
        const ES: &[ServiceRules] = &[ServiceRules::es()];
        Self::new(ES, Some(region.to_owned()))
    }

    /// The control plane: `es`, `iam` and `sts`, every region of the `aws` partition.
    #[must_use]
    pub fn control() -> Self {
        const SERVICES: &[ServiceRules] = &[
            ServiceRules::es(),
            ServiceRules::iam(),
            ServiceRules::sts(),
            ServiceRules::access_analyzer(),
        ];
        Self::new(SERVICES, None)
    }

    /// The given services and region, and every other setting at its default.
    #[must_use]
    pub fn new(services: impl Into<Cow<'static, [ServiceRules]>>, region: Option<String>) -> Self {
        Self {
            services: services.into(),
            region,
            forms: Forms::default(),
            unsigned_payload: false,
            diagnostics: false,
            port: None,
            normalize_path: false,
        }
    }

    /// The rules of a service, if it is one of ours.
    pub(crate) fn rules(&self, service: &[u8]) -> Option<&ServiceRules> {
        self.services.iter().find(|rules| rules.name.as_bytes() == service)
    }

    /// Seconds that a signature's time may differ from ours: the rule of the service the scope
    /// names, or of the first service when it names none of ours.
    pub(crate) fn skew_seconds(&self, service: &[u8]) -> i64 {
        self.rules(service)
            .or(self.services.first())
            .map_or(SKEW_SECONDS_ES, |rules| rules.skew_seconds)
    }
}

/// Amazon's es endpoints print `- 5 min.` in `Signature expired` (botocore#2465).
const SKEW_SECONDS_ES: i64 = 5 * 60;
/// Amazon's other services print `- 15 min.`.
const SKEW_SECONDS_OTHER: i64 = 15 * 60;

/// One service that a scope may name.
#[derive(Clone, Debug)]
pub struct ServiceRules {
    /// The signing name.
    pub name: Cow<'static, str>,
    /// How far the signature's time may be from ours, either way.
    pub skew_seconds: i64,
}

impl ServiceRules {
    /// `es`: 5 minutes.
    #[must_use]
    pub const fn es() -> Self {
        Self { name: Cow::Borrowed("es"), skew_seconds: SKEW_SECONDS_ES }
    }

    /// `iam`: 15 minutes.
    #[must_use]
    pub const fn iam() -> Self {
        Self { name: Cow::Borrowed("iam"), skew_seconds: SKEW_SECONDS_OTHER }
    }

    /// `sts`: 15 minutes.
    #[must_use]
    pub const fn sts() -> Self {
        Self { name: Cow::Borrowed("sts"), skew_seconds: SKEW_SECONDS_OTHER }
    }

    /// `access-analyzer`: 15 minutes.
    #[must_use]
    pub const fn access_analyzer() -> Self {
        Self { name: Cow::Borrowed("access-analyzer"), skew_seconds: SKEW_SECONDS_OTHER }
    }
}

/// How a client turned the wire's path and query into the canonical ones. A closed set: each form
/// more is one more way for a signature to cover a second request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// As AWS documents: the path encoded once more, the query decoded, encoded and sorted.
    Aws,
    /// The query's parameters sorted as they stand on the wire (botocore, curl).
    RawQuery,
    /// As [`Form::Aws`], but `+` in the query is a plus sign, not a space (awscurl).
    PlusLiteral,
    /// As [`Form::Aws`], but the path as it stands on the wire (curl up to 7.88).
    RawPath,
}

impl Form {
    /// Every form, in the order they are tried.
    pub const ALL: [Self; 4] = [Self::Aws, Self::RawQuery, Self::PlusLiteral, Self::RawPath];

    /// The name used in settings, audit records and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::RawQuery => "raw-query",
            Self::PlusLiteral => "plus-literal",
            Self::RawPath => "raw-path",
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is no form's.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownForm {
    /// What was given.
    pub seen: String,
}

impl fmt::Display for UnknownForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = &self.seen;
        write!(
            f,
            "unknown signature form '{seen}': expected aws, raw-query, plus-literal or raw-path"
        )
    }
}

impl std::error::Error for UnknownForm {}

impl FromStr for Form {
    type Err = UnknownForm;

    fn from_str(text: &str) -> Result<Self, UnknownForm> {
        let named = Self::ALL.into_iter().find(|form| form.as_str() == text);
        named.ok_or_else(|| UnknownForm { seen: text.to_owned() })
    }
}

/// A set of forms. The default is `aws` and `raw-query`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forms(u8);

impl Forms {
    /// The set of the given forms.
    ///
    /// ```
    /// use sigv4::{Form, Forms};
    ///
    /// let forms = Forms::of(&["raw-query".parse().unwrap(), Form::Aws]);
    /// assert_eq!(forms, Forms::default());
    /// assert!(!forms.contains(Form::RawPath));
    /// ```
    #[must_use]
    pub fn of(forms: &[Form]) -> Self {
        forms.iter().copied().collect()
    }

    /// Whether none is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `form` is accepted.
    #[must_use]
    pub fn contains(self, form: Form) -> bool {
        self.0 & 1 << form as u8 != 0
    }

    /// The accepted forms in the order they are tried.
    pub fn iter(self) -> impl Iterator<Item = Form> {
        Form::ALL.into_iter().filter(move |form| self.contains(*form))
    }
}

impl FromIterator<Form> for Forms {
    fn from_iter<I: IntoIterator<Item = Form>>(forms: I) -> Self {
        Self(forms.into_iter().fold(0, |bits, form| bits | 1 << form as u8))
    }
}

impl Default for Forms {
    fn default() -> Self {
        Self::of(&[Form::Aws, Form::RawQuery])
    }
}

/// Whether `name` looks like a region of the `aws` partition: the `regionRegex` of that partition
/// in AWS's `partitions.json`, `^(us|eu|ap|sa|ca|me|af|il|mx)\-\w+\-\d+$`.
///
/// ```
/// assert!(sigv4::is_aws_region("eu-central-1"));
/// assert!(!sigv4::is_aws_region("cn-north-1"));
/// ```
#[must_use]
pub fn is_aws_region(name: &str) -> bool {
    const AREAS: [&str; 9] = ["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"];
    let mut parts = name.split('-');
    let (Some(area), Some(place), Some(number), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    AREAS.contains(&area)
        && !place.is_empty()
        && place.bytes().all(word)
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && name.len() <= 64
}

//! How the API that was spoken to words its errors.

use crate::transport::connection::Connection;
use crate::transport::listener::ListenerTarget;

/// Where `iam-toolbox` is on the control listener. No other API has a path that begins so.
pub(crate) const AUTHORIZATION_DETAILS: &str = "/authorization-details/";

/// How the API that was spoken to words its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// A domain: Elasticsearch's REST API behind Amazon's front end.
    Search,
    /// `es` and `opensearch`: JSON with `x-amzn-errortype`.
    RestJson,
    /// `iam`: XML.
    Iam,
    /// `sts`: XML.
    Sts,
    /// `accessanalyzer`: JSON as `es`.
    AccessAnalyzer,
    /// `iam-toolbox`: JSON as `es`, signed as `iam`.
    IamToolbox,
}

impl Dialect {
    /// The dialect of a request of which only the head is known.
    #[must_use]
    pub(crate) fn of(connection: &Connection, parts: &http::request::Parts) -> Self {
        match &connection.listener.target {
            ListenerTarget::Domain { .. } | ListenerTarget::Elsewhere { .. } => Self::Search,
            ListenerTarget::SignIn => Self::Sts,
            ListenerTarget::Control if parts.uri.path() == "/" => Self::Sts,
            ListenerTarget::Control if parts.uri.path().starts_with(AUTHORIZATION_DETAILS) => {
                Self::IamToolbox
            }
            ListenerTarget::Control | ListenerTarget::Console => Self::RestJson,
        }
    }

    /// The dialect once the credential scope is known: it names the service.
    #[must_use]
    pub(crate) fn narrowed(self, service: &str) -> Self {
        match (self, service) {
            (Self::Search, _) => Self::Search,
            (Self::IamToolbox, "iam") => Self::IamToolbox,
            (_, "iam") => Self::Iam,
            (_, "sts") => Self::Sts,
            (_, "access-analyzer") => Self::AccessAnalyzer,
            _ => Self::RestJson,
        }
    }

    /// The name that requests of this dialect are signed with.
    #[must_use]
    pub(crate) fn signing_name(self) -> &'static str {
        match self {
            Self::Search | Self::RestJson => "es",
            Self::Iam | Self::IamToolbox => "iam",
            Self::Sts => "sts",
            Self::AccessAnalyzer => "access-analyzer",
        }
    }

    /// The XML namespace of the query APIs.
    #[must_use]
    pub(crate) fn namespace(self) -> Option<&'static str> {
        match self {
            Self::Iam => Some("https://iam.amazonaws.com/doc/2010-05-08/"),
            Self::Sts => Some("https://sts.amazonaws.com/doc/2011-06-15/"),
            Self::Search | Self::RestJson | Self::AccessAnalyzer | Self::IamToolbox => None,
        }
    }
}

//! The APIs of the control plane and how each is spoken.

/// One AWS API. `Es` and `OpenSearch` are two models of one service: both are signed as `es`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Amazon Elasticsearch Service, 2015-01-01, rest-json.
    Es,
    /// Amazon OpenSearch Service, 2021-01-01, rest-json.
    OpenSearch,
    /// Identity and Access Management, 2010-05-08, query.
    Iam,
    /// Security Token Service, 2011-06-15, query.
    Sts,
    /// IAM Access Analyzer, 2019-11-01, rest-json.
    AccessAnalyzer,
}

/// How requests and replies of a service look on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireProtocol {
    /// Form parameters in, XML out (`iam`, `sts`).
    Query,
    /// Paths, query strings and JSON bodies (`es`, `opensearch`, `accessanalyzer`).
    RestJson,
}

impl Service {
    /// Every service, in the order of the tables.
    pub const ALL: [Service; 5] =
        [Service::Es, Service::OpenSearch, Service::Iam, Service::Sts, Service::AccessAnalyzer];

    /// The name users know it by, also the key of `operations.rs`: `es`, `opensearch`, `iam`, `sts`, `accessanalyzer`.
    pub fn name(self) -> &'static str {
        match self {
            Service::Es => "es",
            Service::OpenSearch => "opensearch",
            Service::Iam => "iam",
            Service::Sts => "sts",
            Service::AccessAnalyzer => "accessanalyzer",
        }
    }

    /// The service name in a SigV4 credential scope (`es` for both search APIs) and the prefix of its IAM actions.
    pub fn signing_name(self) -> &'static str {
        match self {
            Service::Es | Service::OpenSearch => "es",
            Service::Iam => "iam",
            Service::Sts => "sts",
            Service::AccessAnalyzer => "access-analyzer",
        }
    }

    /// Its protocol.
    pub fn protocol(self) -> WireProtocol {
        match self {
            Service::Es | Service::OpenSearch | Service::AccessAnalyzer => WireProtocol::RestJson,
            Service::Iam | Service::Sts => WireProtocol::Query,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_search_apis_are_signed_as_es_and_have_names_of_their_own() {
        let signed: Vec<&str> = Service::ALL.iter().map(|service| service.signing_name()).collect();
        assert_eq!(signed, ["es", "es", "iam", "sts", "access-analyzer"]);
        let named: Vec<&str> = Service::ALL.iter().map(|service| service.name()).collect();
        assert_eq!(named, ["es", "opensearch", "iam", "sts", "accessanalyzer"]);
    }

    #[test]
    fn iam_and_sts_speak_forms_and_the_others_json() {
        for service in Service::ALL {
            let json = !["iam", "sts"].contains(&service.name());
            assert_eq!(service.protocol() == WireProtocol::RestJson, json, "{service:?}");
        }
    }
}

//! A custom endpoint: another host at which a domain answers, with a certificate that the settings give an ARN of ACM's. The
//! listener shows it ([`Domain::custom_endpoint`](crate::store::record::Domain::custom_endpoint)).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;

const OPTIONS: &str = "DomainEndpointOptions";

/// Checks the custom endpoint in the options of the domain of this ARN as they will be, and takes away what a disabled one left.
/// The first two texts are Amazon's (localstack/localstack#9566), the others ours.
pub(super) fn settle(
    request: &OperationRequest<'_>,
    arn: &str,
    options: &mut BTreeMap<String, Value>,
) -> Result<(), ApiError> {
    let Some(endpoint) = options.get_mut(OPTIONS).and_then(Value::as_object_mut) else {
        return Ok(());
    };
    if endpoint.get("CustomEndpointEnabled").and_then(Value::as_bool) != Some(true) {
        let given = request.input.get(OPTIONS).unwrap_or(&Value::Null);
        let asked = |member: &str| text(given, member).is_some();
        if asked("CustomEndpoint") || asked("CustomEndpointCertificateArn") {
            return no("CustomEndpointEnabled flag should be set in order to use CustomEndpoint.");
        }
        endpoint.remove("CustomEndpoint");
        endpoint.remove("CustomEndpointCertificateArn");
        return Ok(());
    }
    let endpoint = Value::Object(endpoint.clone());
    let Some(host) = text(&endpoint, "CustomEndpoint") else {
        return no("Please provide CustomEndpoint field to create a custom endpoint.");
    };
    let Some(certificate) = text(&endpoint, "CustomEndpointCertificateArn") else {
        return no(
            "Please provide CustomEndpointCertificateArn field to create a custom endpoint.",
        );
    };
    // As at Amazon, a certificate is its account's, and of the domain's region.
    let own = format!("arn:aws:acm:{}:{}:certificate/", request.region, request.account());
    let found = request.settings.certificates.get(certificate);
    let Some(names) = found.filter(|_| certificate.starts_with(&own)) else {
        let why = "the settings' acm.certificates does not name it";
        let error = ApiError::new(
            ErrorCode::Validation,
            format!("CustomEndpointCertificateArn: there is no certificate {certificate}"),
        );
        return Err(error.because(why));
    };
    if !covers(names, host) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        return no(&format!(
            "CustomEndpoint {host} is not a name of the certificate {certificate}, which has {}",
            names.join(", ")
        ));
    }
    let mut domains = request.directory.domains();
    if domains.any(|domain| domain.answers_at(host) && domain.arn() != arn) {
        return no(&format!("CustomEndpoint {host} is already in use by another domain"));
    }
    Ok(())
}

fn text<'v>(value: &'v Value, member: &str) -> Option<&'v str> {
    value.get(member).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Whether one of a certificate's names is the host's; a star stands for its first label (RFC 6125, section 6.4.3).
fn covers(names: &BTreeSet<String>, host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let parent = host.split_once('.').map(|(_, parent)| format!("*.{parent}"));
    names.iter().any(|name| {
        let name = name.to_ascii_lowercase();
        name == host || parent.as_ref() == Some(&name)
    })
}

fn no(text: &str) -> Result<(), ApiError> {
    Err(ApiError::new(ErrorCode::Validation, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_the_first_label_alone() {
        let names = ["*.example.org".to_owned(), "Search.example.com".to_owned()].into();
        for host in ["books.example.org", "BOOKS.example.org", "search.example.com"] {
            assert!(covers(&names, host), "{host}");
        }
        for host in ["example.org", "a.books.example.org", "example.com", "xsearch.example.com"] {
            assert!(!covers(&names, host), "{host}");
        }
    }
}

//! `Action` and `NotAction`: patterns over `service:Name`, compared without case.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>

use crate::context::Context;
use crate::kind::PolicyKind;
use crate::pattern::{Pattern, Syntax};

/// An `Action` or `NotAction` element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actions {
    pub(crate) negated: bool,
    pub(crate) patterns: Vec<ActionPattern>,
}

/// One entry of the element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActionPattern {
    /// As written.
    pub(crate) source: String,
    /// As compared: in a domain policy `es:*` is compared as `es:ESHttp*`.
    pub(crate) pattern: Pattern,
}

const SYNTAX: Syntax = Syntax { wildcards: true, variables: false, fold: true, domain: false };

impl ActionPattern {
    /// Reads one entry: `*`, or `service:pattern` with the service spelt out.
    pub(crate) fn parse(source: &str, kind: PolicyKind) -> Result<ActionPattern, String> {
        check_vendor(source)?;
        // Amazon: "es:* in a resource-based policy is equivalent to es:ESHttp*".
        // https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
        let everything = source == "*" || source.eq_ignore_ascii_case("es:*");
        let compared = if kind.is_domain() && everything { "es:ESHttp*" } else { source };
        Ok(ActionPattern { source: source.to_owned(), pattern: Pattern::parse(compared, SYNTAX)? })
    }
}

/// Amazon's two texts for an action without a service, or with a wildcard in it.
fn check_vendor(source: &str) -> Result<(), String> {
    if source.chars().all(|character| character == '*') && !source.is_empty() {
        return Ok(());
    }
    let vendor_ok = |vendor: &str| {
        !vendor.is_empty()
            && (vendor == "*"
                || vendor
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')))
    };
    match source.split_once(':') {
        None => Err(format!(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: `{source}`"
        )),
        Some((vendor, name)) if vendor_ok(vendor) && !name.is_empty() => Ok(()),
        Some((vendor, _)) => Err(format!("Vendor {vendor} is not valid: `{source}`")),
    }
}

impl Actions {
    /// Whether the element covers `action`, or its other name `synonym`.
    pub(crate) fn matches(&self, action: &str, synonym: Option<&str>) -> bool {
        const NOTHING: Context = Context::new();
        let covered = self.patterns.iter().any(|entry| {
            entry.pattern.matches(action, &NOTHING)
                || synonym.is_some_and(|synonym| entry.pattern.matches(synonym, &NOTHING))
        });
        covered != self.negated
    }
}

/// The other name of an `es` action: identity policies take old and new names for one.
///
/// <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/rename.html#rename-api>
pub(crate) fn synonym(action: &str) -> Option<&'static str> {
    const SERVICE: usize = "es:".len();
    if !action.get(..SERVICE)?.eq_ignore_ascii_case("es:") {
        return None;
    }
    let name = action.get(SERVICE..)?;
    // The data plane has one name for everything, and is asked most.
    if name.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("ESHttp")) {
        return None;
    }
    let same = |spelt: &str| spelt.get(SERVICE..).is_some_and(|it| it.eq_ignore_ascii_case(name));
    RENAMED.iter().find_map(|(old, new)| match (same(old), same(new)) {
        (true, _) => Some(*new),
        (_, true) => Some(*old),
        _ => None,
    })
}

/// The actions that were renamed with the service: old name, new name.
pub(crate) const RENAMED: &[(&str, &str)] = &[
    ("es:AcceptInboundCrossClusterSearchConnection", "es:AcceptInboundConnection"),
    ("es:CancelElasticsearchServiceSoftwareUpdate", "es:CancelServiceSoftwareUpdate"),
    ("es:CreateElasticsearchDomain", "es:CreateDomain"),
    ("es:CreateElasticsearchServiceRole", "es:CreateServiceRole"),
    ("es:CreateOutboundCrossClusterSearchConnection", "es:CreateOutboundConnection"),
    ("es:DeleteElasticsearchDomain", "es:DeleteDomain"),
    ("es:DeleteInboundCrossClusterSearchConnection", "es:DeleteInboundConnection"),
    ("es:DeleteOutboundCrossClusterSearchConnection", "es:DeleteOutboundConnection"),
    ("es:DescribeElasticsearchDomain", "es:DescribeDomain"),
    ("es:DescribeElasticsearchDomainConfig", "es:DescribeDomainConfig"),
    ("es:DescribeElasticsearchDomains", "es:DescribeDomains"),
    ("es:DescribeElasticsearchInstanceTypeLimits", "es:DescribeInstanceTypeLimits"),
    ("es:DescribeInboundCrossClusterSearchConnections", "es:DescribeInboundConnections"),
    ("es:DescribeOutboundCrossClusterSearchConnections", "es:DescribeOutboundConnections"),
    ("es:DescribeReservedElasticsearchInstanceOfferings", "es:DescribeReservedInstanceOfferings"),
    ("es:DescribeReservedElasticsearchInstances", "es:DescribeReservedInstances"),
    ("es:GetCompatibleElasticsearchVersions", "es:GetCompatibleVersions"),
    ("es:ListElasticsearchInstanceTypeDetails", "es:ListInstanceTypeDetails"),
    ("es:ListElasticsearchInstanceTypes", "es:ListInstanceTypeDetails"),
    ("es:ListElasticsearchVersions", "es:ListVersions"),
    ("es:PurchaseReservedElasticsearchInstanceOffering", "es:PurchaseReservedInstanceOffering"),
    ("es:RejectInboundCrossClusterSearchConnection", "es:RejectInboundConnection"),
    ("es:RollbackElasticsearchServiceSoftwareUpdate", "es:RollbackServiceSoftwareUpdate"),
    ("es:StartElasticsearchServiceSoftwareUpdate", "es:StartServiceSoftwareUpdate"),
    ("es:UpdateElasticsearchDomainConfig", "es:UpdateDomainConfig"),
    ("es:UpgradeElasticsearchDomain", "es:UpgradeDomain"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, action: &str) -> bool {
        let kind = PolicyKind::Identity;
        let patterns = vec![ActionPattern::parse(pattern, kind).unwrap()];
        Actions { negated: false, patterns }.matches(action, synonym(action))
    }

    #[test]
    fn action_names_compare_without_case() {
        assert!(matches("ES:eshttpGET", "es:ESHttpGet"));
        assert!(matches("es:*Http*", "es:ESHttpGet"));
        assert!(matches("es:ESHttp?et", "es:ESHttpGet"));
        assert!(!matches("es:ESHttp?et", "es:ESHttpHead"));
    }

    #[test]
    fn an_old_name_grants_the_new_one_and_the_other_way_round() {
        assert!(matches("es:CreateElasticsearchDomain", "es:CreateDomain"));
        assert!(matches("es:CreateDomain", "es:createelasticsearchdomain"));
        assert!(!matches("es:CreateElasticsearchDomain", "es:DeleteDomain"));
    }

    #[test]
    fn an_action_without_a_service_is_refused_in_amazons_words() {
        let error = |source| ActionPattern::parse(source, PolicyKind::Identity).unwrap_err();
        assert!(error("ESHttpGet").starts_with("Actions/Conditions must be prefaced by a vendor"));
        assert_eq!(error("e*:ESHttpGet"), "Vendor e* is not valid: `e*:ESHttpGet`");
        assert!(ActionPattern::parse("s3.s:ListBucket", PolicyKind::Identity).is_ok());
        assert_eq!(error("es:"), "Vendor es is not valid: `es:`");
        assert!(error("").starts_with("Actions/Conditions must be prefaced"));
    }
}

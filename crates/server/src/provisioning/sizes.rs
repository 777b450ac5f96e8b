//! How large the nodes of a domain are: its instance type and count, as the pool translates them.

use std::collections::BTreeMap;

use serde_json::Value;

/// The type and count of Amazon's default: docs.aws.amazon.com, `ClusterConfig`.
const TYPE_DEFAULT: &str = "m4.large.search";

/// Java's heap should not be larger: docs.aws.amazon.com, "Sizing Amazon OpenSearch Service domains": half of the memory, up to 32 GiB.
const HEAP_MIB_MAX: u32 = 31 * 1024;

/// The instance type of a domain.
pub(super) fn instance_type(domain: &control::Domain) -> &str {
    option(domain, "InstanceType").and_then(Value::as_str).unwrap_or(TYPE_DEFAULT)
}

/// How many nodes a domain wants.
pub(super) fn instance_count(domain: &control::Domain) -> usize {
    let count = option(domain, "InstanceCount").and_then(Value::as_u64).unwrap_or(1);
    usize::try_from(count).unwrap_or(usize::MAX).max(1)
}

/// The heap of a node of this type: what the pool says of it, or of `*`, or half of the memory that Amazon's has.
pub(super) fn heap_mib(said: &BTreeMap<String, u32>, instance_type: &str) -> u32 {
    let said = said.get(instance_type).or_else(|| said.get("*"));
    said.copied().unwrap_or_else(|| memory_mib(instance_type) / 2).min(HEAP_MIB_MAX)
}

/// The dedicated nodes that lead the cluster, if it has such: their type and how many.
pub(super) fn dedicated_managers(domain: &control::Domain) -> Option<(&str, u64)> {
    let enabled = option(domain, "DedicatedMasterEnabled").and_then(Value::as_bool);
    let kind = option(domain, "DedicatedMasterType").and_then(Value::as_str);
    let count = option(domain, "DedicatedMasterCount").and_then(Value::as_u64);
    (enabled == Some(true)).then(|| (kind.unwrap_or(TYPE_DEFAULT), count.unwrap_or(3)))
}

fn option<'a>(domain: &'a control::Domain, member: &str) -> Option<&'a Value> {
    domain.options.get("ClusterConfig")?.get(member)
}

/// The memory of an instance of Amazon's: of its family by the letter that it begins with, times its size.
fn memory_mib(instance_type: &str) -> u32 {
    let mut parts = instance_type.split('.');
    let (family, size) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    // Of `large`.
    let large = match family.chars().next() {
        Some('c') => 4 * 1024,
        Some('r' | 'i' | 'o' | 'x') => 16 * 1024,
        _ => 8 * 1024,
    };
    match size {
        "micro" => large / 8,
        "small" => large / 4,
        "medium" => large / 2,
        "xlarge" => large * 2,
        _ => match size.strip_suffix("xlarge").and_then(|times| times.parse::<u32>().ok()) {
            Some(times) => large.saturating_mul(2).saturating_mul(times),
            None => large,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heap_is_half_of_the_types_memory_or_what_the_pool_says() {
        let mut said = BTreeMap::new();
        for (instance_type, mib) in [
            ("t3.small.search", 1024),
            ("t3.medium.search", 2048),
            ("m4.large.search", 4096),
            ("c5.large.search", 2048),
            ("r6g.xlarge.search", 16 * 1024),
            ("r5.24xlarge.search", HEAP_MIB_MAX),
        ] {
            assert_eq!(heap_mib(&said, instance_type), mib, "{instance_type}");
        }
        said = [("*".to_owned(), 512), ("t3.small.search".to_owned(), 450)].into();
        assert_eq!(heap_mib(&said, "t3.small.search"), 450);
        assert_eq!(heap_mib(&said, "m4.large.search"), 512);
    }
}

//! `LogPublishingOptions`: which log groups a domain may publish to. The server writes the files that stand for them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;
use crate::store::record::Domain;

const OPTIONS: &str = "LogPublishingOptions";

/// Refuses to publish to a log group that the operator's settings do not name. The text is Amazon's
/// (awsdocs/amazon-opensearch-service-developer-guide#59); what it means here is its detail.
pub(super) fn check(
    request: &OperationRequest<'_>,
    options: &BTreeMap<String, Value>,
) -> Result<(), ApiError> {
    // As at Amazon, a log group is its account's, and of the domain's region.
    let own = format!("arn:aws:logs:{}:{}:log-group:", request.region, request.account());
    let kinds = options.get(OPTIONS).and_then(Value::as_object).into_iter().flatten();
    for (kind, options) in kinds.filter(|(_, options)| is_enabled(options)) {
        let Some(group) = options.get("CloudWatchLogsLogGroupArn").and_then(Value::as_str) else {
            // Ours.
            let text = format!("{OPTIONS}.{kind} needs a CloudWatchLogsLogGroupArn");
            return Err(ApiError::new(ErrorCode::Validation, text));
        };
        if !request.settings.log_groups.contains(bare(group)) || !group.starts_with(&own) {
            let name = bare(group).split_once(":log-group:").map_or(group, |(_, name)| name);
            let text = format!(
                "The Resource Access Policy specified for the CloudWatch Logs log group {name} does not grant sufficient permissions for Amazon OpenSearch Service to create a log stream. Please check the Resource Access Policy."
            );
            let why = format!("the setting logs.groups names no file for {}", bare(group));
            return Err(ApiError::new(ErrorCode::Validation, text).because(why));
        }
    }
    Ok(())
}

impl Domain {
    /// The ARN of the log group that the domain publishes its log `kind` (`SEARCH_SLOW_LOGS` …) to, without the `:*` that may
    /// stand at its end.
    pub fn published_log(&self, kind: &str) -> Option<&str> {
        let options = self.options.get(OPTIONS)?.get(kind).filter(|options| is_enabled(options))?;
        options.get("CloudWatchLogsLogGroupArn").and_then(Value::as_str).map(bare)
    }
}

/// Amazon's default, where a kind is named, is that it is published.
fn is_enabled(options: &Value) -> bool {
    options.get("Enabled").and_then(Value::as_bool).unwrap_or(true)
}

fn bare(arn: &str) -> &str {
    arn.strip_suffix(":*").unwrap_or(arn)
}

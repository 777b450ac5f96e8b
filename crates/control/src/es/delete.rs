//! `DeleteDomain` and `DeleteElasticsearchDomain`: the record is marked, and goes when the server has closed the listener
//! and removed the folder ([`crate::Control::domain_gone`]).

use serde_json::{Value, json};

use super::{find, packages, status, vpc_endpoints};
use crate::change::Change;
use crate::err::ApiError;
use crate::request::OperationRequest;
use crate::store::record::{Domain, Record};

pub(crate) fn delete_domain(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let name = request.input.get("DomainName").and_then(Value::as_str).unwrap_or_default();
    let domain = Domain {
        deleted: true,
        updated: request.now_seconds(),
        ..find(request, name)?.record.clone()
    };
    let output = json!({"DomainStatus": status::status(request, &domain)});
    vpc_endpoints::remove_all(request, &domain.arn(), change);
    packages::let_go(request, name, change);
    change.put(Record::Domain(domain));
    Ok(output)
}

//! VPC endpoints: through one, subnets and security groups reach a domain that are not the domain's own. Another account
//! makes one after the domain's owner authorized it. What it opens is open when the reply is read.

use serde_json::{Value, json};

use super::{find, vpc};
use crate::change::Change;
use crate::err::{ApiError, ErrorCode};
use crate::limits::{VPC_ENDPOINTS_MAX, VPC_PRINCIPALS_MAX};
use crate::mint::host_part;
use crate::request::OperationRequest;
use crate::store::record::{Domain, Record, RecordKind, VPC_ENDPOINT_PREFIX, VpcEndpoint};

/// `CreateVpcEndpoint`. With a token that made one before, that one is given back.
pub(crate) fn create(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let given = options(request)?;
    let options = vpc::derive(request, given, None)?;
    let domain_arn = request.text("DomainArn").unwrap_or_default();
    let domain = reachable(request, domain_arn)?;
    let token = request.text("ClientToken");
    let prefix = prefix(request);
    let own = request.directory.vpc_endpoints_under(&prefix);
    if let Some(made) = own.clone().find(|it| {
        let same = token.is_some() && it.client_token.as_deref() == token;
        same && it.domain_arn == domain_arn
    }) {
        return Ok(json!({"VpcEndpoint": shown(made, domain)}));
    }
    if own.count() >= VPC_ENDPOINTS_MAX {
        let text = format!("You have reached the limit of {VPC_ENDPOINTS_MAX} VPC endpoints");
        return Err(ApiError::new(ErrorCode::LimitExceeded, text));
    }
    let unique =
        host_part(request.mint).map_err(|e| ApiError::new(ErrorCode::Internal, e.to_string()))?;
    let endpoint = VpcEndpoint {
        id: format!("{VPC_ENDPOINT_PREFIX}{unique}"),
        account: request.account().to_owned(),
        region: request.region.to_owned(),
        domain_arn: domain_arn.to_owned(),
        options,
        client_token: token.map(str::to_owned),
        created: request.now_seconds(),
    };
    let output = json!({"VpcEndpoint": shown(&endpoint, domain)});
    change.put(Record::VpcEndpoint(endpoint));
    Ok(output)
}

/// `UpdateVpcEndpoint`: members of its options that are not named stay.
pub(crate) fn update(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let given = options(request)?;
    vpc::known(request, given)?;
    let before = own(request)?;
    let options = vpc::derive(request, given, Some(&before.options))?;
    let endpoint = VpcEndpoint { options, ..before.clone() };
    let domain = reachable(request, &endpoint.domain_arn)?;
    let output = json!({"VpcEndpoint": shown(&endpoint, domain)});
    change.put(Record::VpcEndpoint(endpoint));
    Ok(output)
}

/// `DeleteVpcEndpoint`.
pub(crate) fn delete(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let endpoint = own(request)?;
    let mut output = summary(endpoint);
    if let Some(object) = output.as_object_mut() {
        object.insert("Status".to_owned(), json!("DELETING"));
    }
    remove(endpoint, change);
    Ok(json!({"VpcEndpointSummary": output}))
}

/// `DescribeVpcEndpoints`: those of the caller's account.
pub(crate) fn describe(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    let ids = request.input.get("VpcEndpointIds").and_then(Value::as_array).into_iter().flatten();
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    for id in ids.filter_map(Value::as_str) {
        let endpoint = request.directory.vpc_endpoint(request.account(), request.region, id);
        match endpoint.and_then(|it| Some(shown(it, reachable(request, &it.domain_arn).ok()?))) {
            Some(shown) => found.push(shown),
            None => errors.push(json!({
                "VpcEndpointId": id, "ErrorCode": "ENDPOINT_NOT_FOUND",
                "ErrorMessage": format!("VPC endpoint not found: {id}"),
            })),
        }
    }
    Ok(json!({"VpcEndpoints": found, "VpcEndpointErrors": errors}))
}

/// `ListVpcEndpoints`: those of the caller's account.
pub(crate) fn list(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    check_token(request)?;
    let prefix = prefix(request);
    let own = request.directory.vpc_endpoints_under(&prefix);
    let list: Vec<Value> = own.map(summary).collect();
    Ok(json!({"VpcEndpointSummaryList": list, "NextToken": ""}))
}

/// `ListVpcEndpointsForDomain`: whoever's they are.
pub(crate) fn list_of_domain(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    check_token(request)?;
    let arn = domain(request)?.arn();
    let list: Vec<Value> = request.directory.vpc_endpoints_of(&arn).map(summary).collect();
    Ok(json!({"VpcEndpointSummaryList": list, "NextToken": ""}))
}

/// `AuthorizeVpcEndpointAccess`.
pub(crate) fn authorize(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let account = principal(request)?;
    let mut domain = domain(request)?.clone();
    if domain.vpc_options().is_none() {
        return no(NOT_IN_A_VPC);
    }
    if !domain.vpc_principals.iter().any(|known| known == account) {
        if domain.vpc_principals.len() >= VPC_PRINCIPALS_MAX {
            let text = format!("You have reached the limit of {VPC_PRINCIPALS_MAX} principals");
            return Err(ApiError::new(ErrorCode::LimitExceeded, text));
        }
        domain.vpc_principals.push(account.to_owned());
        change.put(Record::Domain(domain));
    }
    Ok(json!({"AuthorizedPrincipal": shown_principal(account)}))
}

/// `RevokeVpcEndpointAccess`: the account's endpoints of the domain go with its right to them.
pub(crate) fn revoke(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let account = principal(request)?;
    let mut domain = domain(request)?.clone();
    if !domain.vpc_principals.iter().any(|known| known == account) {
        let text = format!("{account} is not authorized to access domain {}", domain.name);
        return Err(ApiError::new(ErrorCode::NoSuchEntity, text));
    }
    domain.vpc_principals.retain(|known| known != account);
    let endpoints = request.directory.vpc_endpoints_of(&domain.arn());
    if account != domain.account {
        endpoints.filter(|it| it.account == account).for_each(|it| remove(it, change));
    }
    change.put(Record::Domain(domain));
    Ok(json!({}))
}

/// `ListVpcEndpointAccess`.
pub(crate) fn list_access(
    request: &OperationRequest<'_>,
    _change: &mut Change,
) -> Result<Value, ApiError> {
    check_token(request)?;
    let principals = &domain(request)?.vpc_principals;
    let list: Vec<Value> = principals.iter().map(|account| shown_principal(account)).collect();
    Ok(json!({"AuthorizedPrincipalList": list, "NextToken": ""}))
}

/// Takes the endpoints of a domain away that is deleted.
pub(super) fn remove_all(request: &OperationRequest<'_>, arn: &str, change: &mut Change) {
    request.directory.vpc_endpoints_of(arn).for_each(|endpoint| remove(endpoint, change));
}

/// Source: docs.aws.amazon.com, "Access Amazon OpenSearch Service using an OpenSearch Service-managed VPC endpoint",
/// limitations; the words are ours.
const NOT_IN_A_VPC: &str = "VPC endpoints can only access domains within a VPC";

/// The VPC domain of this ARN, if the caller's account may make endpoints of it. Of others' domains nothing is told, not even
/// whether they are there.
fn reachable<'d>(request: &OperationRequest<'d>, arn: &str) -> Result<&'d Domain, ApiError> {
    let account = request.account();
    let mut parts = arn.split(':').skip(3);
    let (region, owner) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let name = parts.next().unwrap_or_default().trim_start_matches("domain/");
    let found = request.directory.domain(owner, region, name).filter(|domain| {
        let may = owner == account || domain.vpc_principals.iter().any(|it| it == account);
        // The ARN is what revoking and deleting find the endpoint by: it is kept only as the domain has it.
        may && region == request.region && !domain.deleted && domain.arn() == arn
    });
    match found {
        Some(domain) if domain.vpc_options().is_some() => Ok(&domain.record),
        Some(_) => no(NOT_IN_A_VPC),
        None => {
            let text = format!(
                "Account {account} is not authorized to access domain {arn}, or there is none"
            );
            Err(ApiError::new(ErrorCode::Validation, text))
        }
    }
}

fn options<'a>(request: &OperationRequest<'a>) -> Result<&'a Value, ApiError> {
    let given = request.input.get("VpcOptions").unwrap_or(&Value::Null);
    match given.get("EgressEnabled").and_then(Value::as_bool) {
        Some(true) => no(
            "VpcOptions.EgressEnabled cannot be enabled: nothing here connects to anything by itself",
        ),
        _ => Ok(given),
    }
}

/// The account that is spoken of.
fn principal<'a>(request: &OperationRequest<'a>) -> Result<&'a str, ApiError> {
    for member in ["Service", "ServiceOptions"] {
        if request.input.get(member).is_some_and(|value| !value.is_null()) {
            let text = format!("{member} cannot be set: there are no OpenSearch applications here");
            return Err(ApiError::new(ErrorCode::Validation, text));
        }
    }
    let account = request.input.get("Account").and_then(Value::as_str);
    account.map_or_else(|| no("Account must be specified"), Ok)
}

fn domain<'d>(request: &OperationRequest<'d>) -> Result<&'d Domain, ApiError> {
    find(request, request.text("DomainName").unwrap_or_default()).map(|domain| &domain.record)
}

/// The endpoint that is named, of the caller's account.
fn own<'d>(request: &OperationRequest<'d>) -> Result<&'d VpcEndpoint, ApiError> {
    let id = request.text("VpcEndpointId").unwrap_or_default();
    let found = request.directory.vpc_endpoint(request.account(), request.region, id);
    let missing =
        || ApiError::new(ErrorCode::NoSuchEntity, format!("VPC endpoint not found: {id}"));
    found.ok_or_else(missing)
}

fn remove(endpoint: &VpcEndpoint, change: &mut Change) {
    change.delete(RecordKind::VpcEndpoint, Record::VpcEndpoint(endpoint.clone()).key());
}

fn prefix(request: &OperationRequest<'_>) -> String {
    format!("{}/{}/", request.account(), request.region)
}

/// Every listing fits on one page.
fn check_token(request: &OperationRequest<'_>) -> Result<(), ApiError> {
    match request.text("NextToken") {
        None | Some("") => Ok(()),
        Some(token) => {
            let text = format!("Invalid NextToken: {token}");
            Err(ApiError::new(ErrorCode::InvalidPaginationToken, text))
        }
    }
}

fn shown(endpoint: &VpcEndpoint, domain: &Domain) -> Value {
    let mut shown = summary(endpoint);
    if let Some(object) = shown.as_object_mut() {
        object.insert("VpcOptions".to_owned(), endpoint.options.clone());
        object.insert("Endpoint".to_owned(), json!(domain.endpoint));
    }
    shown
}

fn summary(endpoint: &VpcEndpoint) -> Value {
    json!({
        "VpcEndpointId": endpoint.id, "VpcEndpointOwner": endpoint.account,
        "DomainArn": endpoint.domain_arn, "Status": "ACTIVE",
    })
}

fn shown_principal(account: &str) -> Value {
    json!({"PrincipalType": "AWS_ACCOUNT", "Principal": account})
}

fn no<T>(text: &str) -> Result<T, ApiError> {
    Err(ApiError::new(ErrorCode::Validation, text))
}

//! `GenerateCredentialReport` and `GetCredentialReport`: who has which credentials, as a table for people who audit.
//!
//! The text is made of the newest snapshot when it is fetched; generating one only says that it may be. Columns are Amazon's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::access_keys::last_use;
use super::users::keys_of;
use crate::change::Change;
use crate::directory::snapshot::Directory;
use crate::err::{ApiError, ErrorCode};
use crate::request::OperationRequest;
use crate::store::record::{
    AccessKey, Account, KeyOwner, PASSWORD, Record, SigningCertificate, User,
};

/// A report is made anew after this time. Source: IAM user guide, "Generate credential reports".
const FRESH_SECONDS: i64 = 4 * 3_600;

const HEAD: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

pub(crate) fn generate(
    request: &OperationRequest<'_>,
    change: &mut Change,
) -> Result<Value, ApiError> {
    let account = account(request)?;
    let now = request.now_seconds();
    if account.credential_report.is_some_and(|made| now - made < FRESH_SECONDS) {
        return Ok(json!({"State": "COMPLETE"}));
    }
    change.put(Record::Account(Account { credential_report: Some(now), ..account.clone() }));
    let description = "No report exists. Starting a new report generation task";
    Ok(json!({"State": "STARTED", "Description": description}))
}

pub(crate) fn get(request: &OperationRequest<'_>, _change: &mut Change) -> Result<Value, ApiError> {
    let account = account(request)?;
    let Some(made) = account.credential_report else {
        let text = "No report exists. You must first call GenerateCredentialReport";
        return Err(ApiError::new(ErrorCode::ReportNotPresent, text));
    };
    let text = report(request.directory, account);
    Ok(json!({"Content": STANDARD.encode(text), "ReportFormat": "text/csv", "GeneratedTime": made}))
}

fn account<'d>(request: &OperationRequest<'d>) -> Result<&'d Account, ApiError> {
    let found = request.directory.account(&request.caller.account).map(|entry| &entry.record);
    found.ok_or_else(|| ApiError::new(ErrorCode::Internal, "the caller's account no longer exists"))
}

fn report(directory: &Directory, account: &Account) -> String {
    let root_keys = directory
        .access_keys()
        .filter(|key| key.account == account.id && key.owner == KeyOwner::Root)
        .map(|key| &key.record);
    let mut rows = vec![HEAD.to_owned(), root_row(directory, account, root_keys.collect())];
    let prefix = format!("{}/", account.id);
    rows.extend(directory.users(&prefix).map(|user| user_row(directory, account, user)));
    rows.join("\n") + "\n"
}

fn root_row(directory: &Directory, account: &Account, keys: Vec<&AccessKey>) -> String {
    let mut cells = vec![
        "<root_account>".to_owned(),
        format!("arn:aws:iam::{}:root", account.id),
        time(account.created),
    ];
    cells.extend(
        ["not_supported", "no_information", "not_supported", "not_supported", "false"]
            .map(str::to_owned),
    );
    row(directory, cells, keys, &[])
}

fn user_row(directory: &Directory, account: &Account, user: &User) -> String {
    let mut cells = vec![user.name.clone(), user.arn(), time(user.created)];
    match &user.login_profile {
        Some(profile) => {
            let days = account.password_policy.as_ref().and_then(|policy| policy.days_max);
            let next = days.map_or("N/A".to_owned(), |days| time(profile.changed + days * 86_400));
            let used = directory.uses_of(&user.account, &user.id);
            let used = used.and_then(|uses| uses.credentials.get(PASSWORD));
            cells.extend([
                "true".to_owned(),
                used.map_or("no_information".to_owned(), |used| time(used.at)),
                time(profile.changed),
                next,
            ]);
        }
        None => cells.extend(["false", "N/A", "N/A", "N/A"].map(str::to_owned)),
    }
    cells.push(directory.mfa_devices_of(user).next().is_some().to_string());
    let keys = keys_of(directory, user).map(|key| &key.record).collect();
    row(directory, cells, keys, &user.kept.signing_certificates)
}

/// The cells of two keys and of two certificates behind the others.
fn row(
    directory: &Directory,
    mut cells: Vec<String>,
    keys: Vec<&AccessKey>,
    certificates: &[SigningCertificate],
) -> String {
    for number in 0..2 {
        let key = keys.get(number);
        cells.push(key.is_some_and(|key| key.active).to_string());
        cells.push(key.map_or("N/A".to_owned(), |key| time(key.created)));
        let used = key.and_then(|key| last_use(directory, key));
        cells.extend(match used {
            Some(used) => [time(used.at), used.region.clone(), used.service.clone()],
            None => ["N/A", "N/A", "N/A"].map(str::to_owned),
        });
    }
    for number in 0..2 {
        let certificate = certificates.get(number);
        cells.push(certificate.is_some_and(|it| it.active).to_string());
        cells.push(certificate.map_or("N/A".to_owned(), |it| time(it.uploaded)));
    }
    let quoted = cells.iter().map(|cell| {
        // A user's name may hold commas.
        if cell.contains(',') { format!("\"{cell}\"") } else { cell.clone() }
    });
    quoted.collect::<Vec<_>>().join(",")
}

fn time(seconds: i64) -> String {
    let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

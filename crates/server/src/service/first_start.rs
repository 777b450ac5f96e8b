//! The first inhabitants: an account with its root key, user `developer`, role `search-app`, domain `dev`.
//!
//! All but the account are made through the public operations, as the account's root. The first start is
//! over when `DIR/env` is written; one that was interrupted goes on where it stopped.

use control::{ErrorCode, IdentifiedCaller, Operation};
use serde_json::{Value, json};
use sigv4::SecretKey;

use crate::audit::{AuditEntry, AuditRecord};
use crate::clusters;
use crate::service::backends::{ControlWork, EnsureRoot};
use crate::service::domains::{DomainError, DomainReconciler};
use crate::service::folder::Folder;
use crate::service::options::{RootKey, StartOptions};
use crate::service::pool::WorkOwner;
use crate::service::state::ServiceState;
use crate::settings::{Accounts, PoolKind};
use crate::walk::authorize::permit::{Permit, Reason};
use crate::workloads;

/// The everyday user.
pub(crate) const DEVELOPER: &str = "developer";

/// The role that the first domain's policy names.
pub const SEARCH_APP: &str = "search-app";

/// The first domain.
pub(crate) const DEV: &str = "dev";

/// A key with its secret.
pub struct KnownKey {
    /// `AKIA…`.
    pub access_key_id: String,
    /// Its secret.
    pub secret: SecretKey,
}

impl KnownKey {
    /// As an environment file holds it.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        vec![
            ("AWS_ACCESS_KEY_ID".to_owned(), self.access_key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY".to_owned(), self.secret.expose().to_owned()),
        ]
    }
}

/// The keys that the environment files hold.
pub struct KnownKeys {
    /// Whose they are.
    pub account: String,
    /// Root's.
    pub root: KnownKey,
    /// Of the accounts beside the first.
    pub more_roots: Vec<(String, KnownKey)>,
    /// User `developer`'s; with `--bare` root's.
    pub everyday: KnownKey,
}

/// Why the first inhabitants could not be made.
#[derive(Debug)]
pub enum FirstStartError {
    /// An operation was refused.
    Operation(String),
    /// The first domain cannot be reached.
    Domain(DomainError),
}

/// Makes what is missing. Says whether this was a first start.
pub(crate) async fn ensure(
    state: &ServiceState,
    domains: &DomainReconciler,
    folder: &Folder,
    options: &StartOptions,
    root_key: Option<RootKey>,
) -> Result<(KnownKeys, bool), FirstStartError> {
    let first = !folder.path("root.env").exists() || !folder.path("env").exists();
    let accounts = &options.settings.accounts;
    let root = root_of(state, folder, accounts, &accounts.first, Reason::FirstStart, root_key)?;
    let mut more_roots = Vec::new();
    for account in &accounts.others {
        let root = root_of(state, folder, accounts, account, Reason::FirstStart, None)?;
        more_roots.push((account.clone(), root));
    }
    more_roots.extend(made_otherwise(state, folder, accounts));
    let directory = state.control.directory();
    let account = options.settings.accounts.first.clone();
    if options.bare && (first || !options.everyday) {
        let everyday =
            KnownKey { access_key_id: root.access_key_id.clone(), secret: root.secret.clone() };
        return Ok((KnownKeys { account, root, more_roots, everyday }, first));
    }
    let caller =
        directory.identify(&root.access_key_id, None, state.clock.now()).map_err(|error| {
            FirstStartError::Operation(format!("root's key is not valid: {error:?}"))
        })?;
    if first {
        let engine = engine_version(state, options).await?;
        inhabitants(state, &caller, options, engine)?;
        domains.reconcile(state).await.map_err(FirstStartError::Domain)?;
    }
    let everyday = everyday(state, folder, &caller, &root, options)?;
    Ok((KnownKeys { account, root, more_roots, everyday }, first))
}

/// The file of the root key of an account.
pub(crate) fn root_file(accounts: &Accounts, account: &str) -> String {
    if account == accounts.first { "root.env".to_owned() } else { format!("root-{account}.env") }
}

/// The roots of accounts that the settings do not name: `countersign account create` made them, or earlier settings. Of one
/// whose file was taken away nothing is known.
fn made_otherwise(
    state: &ServiceState,
    folder: &Folder,
    accounts: &Accounts,
) -> Vec<(String, KnownKey)> {
    let directory = state.control.directory();
    let ids = directory.accounts().map(|account| account.id.clone());
    let others = ids.filter(|id| *id != accounts.first && !accounts.others.contains(id));
    let known = |id: String| Some((id.clone(), kept_root(state, folder, accounts, &id)?));
    others.filter_map(known).collect()
}

/// Root's key: the operator's, or the one of an earlier start, or a new one.
pub(crate) fn root_of(
    state: &ServiceState,
    folder: &Folder,
    accounts: &Accounts,
    account: &str,
    reason: Reason,
    root_key: Option<RootKey>,
) -> Result<KnownKey, FirstStartError> {
    let chosen =
        root_key.map(|key| KnownKey { access_key_id: key.access_key_id, secret: key.secret });
    let given = chosen.as_ref().map(|key| (key.access_key_id.clone(), key.secret.clone()));
    let now = state.clock.now();
    let record = AuditRecord {
        account: Some(account.to_owned()),
        ..AuditRecord::of_service(now, "EnsureRoot")
    };
    let mut entry = AuditEntry::begin(&state.audit, record);
    let work = EnsureRoot { account: account.to_owned(), chosen: given };
    let permit = Permit::for_service(reason, &mut entry, work);
    let minted = state.control.ensure_root(permit, now);
    entry.ended(&minted);
    drop(entry);
    let minted = minted.map_err(|error| FirstStartError::Operation(error.to_string()))?;
    let minted = minted.map(|(access_key_id, secret)| KnownKey { access_key_id, secret });
    let known = chosen
        .or(minted)
        .or_else(|| kept_root(state, folder, accounts, account))
        .or_else(|| state.gateway.as_ref().and_then(|_| shared_root(state, account)));
    known.ok_or_else(|| {
        FirstStartError::Operation(format!(
            "{} is missing, and with it root's key; `countersign state recover --account {account}` makes a new one, \
             or set the first account's with COUNTERSIGN_ROOT_ACCESS_KEY_ID and COUNTERSIGN_ROOT_SECRET_ACCESS_KEY",
            folder.path(&root_file(accounts, account)).display()
        ))
    })
}

/// The root key that another gateway made: who has the sealing key may read it.
fn shared_root(state: &ServiceState, account: &str) -> Option<KnownKey> {
    let directory = state.control.directory();
    let access_key_id = directory.root_key(account)?.to_owned();
    let secret = directory.signing_secret(&access_key_id)?.clone();
    Some(KnownKey { access_key_id, secret })
}

/// The root key of an account in a file of an earlier start; another account may have been the first one then.
fn kept_root(
    state: &ServiceState,
    folder: &Folder,
    accounts: &Accounts,
    account: &str,
) -> Option<KnownKey> {
    let (directory, now) = (state.control.directory(), state.clock.now());
    let is_root = |key: &KnownKey| {
        let caller = directory.identify(&key.access_key_id, None, now);
        caller.is_ok_and(|caller| caller.arn == format!("arn:aws:iam::{account}:root"))
    };
    let files =
        [root_file(accounts, account), format!("root-{account}.env"), "root.env".to_owned()];
    files.iter().filter_map(|file| kept(folder, file)).find(is_root)
}

/// The key in a file of an earlier start.
fn kept(folder: &Folder, name: &str) -> Option<KnownKey> {
    let access_key_id = folder.read_env(name, "AWS_ACCESS_KEY_ID")?;
    let secret = SecretKey::new(&folder.read_env(name, "AWS_SECRET_ACCESS_KEY")?);
    Some(KnownKey { access_key_id, secret })
}

/// What the first domain is created as: what its cluster is, where it has one.
async fn engine_version(
    state: &ServiceState,
    options: &StartOptions,
) -> Result<&'static str, FirstStartError> {
    let settings = &options.settings;
    let arn = format!("arn:aws:es:{}:{}:domain/{DEV}", settings.region, settings.accounts.first);
    let pool = settings.pool_of(&arn).map(|(name, pool)| (name, pool, &pool.kind));
    let (name, pool) = match pool {
        None => return Ok(ELASTICSEARCH),
        Some((name, pool, PoolKind::Attach)) => (name, pool),
        // There is none yet that could be asked.
        Some((_, _, PoolKind::Process(_) | PoolKind::Kubernetes(_))) => return Ok(OPENSEARCH),
    };
    clusters::engine_version_of(pool, state.clock.now()).await.map_err(|why| {
        let error = DomainError { domain: DEV.to_owned(), why: format!("pools.{name}: {why}") };
        FirstStartError::Domain(error)
    })
}

/// The version of a first domain whose cluster is made for it.
const OPENSEARCH: &str = "OpenSearch_2.19";

/// The version of a first domain that the engine in this binary serves.
const ELASTICSEARCH: &str = "Elasticsearch_7.10";

/// What makes a service worth talking to. Each step may have been done by a start that was interrupted.
fn inhabitants(
    state: &ServiceState,
    root: &IdentifiedCaller,
    options: &StartOptions,
    engine: &str,
) -> Result<(), FirstStartError> {
    let run = |service, name: &str, input: &Value| {
        made(execute(state, root, &options.settings.region, service, name, input))
    };
    let account = &options.settings.accounts.first;
    run(control::Service::Iam, "CreateUser", &json!({ "UserName": DEVELOPER }))?;
    let administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
    let attach = json!({ "UserName": DEVELOPER, "PolicyArn": administrator });
    run(control::Service::Iam, "AttachUserPolicy", &attach)?;
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            // The service is what `workloads` assumes the role as.
            "Principal": {
                "AWS": format!("arn:aws:iam::{account}:root"),
                "Service": workloads::SERVICE,
            },
            "Action": "sts:AssumeRole",
        }],
    });
    let role = json!({
        "RoleName": SEARCH_APP,
        "Description": "An application that searches: the first domain's policy names it.",
        "AssumeRolePolicyDocument": trust.to_string(),
    });
    run(control::Service::Iam, "CreateRole", &role)?;
    let role_arn = format!("arn:aws:iam::{account}:role/{SEARCH_APP}");
    let arn = policy::template::DomainArn::new(&options.settings.region, account, DEV);
    let policy = policy::template::allow_principals(&arn, [role_arn.as_str()]);
    let domain = json!({ "DomainName": DEV, "EngineVersion": engine, "AccessPolicies": policy });
    run(control::Service::OpenSearch, "CreateDomain", &domain)
}

/// The key for everyday work: the one that `env` holds, or a new one.
fn everyday(
    state: &ServiceState,
    folder: &Folder,
    caller: &IdentifiedCaller,
    root: &KnownKey,
    options: &StartOptions,
) -> Result<KnownKey, FirstStartError> {
    let known = kept(folder, "env");
    if let Some(key) =
        known.filter(|key| state.control.directory().signing_secret(&key.access_key_id).is_some())
    {
        return Ok(key);
    }
    let user =
        state.control.directory().user(&options.settings.accounts.first, DEVELOPER).is_some();
    if !user {
        // Started with `--bare` before, or the user was deleted since: root is who is left.
        return Ok(KnownKey {
            access_key_id: root.access_key_id.clone(),
            secret: root.secret.clone(),
        });
    }
    let input = json!({ "UserName": DEVELOPER });
    let made = execute(
        state,
        caller,
        &options.settings.region,
        control::Service::Iam,
        "CreateAccessKey",
        &input,
    )
    .map_err(|error| FirstStartError::Operation(format!("a key for {DEVELOPER}: {error}")))?;
    let text = |name: &str| {
        made.pointer(&format!("/AccessKey/{name}")).and_then(Value::as_str).unwrap_or_default()
    };
    let secret = SecretKey::new(text("SecretAccessKey"));
    Ok(KnownKey { access_key_id: text("AccessKeyId").to_owned(), secret })
}

/// One operation, as root, without the wire.
fn execute(
    state: &ServiceState,
    root: &IdentifiedCaller,
    region: &str,
    service: control::Service,
    name: &str,
    input: &Value,
) -> Result<Value, control::ApiError> {
    let operation = Operation::find(service, name).ok_or_else(|| {
        control::ApiError::new(ErrorCode::UnknownOperation, format!("{name} is not in the table"))
    })?;
    let now = state.clock.now();
    let mut record = AuditRecord::of_service(now, &operation.action());
    record.account = Some(root.account.clone());
    record.principal.arn.clone_from(&root.arn);
    let mut entry = AuditEntry::begin(&state.audit, record);
    let request_id = entry.request_id.clone();
    let work = ControlWork {
        operation,
        input: input.clone(),
        identity: root.clone(),
        judged: state.control.directory().version(),
        context: policy::Context::new(),
        region: region.to_owned(),
        holder: WorkOwner::service(),
    };
    let permit = Permit::for_service(Reason::FirstStart, &mut entry, work);
    let done = state.control.execute(permit, &|_| None, now, &request_id);
    entry.ended(&done);
    done
}

/// Made now, or by a start that was interrupted.
fn made(result: Result<Value, control::ApiError>) -> Result<(), FirstStartError> {
    match result {
        Ok(_) => Ok(()),
        Err(error) if error.code == ErrorCode::EntityAlreadyExists => Ok(()),
        Err(error) => Err(FirstStartError::Operation(error.to_string())),
    }
}

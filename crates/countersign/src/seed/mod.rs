//! `countersign dev --seed FILE`: what a test or a demonstration needs is there when the service is ready.
//!
//! Everything is made with the public operations, signed by the account's root, so a seed can do nothing that a client
//! could not. It is idempotent: what is there is set to what the file says, and nothing that it does not name is touched.

mod calls;
mod file;

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use server::{KnownKey, Service};

use self::calls::{SeedCaller, tags};
pub(crate) use self::file::SeedFile;
use self::file::{SeedAccount, SeedDomain, SeedIndex, SeedPrincipal};
use crate::Failure;

const DOMAINS: &str = "/2021-01-01/opensearch/domain";

/// Makes what the file says.
pub(crate) async fn apply(service: &Service, seed: &SeedFile) -> Result<(), Failure> {
    for (id, account) in &seed.accounts {
        let roots = service.keys.more_roots.iter();
        let key = if *id == service.account {
            Some(&service.keys.root)
        } else {
            roots.clone().find(|(other, _)| other == id).map(|(_, key)| key)
        };
        let key =
            key.ok_or_else(|| format!("seed: there is no account {id}: restart to create it"))?;
        let done = apply_account(service, key, id, account).await;
        done.map_err(|error| format!("seed: account {id}: {error}"))?;
    }
    Ok(())
}

/// How often the file of a seed is looked at.
const WATCH_EVERY: Duration = Duration::from_millis(250);

/// Makes what the file at `path` says whenever it says something else than `seen`, and then than the last time, for ever.
/// What is wrong with it is logged, and the service goes on.
pub(crate) async fn watch(service: &Service, path: &Path, mut seen: String) {
    loop {
        tokio::time::sleep(WATCH_EVERY).await;
        // A file that is being replaced is not there for a moment.
        let Ok(now) = SeedFile::text(path) else { continue };
        if now == seen {
            continue;
        }
        seen = now;
        let applied = match SeedFile::read(&seen, path, &service.account) {
            Ok(seed) => apply(service, &seed).await.map_err(|error| error.to_string()),
            Err(error) => Err(error),
        };
        match applied {
            Ok(()) => tracing::info!(file = %path.display(), "the seed was made again"),
            Err(why) => tracing::error!(%why, "the seed was not applied again"),
        }
    }
}

async fn apply_account(
    service: &Service,
    key: &KnownKey,
    id: &str,
    account: &SeedAccount,
) -> Result<(), Failure> {
    let caller = SeedCaller::new(service, key);
    for (name, document) in &account.policies {
        put_policy(&caller, id, name, document).await?;
    }
    for (name, user) in &account.users {
        caller.iam("CreateUser", json!({ "UserName": name })).await?;
        put_principal(&caller, "User", name, user).await?;
        if !user.no_key {
            put_key(&caller, service, name).await?;
        }
    }
    for (name, role) in &account.roles {
        let own = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": format!("arn:aws:iam::{id}:root")}}]});
        let trust = role.trust.as_ref().unwrap_or(&own).to_string();
        let input = json!({"RoleName": name, "AssumeRolePolicyDocument": trust});
        caller.iam("CreateRole", input).await?;
        let input = json!({"RoleName": name, "PolicyDocument": trust});
        caller.iam("UpdateAssumeRolePolicy", input).await?;
        put_principal(&caller, "Role", name, role).await?;
    }
    for (name, domain) in &account.domains {
        let done = put_domain(&caller, service, id, name, domain).await;
        done.map_err(|error| format!("domain {name}: {error}"))?;
    }
    Ok(())
}

/// A managed policy, with the text as its default version; versions that are not are taken away to make room.
async fn put_policy(
    caller: &SeedCaller<'_>,
    id: &str,
    name: &str,
    document: &Value,
) -> Result<(), Failure> {
    let text = document.to_string();
    let made =
        caller.iam("CreatePolicy", json!({"PolicyName": name, "PolicyDocument": text})).await?;
    if made.status.is_success() {
        return Ok(());
    }
    let arn = format!("arn:aws:iam::{id}:policy/{name}");
    let policy = caller.iam("GetPolicy", json!({ "PolicyArn": arn })).await?;
    let version = policy.value("DefaultVersionId").unwrap_or_default().to_owned();
    let standing =
        caller.iam("GetPolicyVersion", json!({"PolicyArn": arn, "VersionId": version})).await?;
    let written = standing.value("Document").unwrap_or_default();
    if percent_encoding::percent_decode_str(written).decode_utf8_lossy() == text {
        return Ok(());
    }
    let input = json!({"PolicyArn": arn, "PolicyDocument": text, "SetAsDefault": true});
    caller.iam("CreatePolicyVersion", input).await?;
    caller.iam("DeletePolicyVersion", json!({"PolicyArn": arn, "VersionId": version})).await?;
    Ok(())
}

async fn put_principal(
    caller: &SeedCaller<'_>,
    kind: &str,
    name: &str,
    principal: &SeedPrincipal,
) -> Result<(), Failure> {
    let named = format!("{kind}Name");
    for (policy, document) in &principal.policies {
        let input =
            json!({&named: name, "PolicyName": policy, "PolicyDocument": document.to_string()});
        caller.iam(&format!("Put{kind}Policy"), input).await?;
    }
    for arn in &principal.attached {
        let input = json!({&named: name, "PolicyArn": arn});
        caller.iam(&format!("Attach{kind}Policy"), input).await?;
    }
    if !principal.tags.is_empty() {
        let input = json!({&named: name, "Tags": tags(&principal.tags)});
        caller.iam(&format!("Tag{kind}"), input).await?;
    }
    Ok(())
}

/// The user's key in `DIR/seed/USER.env`: the one that is there, or a new one.
async fn put_key(caller: &SeedCaller<'_>, service: &Service, user: &str) -> Result<(), Failure> {
    let path = key_file(&service.env(), user)?;
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let listed = caller.iam("ListAccessKeys", json!({ "UserName": user })).await?;
    let id = kept.lines().find_map(|line| line.strip_prefix("export AWS_ACCESS_KEY_ID="));
    if id.is_some_and(|id| listed.text.contains(&format!("<AccessKeyId>{id}</AccessKeyId>"))) {
        return Ok(());
    }
    let made = caller.iam("CreateAccessKey", json!({ "UserName": user })).await?;
    let value = |name: &str| made.value(name).unwrap_or_default();
    let text = format!(
        "export AWS_ACCESS_KEY_ID={}\nexport AWS_SECRET_ACCESS_KEY={}\n",
        server::quoted(value("AccessKeyId")),
        server::quoted(value("SecretAccessKey")),
    );
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let _ = std::fs::remove_file(&path);
    let mut file = std::fs::File::options().write(true).create_new(true).mode(0o600).open(&path)?;
    file.write_all(text.as_bytes())?;
    Ok(())
}

fn key_file(env: &Path, user: &str) -> Result<PathBuf, Failure> {
    let folder = env.parent().ok_or("the data folder has no path")?;
    // A user's name has no slash; a dot alone would be the folder itself.
    if user.starts_with('.') {
        return Err(format!("user {user}: a name that begins with a dot has no file").into());
    }
    Ok(folder.join("seed").join(format!("{user}.env")))
}

async fn put_domain(
    caller: &SeedCaller<'_>,
    service: &Service,
    account: &str,
    name: &str,
    domain: &SeedDomain,
) -> Result<(), Failure> {
    let control = service.control_url.as_str();
    let policy = domain.access_policy.as_ref().map(Value::to_string);
    let mut settings = json!({ "AdvancedOptions": domain.advanced_options });
    if let (Some(object), Some(policy)) = (settings.as_object_mut(), policy) {
        object.insert("AccessPolicies".to_owned(), Value::String(policy));
    }
    let mut input = settings.clone();
    if let Some(object) = input.as_object_mut() {
        object.insert("DomainName".to_owned(), json!(name));
        object.insert("TagList".to_owned(), tags(&domain.tags));
        if let Some(version) = &domain.engine_version {
            object.insert("EngineVersion".to_owned(), json!(version));
        }
    }
    succeeded(caller.es(control, Method::POST, DOMAINS, &input).await?)?;
    let config = format!("{DOMAINS}/{name}/config");
    succeeded(caller.es(control, Method::POST, &config, &settings).await?)?;
    if domain.indices.is_empty() {
        return Ok(());
    }
    let endpoint = listening(service, account, name).await?;
    for (index, wanted) in &domain.indices {
        let done = put_index(caller, &endpoint, index, wanted).await;
        done.map_err(|error| format!("index {index}: {error}"))?;
    }
    Ok(())
}

/// How often, and how long in all, a new domain's listener is waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
const LOOKS_MAX: usize = 1_500;

async fn listening(service: &Service, account: &str, name: &str) -> Result<String, Failure> {
    for _ in 0..LOOKS_MAX {
        if let Some(url) = service.domain_of(account, name) {
            return Ok(url);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Err("it does not listen".into())
}

async fn put_index(
    caller: &SeedCaller<'_>,
    endpoint: &str,
    index: &str,
    wanted: &SeedIndex,
) -> Result<(), Failure> {
    let parts = [
        ("settings", &wanted.settings),
        ("mappings", &wanted.mappings),
        ("aliases", &wanted.aliases),
    ];
    let given =
        parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
    let body = Value::Object(given.collect());
    let path = format!("/{index}");
    let made = caller.es(endpoint, Method::PUT, &path, &body).await?;
    if made.text.contains("resource_already_exists_exception") {
        if let Some(mappings) = &wanted.mappings {
            let path = format!("/{index}/_mapping");
            succeeded(caller.es(endpoint, Method::PUT, &path, mappings).await?)?;
        }
    } else {
        succeeded(made)?;
    }
    for (id, document) in &wanted.documents {
        let id = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
        let path = format!("/{index}/_doc/{id}");
        succeeded(caller.es(endpoint, Method::PUT, &path, document).await?)?;
    }
    if !wanted.documents.is_empty() {
        let path = format!("/{index}/_refresh");
        succeeded(caller.es(endpoint, Method::POST, &path, &Value::Null).await?)?;
    }
    Ok(())
}

fn succeeded(answer: calls::SeedAnswer) -> Result<(), Failure> {
    if answer.status.is_success() { Ok(()) } else { Err(answer.text.into()) }
}

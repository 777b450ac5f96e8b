//! `[console.oidc.NAME]`: identity providers that visitors of the console may sign in with.

use std::collections::BTreeMap;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::named;

/// A provider, what this console is to it, and the role that its users get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcClientSettings {
    /// The provider, `https://…`, as its tokens name it.
    pub issuer: String,
    /// What it knows this console by.
    pub client_id: String,
    /// The file with the secret that it gave out for that; public clients have none.
    pub client_secret_file: Option<PathBuf>,
    /// The role that is assumed with its tokens.
    pub role_arn: String,
    /// What is asked for.
    pub scopes: Vec<String>,
}

/// What is told to whoever wrote something else.
pub(super) const EXPECTED: &str = "NAME = { issuer = \"https://HOST/PATH\", client_id = \"ID\", role_arn = \"arn:aws:iam::ACCOUNT:role/NAME\" }, \
    and of client_secret_file and scopes (a list with openid in it) those that are needed; two issuers have a role each";

impl OidcClientSettings {
    /// A client with nothing but defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            issuer: String::new(),
            client_id: String::new(),
            client_secret_file: None,
            role_arn: String::new(),
            scopes: ["openid", "profile", "email"].map(str::to_owned).to_vec(),
        }
    }

    /// The secret, read anew each time: it may have been changed.
    ///
    /// # Errors
    /// When its file cannot be read or holds none.
    pub(crate) fn secret_in_file(&self) -> Result<Option<Zeroizing<String>>, String> {
        let Some(path) = &self.client_secret_file else { return Ok(None) };
        let read = std::fs::read_to_string(path).map(Zeroizing::new);
        let read = read.map_err(|error| format!("{}: {error}", path.display()))?;
        match read.trim() {
            "" => Err(format!("{}: the file is empty", path.display())),
            secret => Ok(Some(Zeroizing::new(secret.to_owned()))),
        }
    }

    /// Takes one key's value; `None`: there is no such key, or it cannot have this value.
    fn set(&mut self, key: &str, value: &str) -> Option<()> {
        match key {
            "issuer" => value.clone_into(&mut self.issuer),
            "client_id" => value.clone_into(&mut self.client_id),
            "client_secret_file" => {
                self.client_secret_file = Some(value.into()).filter(|_| !value.is_empty());
            }
            "role_arn" => value.clone_into(&mut self.role_arn),
            "scopes" => {
                let scopes = value.split(';').map(str::trim).filter(|scope| !scope.is_empty());
                self.scopes = scopes.map(str::to_owned).collect();
            }
            _ => return None,
        }
        Some(())
    }

    /// Whether what is there goes together.
    fn is_whole(&self) -> bool {
        let role = policy::Arn::parse(&self.role_arn);
        let is_role = role.is_ok_and(|arn| arn.resource().starts_with("role/"));
        let plain = |text: &String| text.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
        self.issuer.strip_prefix("https://").is_some_and(|rest| !rest.is_empty())
            && !self.issuer.contains(['?', '#'])
            && plain(&self.issuer)
            && !self.client_id.is_empty()
            && is_role
            && self.scopes.iter().any(|scope| scope == "openid")
            && self.scopes.iter().all(plain)
    }

    fn write(&self) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut pairs = vec![
            format!("issuer = {}", quoted(&self.issuer)),
            format!("client_id = {}", quoted(&self.client_id)),
            format!("role_arn = {}", quoted(&self.role_arn)),
        ];
        let file = self.client_secret_file.as_ref().map(|path| quoted(&path.display().to_string()));
        pairs.extend(file.map(|file| format!("client_secret_file = {file}")));
        let scopes: Vec<String> = self.scopes.iter().map(|scope| quoted(scope)).collect();
        pairs.push(format!("scopes = [{}]", scopes.join(", ")));
        format!("{{ {} }}", pairs.join(", "))
    }
}

impl Default for OidcClientSettings {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads what [`named::read`] does.
pub(super) fn read(text: &str) -> Option<BTreeMap<String, OidcClientSettings>> {
    let mut clients: BTreeMap<String, OidcClientSettings> = BTreeMap::new();
    for said in named::read(text)? {
        clients.entry(said.name.to_owned()).or_default().set(said.key, said.value)?;
    }
    let whole = clients.values().all(OidcClientSettings::is_whole);
    (whole && names_one_person_once(&clients)).then_some(clients)
}

/// Whether each role's sessions are named by one provider: `sub`, which names them, is one person's within a provider only
/// (OpenID Connect Core 1.0, section 2).
fn names_one_person_once(clients: &BTreeMap<String, OidcClientSettings>) -> bool {
    let mut issuers: BTreeMap<&str, &str> = BTreeMap::new();
    clients
        .values()
        .all(|client| *issuers.entry(&client.role_arn).or_insert(&client.issuer) == client.issuer)
}

/// As TOML, on one line.
pub(super) fn write(clients: &BTreeMap<String, OidcClientSettings>) -> String {
    named::write(clients, OidcClientSettings::write)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "a.issuer=https://id.example/realm,a.client_id=console,a.role_arn=arn:aws:iam::123456789012:role/people";

    #[test]
    fn a_provider_is_read_with_what_it_does_not_say() {
        let clients = read(&format!("{WHOLE},a.client_secret_file=/run/secret")).unwrap();
        let client = &clients["a"];
        assert_eq!(client.issuer, "https://id.example/realm");
        assert_eq!(client.scopes, ["openid", "profile", "email"]);
        assert_eq!(client.client_secret_file.as_deref(), Some("/run/secret".as_ref()));
    }

    #[test]
    fn two_issuers_do_not_share_a_role() {
        let role = "arn:aws:iam::123456789012:role";
        let with = |issuer: &str, name: &str| {
            read(&format!("{WHOLE},b.issuer={issuer},b.client_id=c,b.role_arn={role}/{name}"))
        };
        assert!(with("https://other.example", "people").is_none());
        assert!(with("https://other.example", "others").is_some());
        assert!(with("https://id.example/realm", "people").is_some());
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        for text in [
            "a.client_id=console".to_owned(),
            WHOLE.replace("https:", "http:"),
            WHOLE.replace("role/", "user/"),
            WHOLE.replace("a.client_id=console,", ""),
            WHOLE.replace("/realm", "/realm?x"),
            format!("{WHOLE},a.scopes=profile"),
            format!("{WHOLE},a.client_secret=s"),
        ] {
            assert!(read(&text).is_none(), "{text}");
        }
        assert!(read(&format!("{WHOLE},a.scopes=openid;groups")).is_some());
    }
}

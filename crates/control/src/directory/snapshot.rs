//! The snapshot itself: one table for each kind of record, how the next one is made, and the lookups.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use policy::{PolicyKind, PolicySet};

use super::callers::KnownCallers;
use super::entry::{CompiledRecord, OpenedKey, RecordTable, SamlProviderEntry, plain, with_inline};
use super::operator_policies::OperatorPolicies;
use super::sessions::{LiveSession, SessionTable};
use crate::change::Change;
use crate::managed;
use crate::policies::{NamedPolicy, principal_arn_parts};
use crate::seal::SealingKey;
use crate::store::package::package_key;
use crate::store::record::{
    AccessKey, Account, Domain, Group, InstanceProfile, KeyOwner, ManagedPolicy, MfaDevice,
    OidcProvider, Package, PrincipalUses, Record, RecordKind, Role, ServerCertificate, User,
    VpcAccess, VpcEndpoint, domain_key, entity_key,
};

/// A snapshot of everything control knows. Cloning shares.
#[derive(Clone)]
pub struct Directory {
    version: u64,
    operator: Arc<OperatorPolicies>,
    sealing_key: Arc<SealingKey>,
    accounts: RecordTable<CompiledRecord<Account>>,
    users: RecordTable<CompiledRecord<User>>,
    groups: RecordTable<CompiledRecord<Group>>,
    roles: RecordTable<CompiledRecord<Role>>,
    policies: RecordTable<CompiledRecord<ManagedPolicy>>,
    profiles: RecordTable<CompiledRecord<InstanceProfile>>,
    oidc_providers: RecordTable<CompiledRecord<OidcProvider>>,
    saml_providers: RecordTable<SamlProviderEntry>,
    server_certificates: RecordTable<CompiledRecord<ServerCertificate>>,
    access_keys: RecordTable<OpenedKey<AccessKey>>,
    mfa_devices: RecordTable<CompiledRecord<MfaDevice>>,
    sessions: SessionTable,
    domains: RecordTable<CompiledRecord<Domain>>,
    /// The domains by each name that they answer at, lower-cased; made when a domain changes.
    domain_names: Arc<BTreeMap<String, Vec<Arc<CompiledRecord<Domain>>>>>,
    uses: RecordTable<CompiledRecord<PrincipalUses>>,
    packages: RecordTable<CompiledRecord<Package>>,
    vpc_endpoints: RecordTable<CompiledRecord<VpcEndpoint>>,
    /// Whom its long-term keys stand for, as far as anybody asked: of this snapshot alone.
    pub(super) callers: KnownCallers,
}

/// Why a record cannot be part of a directory: it names the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryError {
    /// Kind and key of the record.
    pub record: String,
    /// What is wrong with it.
    pub why: String,
}

impl std::fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.record, self.why)
    }
}

impl std::error::Error for DirectoryError {}

impl Directory {
    /// An empty directory that opens secrets with `sealing_key`.
    pub(crate) fn empty(
        sealing_key: Arc<SealingKey>,
        operator: Arc<OperatorPolicies>,
        version: u64,
    ) -> Directory {
        Directory {
            version,
            operator,
            sealing_key,
            accounts: RecordTable::default(),
            users: RecordTable::default(),
            groups: RecordTable::default(),
            roles: RecordTable::default(),
            policies: RecordTable::default(),
            profiles: RecordTable::default(),
            oidc_providers: RecordTable::default(),
            saml_providers: RecordTable::default(),
            server_certificates: RecordTable::default(),
            access_keys: RecordTable::default(),
            mfa_devices: RecordTable::default(),
            sessions: SessionTable::default(),
            domains: RecordTable::default(),
            domain_names: Arc::default(),
            uses: RecordTable::default(),
            packages: RecordTable::default(),
            vpc_endpoints: RecordTable::default(),
            callers: KnownCallers::default(),
        }
    }

    /// The same, which opens secrets that it reads from now on with another key.
    pub(crate) fn with_key(&self, sealing_key: Arc<SealingKey>) -> Directory {
        Directory { sealing_key, ..self.clone() }
    }

    /// The snapshot after `change`, numbered `version`.
    pub(crate) fn after(&self, change: &Change, version: u64) -> Result<Directory, DirectoryError> {
        let mut next = self.clone();
        next.version = version;
        for (kind, key) in &change.deletes {
            next.remove(*kind, key);
        }
        for record in &change.puts {
            let key = record.key();
            let name = format!("{} {key}", record.kind().name());
            next.put(key, record).map_err(|why| DirectoryError { record: name, why })?;
        }
        if change.touches(RecordKind::Domain) {
            next.domain_names = Arc::new(next.domains_by_name());
        }
        Ok(next)
    }

    /// The snapshot of exactly these records, numbered `version`. Sessions that stay are still over if they were seen over.
    pub(crate) fn with_all(
        &self,
        records: Vec<Record>,
        version: u64,
    ) -> Result<Directory, DirectoryError> {
        let (key, operator) = (Arc::clone(&self.sealing_key), Arc::clone(&self.operator));
        let mut empty = Directory::empty(key, operator, version);
        empty.sessions = self.sessions.clone();
        let sessions = records.iter().filter(|record| record.kind() == RecordKind::Session);
        let standing: BTreeSet<String> = sessions.map(Record::key).collect();
        let known = self.sessions.values().map(|kept| kept.entry.access_key_id.clone());
        let gone = known.filter(|key| !standing.contains(key));
        let deletes = gone.map(|key| (RecordKind::Session, key)).collect();
        empty.after(&Change { puts: records, deletes, ..Change::default() }, version)
    }

    /// The same records under other policies of the operator, numbered `version`.
    pub(crate) fn under(&self, operator: Arc<OperatorPolicies>, version: u64) -> Directory {
        Directory { version, operator, ..self.clone() }
    }

    fn remove(&mut self, kind: RecordKind, key: &str) {
        match kind {
            RecordKind::Account => self.accounts.remove(key),
            RecordKind::User => self.users.remove(key),
            RecordKind::Group => self.groups.remove(key),
            RecordKind::Role => self.roles.remove(key),
            RecordKind::ManagedPolicy => self.policies.remove(key),
            RecordKind::InstanceProfile => self.profiles.remove(key),
            RecordKind::OidcProvider => self.oidc_providers.remove(key),
            RecordKind::SamlProvider => self.saml_providers.remove(key),
            RecordKind::ServerCertificate => self.server_certificates.remove(key),
            RecordKind::AccessKey => self.access_keys.remove(key),
            RecordKind::MfaDevice => self.mfa_devices.remove(key),
            RecordKind::Session => self.sessions.remove(key),
            RecordKind::Domain => self.domains.remove(key),
            RecordKind::PrincipalUses => self.uses.remove(key),
            RecordKind::Package => self.packages.remove(key),
            RecordKind::VpcEndpoint => self.vpc_endpoints.remove(key),
        }
    }

    fn put(&mut self, key: String, record: &Record) -> Result<(), String> {
        match record {
            Record::Account(r) => self.accounts.put(key, plain(r.clone())),
            Record::User(r) => self.users.put(key, with_inline(r.clone(), &r.permissions.inline)?),
            Record::Group(r) => {
                self.groups.put(key, with_inline(r.clone(), &r.permissions.inline)?)
            }
            Record::Role(r) => {
                let mut entry = with_inline(r.clone(), &r.permissions.inline)?;
                entry.own = Some(NamedPolicy::compile(&r.arn(), &r.trust, PolicyKind::Trust)?);
                self.roles.put(key, entry);
            }
            Record::ManagedPolicy(r) => {
                let version = r.default_document().ok_or("the default version is missing")?;
                let mut entry = plain(r.clone());
                entry.own =
                    Some(NamedPolicy::compile(&r.arn(), &version.document, PolicyKind::Identity)?);
                self.policies.put(key, entry);
            }
            Record::InstanceProfile(r) => self.profiles.put(key, plain(r.clone())),
            Record::OidcProvider(r) => self.oidc_providers.put(key, plain(r.clone())),
            Record::SamlProvider(r) => {
                self.saml_providers.put(key, SamlProviderEntry::new(r.clone()))
            }
            Record::ServerCertificate(r) => self.server_certificates.put(key, plain(r.clone())),
            Record::AccessKey(r) => {
                let secret = self.open_secret(&r.id, &r.sealed_secret)?;
                self.access_keys.put(key, OpenedKey { entry: plain(r.clone()), secret });
            }
            Record::MfaDevice(r) => self.mfa_devices.put(key, plain(r.clone())),
            Record::Package(r) => self.packages.put(key, plain(r.clone())),
            Record::Session(r) => {
                let secret = self.open_secret(&r.access_key_id, &r.sealed_secret)?;
                let mut entry = plain(r.clone());
                for (number, text) in r.policies.iter().enumerate() {
                    let label = format!("session policy {number}");
                    entry.inline.push(NamedPolicy::compile(&label, text, PolicyKind::Session)?);
                }
                self.sessions.put(key, LiveSession::new(entry, secret));
            }
            Record::PrincipalUses(r) => self.uses.put(key, plain(r.clone())),
            Record::Domain(r) => {
                let mut entry = plain(r.clone());
                if let Some(text) = &r.access_policy {
                    entry.own = Some(NamedPolicy::domain(&r.arn(), text)?);
                }
                self.domains.put(key, entry);
            }
            Record::VpcEndpoint(r) => self.vpc_endpoints.put(key, plain(r.clone())),
        }
        Ok(())
    }

    fn open_secret(&self, id: &str, sealed: &str) -> Result<sigv4::SecretKey, String> {
        let opened = self
            .sealing_key
            .open(id, sealed)
            .map_err(|e| format!("its secret cannot be unsealed: {e}"))?;
        let text = std::str::from_utf8(&opened).map_err(|_| "its secret is not text".to_owned())?;
        Ok(sigv4::SecretKey::new(text))
    }

    /// The number of this snapshot: one more with every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The service control policies of an account, one set per level; of a clone those of the account it was made from.
    pub(crate) fn service_control(&self, account: &str) -> Arc<[PolicySet]> {
        let origin = self.origin_of(account);
        self.operator.service_control.get(origin).cloned().unwrap_or_default()
    }

    /// The resource control policies of an account, one set per level; of a clone those of the account it was made from.
    pub fn resource_control(&self, account: &str) -> Arc<[PolicySet]> {
        let origin = self.origin_of(account);
        self.operator.resource_control.get(origin).cloned().unwrap_or_default()
    }

    /// The policies of the VPC endpoints that a request to `domain` from `address` comes through: of a public domain none.
    pub fn endpoint_policies(&self, domain: &Domain, address: IpAddr) -> Arc<[Arc<PolicySet>]> {
        match domain.vpc_options() {
            Some(_) => self.operator.endpoints(address),
            None => Arc::default(),
        }
    }

    fn origin_of<'a>(&'a self, account: &'a str) -> &'a str {
        let origin = self.account(account).and_then(|account| account.clone_of.as_deref());
        origin.unwrap_or(account)
    }

    /// Every record of an account but its sessions.
    pub(crate) fn records_of(&self, account: &str) -> Vec<Record> {
        let prefix = format!("{account}/");
        let mut records = Vec::new();
        macro_rules! take {
            ($($table:ident $kind:ident)*) => {
                $(records.extend(
                    self.$table.under(&prefix).map(|entry| Record::$kind(entry.record.clone())),
                );)*
            };
        }
        records.extend(self.account(account).map(|entry| Record::Account(entry.record.clone())));
        take! {
            users User groups Group roles Role policies ManagedPolicy profiles InstanceProfile
            oidc_providers OidcProvider saml_providers SamlProvider
            server_certificates ServerCertificate domains Domain uses PrincipalUses packages Package
            vpc_endpoints VpcEndpoint
        }
        let keys = self.access_keys().filter(|key| key.account == account);
        records.extend(keys.map(|entry| Record::AccessKey(entry.record.clone())));
        let devices = self.mfa_devices().filter(|device| device.account == account);
        records.extend(devices.map(|entry| Record::MfaDevice(entry.record.clone())));
        records
    }

    pub(crate) fn sealing_key(&self) -> &SealingKey {
        &self.sealing_key
    }

    /// The account of this number.
    pub fn account(&self, id: &str) -> Option<&Arc<CompiledRecord<Account>>> {
        self.accounts.get(id)
    }

    /// All accounts in order.
    pub fn accounts(&self) -> impl Iterator<Item = &Arc<CompiledRecord<Account>>> {
        self.accounts.values()
    }

    /// The user of this name, whatever its case.
    pub fn user(&self, account: &str, name: &str) -> Option<&Arc<CompiledRecord<User>>> {
        // Most names are in small letters already.
        match name.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
            true => self.users.get(&entity_key(account, name)),
            false => self.users.get_of(&[account, "/", name]),
        }
    }

    /// The group of this name, whatever its case.
    pub fn group(&self, account: &str, name: &str) -> Option<&Arc<CompiledRecord<Group>>> {
        self.groups.get(&entity_key(account, name))
    }

    /// The role of this name, whatever its case.
    pub fn role(&self, account: &str, name: &str) -> Option<&Arc<CompiledRecord<Role>>> {
        self.roles.get(&entity_key(account, name))
    }

    /// The role of this ARN, path included.
    pub fn role_by_arn(&self, arn: &str) -> Option<&Arc<CompiledRecord<Role>>> {
        let (account, _, name) = principal_arn_parts(arn).filter(|(_, kind, _)| *kind == "role")?;
        self.role(account, name).filter(|role| role.arn() == arn)
    }

    /// The managed policy of this ARN, Amazon's own included.
    pub fn managed_policy(&self, arn: &str) -> Option<&Arc<CompiledRecord<ManagedPolicy>>> {
        if let Some(entry) = managed::find(arn) {
            return Some(entry);
        }
        let (account, name) = crate::policies::policy_arn_parts(arn)?;
        self.policies.get(&entity_key(account, name)).filter(|entry| entry.arn() == arn)
    }

    /// The managed policy of this ARN that principals of `account` may have: the account's own, and Amazon's.
    pub(crate) fn managed_policy_for(
        &self,
        account: &str,
        arn: &str,
    ) -> Option<&Arc<CompiledRecord<ManagedPolicy>>> {
        let usable = |policy: &&Arc<CompiledRecord<ManagedPolicy>>| {
            policy.account == "aws" || policy.account == account
        };
        self.managed_policy(arn).filter(usable)
    }

    /// The customer managed policy of this name.
    pub(crate) fn policy_named(
        &self,
        account: &str,
        name: &str,
    ) -> Option<&Arc<CompiledRecord<ManagedPolicy>>> {
        self.policies.get(&entity_key(account, name))
    }

    /// The instance profile of this name.
    pub fn instance_profile(
        &self,
        account: &str,
        name: &str,
    ) -> Option<&Arc<CompiledRecord<InstanceProfile>>> {
        self.profiles.get(&entity_key(account, name))
    }

    /// The OpenID Connect provider of this URL (without scheme).
    pub fn oidc_provider(
        &self,
        account: &str,
        url: &str,
    ) -> Option<&Arc<CompiledRecord<OidcProvider>>> {
        self.oidc_providers.get(&entity_key(account, url))
    }

    /// The SAML provider of this name.
    pub(crate) fn saml_provider(
        &self,
        account: &str,
        name: &str,
    ) -> Option<&Arc<SamlProviderEntry>> {
        self.saml_providers.get(&entity_key(account, name))
    }

    /// The server certificate of this name.
    pub(crate) fn server_certificate(
        &self,
        account: &str,
        name: &str,
    ) -> Option<&Arc<CompiledRecord<ServerCertificate>>> {
        self.server_certificates.get(&entity_key(account, name))
    }

    /// An account's users in order of their names.
    pub fn users<'d>(
        &'d self,
        prefix: &'d str,
    ) -> impl Iterator<Item = &'d Arc<CompiledRecord<User>>> {
        self.users.under(prefix)
    }

    /// Every user of every account.
    pub(crate) fn all_users(&self) -> impl Iterator<Item = &Arc<CompiledRecord<User>>> {
        self.users.values()
    }

    pub(crate) fn all_roles(&self) -> impl Iterator<Item = &Arc<CompiledRecord<Role>>> {
        self.roles.values()
    }

    pub(crate) fn all_profiles(
        &self,
    ) -> impl Iterator<Item = &Arc<CompiledRecord<InstanceProfile>>> {
        self.profiles.values()
    }

    pub(crate) fn groups<'d>(
        &'d self,
        prefix: &'d str,
    ) -> impl Iterator<Item = &'d Arc<CompiledRecord<Group>>> {
        self.groups.under(prefix)
    }

    pub(crate) fn roles<'d>(
        &'d self,
        prefix: &'d str,
    ) -> impl Iterator<Item = &'d Arc<CompiledRecord<Role>>> {
        self.roles.under(prefix)
    }

    pub(crate) fn policies<'d>(
        &'d self,
        prefix: &'d str,
    ) -> impl Iterator<Item = &'d Arc<CompiledRecord<ManagedPolicy>>> {
        self.policies.under(prefix)
    }

    pub(crate) fn profiles<'d>(
        &'d self,
        prefix: &'d str,
    ) -> impl Iterator<Item = &'d Arc<CompiledRecord<InstanceProfile>>> {
        self.profiles.under(prefix)
    }

    pub(crate) fn oidc_providers<'d>(
        &'d self,
        prefix: &'d str,
    ) -> impl Iterator<Item = &'d Arc<CompiledRecord<OidcProvider>>> {
        self.oidc_providers.under(prefix)
    }

    pub(crate) fn saml_providers<'d>(
        &'d self,
        prefix: &'d str,
    ) -> impl Iterator<Item = &'d Arc<SamlProviderEntry>> {
        self.saml_providers.under(prefix)
    }

    pub(crate) fn server_certificates<'d>(
        &'d self,
        prefix: &'d str,
    ) -> impl Iterator<Item = &'d Arc<CompiledRecord<ServerCertificate>>> {
        self.server_certificates.under(prefix)
    }

    pub(crate) fn access_key(&self, id: &str) -> Option<&CompiledRecord<AccessKey>> {
        self.access_keys.get(id).map(|keyed| &keyed.entry)
    }

    /// The root key of an account, whoever made it: a second gateway finds here what the first one minted.
    pub fn root_key(&self, account: &str) -> Option<&str> {
        let is_root = |key: &&CompiledRecord<AccessKey>| {
            key.account == account && key.owner == KeyOwner::Root && key.active
        };
        self.access_keys().find(is_root).map(|key| key.id.as_str())
    }

    pub(crate) fn access_keys(&self) -> impl Iterator<Item = &CompiledRecord<AccessKey>> {
        self.access_keys.values().map(|keyed| &keyed.entry)
    }

    pub(crate) fn mfa_device(&self, serial: &str) -> Option<&CompiledRecord<MfaDevice>> {
        self.mfa_devices.get(serial).map(AsRef::as_ref)
    }

    /// The devices of this very user.
    pub(crate) fn mfa_devices_of(
        &self,
        user: &User,
    ) -> impl Iterator<Item = &CompiledRecord<MfaDevice>> {
        let id = user.id.clone();
        let is_own = move |device: &&CompiledRecord<MfaDevice>| {
            device.user.as_ref().is_some_and(|(_, owner)| *owner == id)
        };
        self.mfa_devices().filter(is_own)
    }

    pub(crate) fn mfa_devices(&self) -> impl Iterator<Item = &CompiledRecord<MfaDevice>> {
        self.mfa_devices.values().map(AsRef::as_ref)
    }

    pub(crate) fn session(&self, access_key_id: &str) -> Option<&Arc<LiveSession>> {
        self.sessions.get(access_key_id)
    }

    /// How many sessions are kept, ended ones included until they are swept.
    pub fn sessions_kept(&self) -> usize {
        self.sessions.values().count()
    }

    pub(crate) fn sessions(&self) -> &SessionTable {
        &self.sessions
    }

    /// The time by the clock of `account` when the service's says `now`; the same, unless a test moved it.
    pub(crate) fn time_of(&self, account: &str, now: Timestamp) -> Timestamp {
        let ahead = self.account(account).map_or(0, |account| account.clock_ahead);
        now.checked_add(SignedDuration::from_secs(ahead)).unwrap_or(now)
    }

    /// What a principal, known by its unique id, did and when last.
    pub(crate) fn uses_of(
        &self,
        account: &str,
        principal_id: &str,
    ) -> Option<&CompiledRecord<PrincipalUses>> {
        self.uses.get_of(&[account, "/", principal_id]).map(AsRef::as_ref)
    }

    pub(crate) fn all_uses(&self) -> impl Iterator<Item = &CompiledRecord<PrincipalUses>> {
        self.uses.values().map(AsRef::as_ref)
    }

    /// The secret of an access key, long-term or temporary, whatever its state: the signature is judged first,
    /// [`Directory::identify`] says whether the key still counts.
    pub fn signing_secret(&self, access_key_id: &str) -> Option<&sigv4::SecretKey> {
        let long_term = self.access_keys.get(access_key_id).map(|keyed| &keyed.secret);
        long_term.or_else(|| self.sessions.get(access_key_id).map(|kept| &kept.secret))
    }

    /// The domain of this name.
    pub fn domain(
        &self,
        account: &str,
        region: &str,
        name: &str,
    ) -> Option<&Arc<CompiledRecord<Domain>>> {
        self.domains.get_of(&[account, "/", region, "/", name])
    }

    /// The domain that answers at `host` (the `Host` header, with or without its port), by its stored endpoint.
    pub fn domain_by_host(&self, host: &str) -> Option<&Arc<CompiledRecord<Domain>>> {
        let host = host.to_ascii_lowercase();
        // 443 is the port of https:// and may be left out on either side.
        let bare = |name: &str| name.strip_suffix(":443").unwrap_or(name).to_owned();
        let same = |endpoint: &str| bare(endpoint) == bare(&host);
        self.domains.values().find(|domain| domain.endpoint.as_deref().is_some_and(same))
    }

    /// The domain that listens at `port`.
    pub fn domain_by_port(&self, port: u16) -> Option<&Arc<CompiledRecord<Domain>>> {
        self.domains.values().find(|domain| domain.port == Some(port))
    }

    /// The domains that answer at `host` (a name without a port): as their endpoint or as their custom endpoint. Many share
    /// the name of the service.
    pub fn domains_at(&self, host: &str) -> &[Arc<CompiledRecord<Domain>>] {
        let named = self.domain_names.get(host);
        let named = named.or_else(|| self.domain_names.get(&host.to_ascii_lowercase()));
        named.map_or(&[], Vec::as_slice)
    }

    fn domains_by_name(&self) -> BTreeMap<String, Vec<Arc<CompiledRecord<Domain>>>> {
        let mut named: BTreeMap<String, Vec<Arc<CompiledRecord<Domain>>>> = BTreeMap::new();
        for domain in self.domains.values() {
            for name in domain.names() {
                named.entry(name.to_ascii_lowercase()).or_default().push(Arc::clone(domain));
            }
        }
        named
    }

    /// Every domain, in order of account, region and name.
    pub fn domains(&self) -> impl Iterator<Item = &Arc<CompiledRecord<Domain>>> {
        self.domains.values()
    }

    /// The package of this id.
    pub(crate) fn package(
        &self,
        account: &str,
        region: &str,
        id: &str,
    ) -> Option<&Arc<CompiledRecord<Package>>> {
        self.packages.get(&package_key(account, region, id))
    }

    /// The packages of an account in a region, in order of their ids.
    pub(crate) fn packages(
        &self,
        account: &str,
        region: &str,
    ) -> impl Iterator<Item = &Arc<CompiledRecord<Package>>> {
        let (account, region) = (account.to_owned(), region.to_owned());
        let own = move |package: &&Arc<CompiledRecord<Package>>| {
            package.account == account && package.region == region
        };
        self.packages.values().filter(own)
    }

    /// The packages of all accounts in a region.
    pub(crate) fn packages_in(
        &self,
        region: &str,
    ) -> impl Iterator<Item = &Arc<CompiledRecord<Package>>> {
        self.packages.values().filter(move |package| package.region == region)
    }

    pub(crate) fn domains_under<'d>(
        &'d self,
        prefix: &'d str,
    ) -> impl Iterator<Item = &'d Arc<CompiledRecord<Domain>>> {
        self.domains.under(prefix)
    }

    /// Through which subnets and security groups a domain is reached: its own, and those of each VPC endpoint of it. `None`
    /// when its access is public.
    pub fn vpc_access<'d>(&'d self, domain: &'d Domain) -> Option<Vec<VpcAccess<'d>>> {
        let own = VpcAccess::of(domain.vpc_options()?);
        let endpoints = self.vpc_endpoints_of(&domain.arn()).map(|it| VpcAccess::of(&it.options));
        Some(std::iter::once(own).chain(endpoints).collect())
    }

    /// The VPC endpoint of this account and id.
    pub(crate) fn vpc_endpoint(
        &self,
        account: &str,
        region: &str,
        id: &str,
    ) -> Option<&VpcEndpoint> {
        self.vpc_endpoints.get(&domain_key(account, region, id)).map(|it| &it.record)
    }

    /// The VPC endpoints whose key begins with `prefix`.
    pub(crate) fn vpc_endpoints_under<'d>(
        &'d self,
        prefix: &'d str,
    ) -> impl Iterator<Item = &'d VpcEndpoint> + Clone {
        self.vpc_endpoints.under(prefix).map(|it| &it.record)
    }

    /// The VPC endpoints of the domain of this ARN, whoever's they are.
    pub(crate) fn vpc_endpoints_of<'d>(
        &'d self,
        arn: &str,
    ) -> impl Iterator<Item = &'d VpcEndpoint> + use<'d> {
        let arn = arn.to_owned();
        self.vpc_endpoints.values().map(|it| &it.record).filter(move |it| it.domain_arn == arn)
    }
}

//! What the operator says about the deployment, as far as operations need it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ipnet::IpNet;
use policy::{PolicyKind, ResourcePolicyKind};

use crate::limits::{DOMAINS_MAX, SESSIONS_MAX, SESSIONS_PER_PRINCIPAL_MAX};
use crate::policies::NamedPolicy;
use crate::seal::SEALING_KEY_BYTES;
use crate::store::record::DomainExtras;

/// What operations need to know of the deployment.
#[derive(Clone, Debug)]
pub struct ControlSettings {
    /// Whether the operator says that the disk is encrypted: `EncryptionAtRestOptions` is refused otherwise.
    pub storage_encrypted: bool,
    /// Whether access policies open to everyone may be set on any domain.
    pub open_policies: bool,
    /// Whether policies may name accounts, and principals of accounts, that are not of this deployment: nobody can be them.
    pub foreign_principals: bool,
    /// The VPC that domains may be in.
    pub vpc: VpcSettings,
    /// Certificates for custom endpoints, by ARN of ACM's: the names that each has.
    pub certificates: BTreeMap<String, BTreeSet<String>>,
    /// Domains per account and region.
    pub domains_max: usize,
    /// Live sessions of one account, and of one principal of it.
    pub sessions_max: (usize, usize),
    /// Our own settings for domains that are made from now on.
    pub domain_defaults: DomainExtras,
    /// Who reads the files that packages are copied from; `None`: there are none.
    pub packages: Option<PackageReader>,
    /// Who reads the keys that the state may be sealed with from now on; `None`: nobody changes it meanwhile.
    pub sealing_keys: Option<SealingKeyReader>,
    /// The log groups that domains may publish to, by their ARNs: somebody writes what they are given.
    pub log_groups: BTreeSet<String>,
    /// This gateway among those that share the state, if there are several: domains that it makes belong to it.
    pub gateway: Option<String>,
    /// Service control policies by account: one list per level of the organisation.
    pub service_control_policies: BTreeMap<String, Vec<Vec<PolicyFile>>>,
    /// Resource control policies by account: one list per level of the organisation.
    pub resource_control_policies: BTreeMap<String, Vec<Vec<PolicyFile>>>,
    /// Policies of VPC endpoints.
    pub endpoint_policies: Vec<EndpointPolicy>,
}

/// What a bucket's name and a key lead to; the error is for the caller.
type ReadPackage = dyn Fn(&str, &str) -> Result<Vec<u8>, String> + Send + Sync;

/// Who reads the files that packages are copied from: the only place that knows where they are.
#[derive(Clone)]
pub struct PackageReader(Arc<ReadPackage>);

impl PackageReader {
    /// A reader of files by bucket and key. It gives no more bytes than it must to show that there are too many.
    pub fn new(
        read: impl Fn(&str, &str) -> Result<Vec<u8>, String> + Send + Sync + 'static,
    ) -> PackageReader {
        PackageReader(Arc::new(read))
    }

    pub(crate) fn read(&self, bucket: &str, key: &str) -> Result<Vec<u8>, String> {
        (self.0)(bucket, key)
    }
}

impl std::fmt::Debug for PackageReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PackageReader")
    }
}

type ReadSealingKeys = dyn Fn() -> Vec<[u8; SEALING_KEY_BYTES]> + Send + Sync;

/// Who reads the keys that the secrets of the state may be sealed with, when another process has sealed them anew.
#[derive(Clone)]
pub struct SealingKeyReader(Arc<ReadSealingKeys>);

impl SealingKeyReader {
    /// A reader of keys, in the order in which they are tried.
    pub fn new(
        read: impl Fn() -> Vec<[u8; SEALING_KEY_BYTES]> + Send + Sync + 'static,
    ) -> SealingKeyReader {
        SealingKeyReader(Arc::new(read))
    }

    pub(crate) fn read(&self) -> Vec<[u8; SEALING_KEY_BYTES]> {
        (self.0)()
    }
}

impl std::fmt::Debug for SealingKeyReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingKeyReader")
    }
}

/// A policy as the operator wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFile {
    /// What reasons call it: its file.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The policy of a VPC endpoint: what comes to a domain in the VPC from one of these networks, it must allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointPolicy {
    /// Where clients of the endpoint are.
    pub networks: Vec<IpNet>,
    /// The policy.
    pub policy: PolicyFile,
}

impl PolicyFile {
    /// The kind of a VPC endpoint's policy.
    pub const OF_ENDPOINT: PolicyKind = PolicyKind::Resource(ResourcePolicyKind::Generic);

    /// Whether it is a policy of this kind.
    ///
    /// # Errors
    /// What is wrong with it, with its name.
    pub fn check(&self, kind: PolicyKind) -> Result<(), String> {
        self.compile(kind).map(drop)
    }

    pub(crate) fn compile(&self, kind: PolicyKind) -> Result<NamedPolicy, String> {
        NamedPolicy::compile(&self.name, &self.text, kind)
    }
}

/// The operator's VPC. What networks its subnets and groups are, only the listeners need to know.
#[derive(Clone, Debug, Default)]
pub struct VpcSettings {
    /// `vpc-…`.
    pub id: String,
    /// `subnet-…`; in the order of their ids they are in zones a, b, c ….
    pub subnets: BTreeSet<String>,
    /// `sg-…`.
    pub security_groups: BTreeSet<String>,
}

impl Default for ControlSettings {
    fn default() -> Self {
        Self {
            storage_encrypted: false,
            open_policies: false,
            foreign_principals: false,
            vpc: VpcSettings::default(),
            certificates: BTreeMap::new(),
            domains_max: DOMAINS_MAX,
            sessions_max: (SESSIONS_MAX, SESSIONS_PER_PRINCIPAL_MAX),
            domain_defaults: DomainExtras::default(),
            packages: None,
            sealing_keys: None,
            log_groups: BTreeSet::new(),
            gateway: None,
            service_control_policies: BTreeMap::new(),
            resource_control_policies: BTreeMap::new(),
            endpoint_policies: Vec::new(),
        }
    }
}

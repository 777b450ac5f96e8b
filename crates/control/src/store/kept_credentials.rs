//! Records of what is kept for other services than those here: it is checked, shown and listed, and lets nobody in.

use serde::{Deserialize, Serialize};

use super::units::{EpochSeconds, Tags};

/// A server certificate with its private key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServerCertificate {
    /// Owner.
    pub account: String,
    /// The name as given.
    pub name: String,
    /// `/` or `/a/b/`.
    pub path: String,
    /// `ASCA…`.
    pub id: String,
    /// The certificate, PEM, as given.
    pub body: String,
    /// The chain, PEM, as given.
    pub chain: Option<String>,
    /// The private key, PEM, sealed, base64; the id is its associated data.
    pub sealed_key: String,
    /// When it was uploaded.
    pub uploaded: EpochSeconds,
    /// When the certificate ends.
    pub expires: EpochSeconds,
    /// Tags.
    pub tags: Tags,
}

/// A SAML identity provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SamlProvider {
    /// Owner.
    pub account: String,
    /// The name as given.
    pub name: String,
    /// `ASMP…`.
    pub id: String,
    /// Its metadata document as given.
    pub metadata: String,
    /// When it was made.
    pub created: EpochSeconds,
    /// Until when the metadata is valid, as it says.
    pub valid_until: EpochSeconds,
    /// Tags.
    pub tags: Tags,
}

/// What a user holds for other services.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptCredentials {
    /// X.509 certificates, in the order of their upload.
    pub signing_certificates: Vec<SigningCertificate>,
    /// SSH public keys, in the order of their upload.
    pub ssh_keys: Vec<SshPublicKey>,
    /// Names and passwords for one service each, in the order in which they were made.
    pub service_credentials: Vec<ServiceCredential>,
}

/// An X.509 certificate of a user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SigningCertificate {
    /// 32 letters and digits.
    pub id: String,
    /// PEM as given.
    pub body: String,
    /// `Active` or not.
    pub active: bool,
    /// When it was uploaded.
    pub uploaded: EpochSeconds,
}

/// An SSH public key of a user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SshPublicKey {
    /// `APKA…`.
    pub id: String,
    /// As given, `ssh-rsa` or PEM.
    pub body: String,
    /// MD5 of the key, as Amazon shows it.
    pub fingerprint: String,
    /// `Active` or not.
    pub active: bool,
    /// When it was uploaded.
    pub uploaded: EpochSeconds,
}

/// A name and a password for one service. The password is told once and kept nowhere: nothing here asks for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServiceCredential {
    /// `ACCA…`.
    pub id: String,
    /// `codecommit.amazonaws.com` ….
    pub service: String,
    /// `NAME-at-ACCOUNT`, with a number behind it from the second one on.
    pub user_name: String,
    /// `Active` or not.
    pub active: bool,
    /// When it was made.
    pub created: EpochSeconds,
}

impl KeptCredentials {
    /// The ids of all that it holds.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        let certificates = self.signing_certificates.iter().map(|it| it.id.as_str());
        let keys = self.ssh_keys.iter().map(|it| it.id.as_str());
        let credentials = self.service_credentials.iter().map(|it| it.id.as_str());
        certificates.chain(keys).chain(credentials)
    }

    /// What it still holds, in the words in which iam refuses to delete its user; `None`: nothing.
    pub(crate) fn held(&self) -> Option<&'static str> {
        [
            (!self.signing_certificates.is_empty(), "delete signing certificates"),
            (!self.ssh_keys.is_empty(), "delete SSH public keys"),
            (!self.service_credentials.is_empty(), "delete service specific credentials"),
        ]
        .into_iter()
        .find_map(|(holds, what)| holds.then_some(what))
    }
}

impl ServerCertificate {
    /// `arn:aws:iam::ACCOUNT:server-certificate/PATH/NAME`.
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:server-certificate{}{}", self.account, self.path, self.name)
    }
}

impl SamlProvider {
    /// `arn:aws:iam::ACCOUNT:saml-provider/NAME`.
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:saml-provider/{}", self.account, self.name)
    }
}

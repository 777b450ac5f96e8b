//! What a certificate says about itself, for a person.

use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;

/// A certificate's own words. Only to be shown: nothing here was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Whose it is.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The host names and addresses it is for (RFC 9525: only the subject's alternative names count).
    pub names: Vec<String>,
    /// From when on it is good.
    pub not_before: Timestamp,
    /// Until when.
    pub not_after: Timestamp,
}

impl Certificate {
    /// Reads one; `None` when it is none, or its dates are no dates.
    #[must_use]
    pub fn read(der: &CertificateDer<'_>) -> Option<Self> {
        let (_, read) = x509_parser::parse_x509_certificate(der).ok()?;
        let names = read.subject_alternative_name().ok().flatten();
        let names = names.map(|names| names.value.general_names.iter().filter_map(name).collect());
        let validity = read.validity();
        Some(Self {
            subject: read.subject().to_string(),
            issuer: read.issuer().to_string(),
            names: names.unwrap_or_default(),
            not_before: Timestamp::from_second(validity.not_before.timestamp()).ok()?,
            not_after: Timestamp::from_second(validity.not_after.timestamp()).ok()?,
        })
    }

    /// Whether it names itself as the one who signed it.
    #[must_use]
    pub fn is_self_signed(&self) -> bool {
        self.subject == self.issuer
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => Some(address(bytes)),
        _ => None,
    }
}

fn address(bytes: &[u8]) -> String {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Ipv4Addr::from(four).to_string();
    }
    if let Ok(sixteen) = <[u8; 16]>::try_from(bytes) {
        return Ipv6Addr::from(sixteen).to_string();
    }
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

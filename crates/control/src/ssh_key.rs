//! SSH public keys of RSA, in their two spellings: `ssh-rsa AAAA…` (RFC 4253, section 6.6) and PEM (SubjectPublicKeyInfo).
//! Source of what is asked of them: IAM API reference, `UploadSSHPublicKey`: "encoded in ssh-rsa format or PEM format. The
//! minimum bit-length of the public key is 2048 bits".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::certificates::block;

/// Least bits of the modulus.
const BITS_MIN: usize = 2_048;
const KIND: &str = "ssh-rsa";
/// Letters of a line in PEM.
const PEM_LINE: usize = 64;

/// A key of RSA.
pub(crate) struct SshKey {
    exponent: Vec<u8>,
    modulus: Vec<u8>,
}

impl SshKey {
    /// The key in `text`; `None` when there is none, or it is of another kind, or too short.
    pub(crate) fn read(text: &str) -> Option<SshKey> {
        let text = text.trim();
        let key = match text.strip_prefix("ssh-rsa ") {
            Some(rest) => Self::of_blob(&STANDARD.decode(rest.split_whitespace().next()?).ok()?)?,
            None => Self::of_pem(text)?,
        };
        (key.bits() >= BITS_MIN).then_some(key)
    }

    fn of_blob(blob: &[u8]) -> Option<SshKey> {
        let (kind, rest) = field(blob)?;
        let (exponent, rest) = field(rest)?;
        let (modulus, rest) = field(rest)?;
        let whole = kind == KIND.as_bytes() && rest.is_empty();
        whole.then(|| SshKey { exponent: magnitude(exponent), modulus: magnitude(modulus) })
    }

    fn of_pem(text: &str) -> Option<SshKey> {
        let pem = block(text, "PUBLIC KEY")?;
        let (_, info) = SubjectPublicKeyInfo::from_der(&pem.contents).ok()?;
        match info.parsed().ok()? {
            PublicKey::RSA(key) => {
                Some(SshKey { exponent: magnitude(key.exponent), modulus: magnitude(key.modulus) })
            }
            _ => None,
        }
    }

    fn bits(&self) -> usize {
        let first = self.modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
        (self.modulus.len() * 8).saturating_sub(first)
    }

    fn blob(&self) -> Vec<u8> {
        let mut blob = Vec::new();
        for part in [KIND.as_bytes().to_vec(), signed(&self.exponent), signed(&self.modulus)] {
            blob.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            blob.extend(part);
        }
        blob
    }

    /// `ssh-rsa AAAA…`.
    pub(crate) fn ssh(&self) -> String {
        format!("{KIND} {}", STANDARD.encode(self.blob()))
    }

    /// `-----BEGIN PUBLIC KEY-----` ….
    pub(crate) fn pem(&self) -> String {
        // rsaEncryption, with its parameter NULL (RFC 3279, section 2.3.1).
        const ALGORITHM: [u8; 15] =
            [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0];
        let integers = [der(2, &signed(&self.modulus)), der(2, &signed(&self.exponent))].concat();
        let bits = [vec![0], der(0x30, &integers)].concat();
        let info = der(0x30, &[ALGORITHM.to_vec(), der(3, &bits)].concat());
        let letters: Vec<char> = STANDARD.encode(info).chars().collect();
        let lines: Vec<String> =
            letters.chunks(PEM_LINE).map(|line| line.iter().collect()).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }

    /// MD5 of the key in SSH's own form, as `ssh-keygen -l -E md5` writes it.
    pub(crate) fn fingerprint(&self) -> String {
        let digest = Md5::digest(self.blob());
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
    }
}

/// A length and as many bytes.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// A number without the zeros before it.
fn magnitude(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().skip_while(|byte| *byte == 0).collect()
}

/// A positive number in two's complement: a zero before it where its first bit is set.
fn signed(magnitude: &[u8]) -> Vec<u8> {
    let high = magnitude.first().is_none_or(|byte| byte & 0x80 != 0);
    let mut bytes = if high { vec![0] } else { Vec::new() };
    bytes.extend(magnitude);
    bytes
}

/// One value of DER.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut value = vec![tag];
    match (length.as_slice(), u8::try_from(length.len())) {
        ([], _) => value.push(0),
        ([short], _) if *short < 0x80 => value.push(*short),
        (_, bytes) => {
            value.push(0x80 | bytes.unwrap_or_default());
            value.extend(&length);
        }
    }
    value.extend(content);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ssh-keygen -t rsa -b 2048`, and what `ssh-keygen -l -E md5` and `ssh-keygen -e -m PKCS8` say of it.
    const SSH: &str = include_str!("../tests/data/certificates/ssh_rsa.pub");
    const PEM: &str = include_str!("../tests/data/certificates/ssh_rsa.pem");
    const MD5: &str = include_str!("../tests/data/certificates/ssh_rsa.md5");

    #[test]
    fn a_key_is_the_same_in_both_spellings_and_has_the_fingerprint_that_ssh_keygen_shows() {
        for text in [SSH, PEM] {
            let key = SshKey::read(text).unwrap();
            assert_eq!(key.pem(), PEM);
            assert!(SSH.starts_with(&key.ssh()), "{}", key.ssh());
            assert_eq!(key.fingerprint(), MD5.trim());
        }
    }

    #[test]
    fn what_is_no_key_of_rsa_or_a_short_one_is_not_read() {
        let body = SSH.split_whitespace().nth(1).unwrap();
        let cut = format!("ssh-rsa {}", body.get(..200).unwrap());
        let other = format!("ssh-ed25519 {body}");
        for text in
            ["", "ssh-rsa", "ssh-rsa !", "ssh-rsa AAAA", &cut, &other, "-----BEGIN PUBLIC KEY-----"]
        {
            assert!(SshKey::read(text).is_none(), "{text}");
        }
        let short = SshKey { exponent: vec![1, 0, 1], modulus: vec![0xff; 128] };
        assert!(SshKey::read(&short.ssh()).is_none(), "1024 bits");
    }
}

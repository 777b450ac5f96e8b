//! Signed digests: how far each set of files had come at a time, and the digest before it.
//!
//! Who alters records can compute the hashes anew; the signature of a digest that was given away, or of one that a verifier
//! already knows, says that they are others. The scheme is CloudTrail's (docs.aws.amazon.com, "CloudTrail digest file
//! structure"), with one line for a digest file and Ed25519 (RFC 8032) for RSA.
//!
//! ```text
//! {"version":1,"number":7,"time":…,"audit":{"first":1,"last":12,"hash":"5d41…"},"unproven":{…},
//!  "previous":"SHA-256 of the line before","key":"PUBLIC KEY","signature":"over the line up to ,\"signature\":"}
//! ```

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::chain::{ChainHead, Hash, hash_of, last_line};
use crate::guards::limits;

/// The files of digests, the older one first.
pub(super) const DIGEST_FILES: [&str; 2] = ["digests.old.jsonl", "digests.jsonl"];

const SIGNATURE: &[u8] = b",\"signature\":\"";

/// The key that digests are signed with. No `Debug`, no way to read it back.
pub struct DigestKey(Ed25519KeyPair);

impl DigestKey {
    /// The key of 32 random bytes; `None` if the library refuses it.
    #[must_use]
    pub fn of_seed(seed: &[u8; 32]) -> Option<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed).ok().map(Self)
    }

    /// The public key: 64 hexadecimal digits.
    #[must_use]
    pub fn public(&self) -> String {
        HEXLOWER.encode(self.0.public_key().as_ref())
    }
}

/// What a digest says of one set of files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SetDigest {
    /// The number of the oldest record that is kept.
    pub(super) first: u64,
    /// The number of the newest record on disk; 0: none yet.
    pub(super) last: u64,
    /// Its hash.
    #[serde(with = "hex")]
    pub(super) hash: Hash,
}

impl SetDigest {
    pub(super) fn new(first: u64, head: ChainHead) -> Self {
        Self { first, last: head.sequence, hash: head.hash }
    }
}

/// One digest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Digest {
    version: u32,
    pub(super) number: u64,
    pub(super) time: Timestamp,
    pub(super) audit: SetDigest,
    pub(super) unproven: SetDigest,
    #[serde(with = "hex")]
    pub(super) previous: Hash,
    /// The public key that its signature is of.
    pub(super) key: String,
}

impl Digest {
    /// Reads a line.
    pub(super) fn of(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }

    pub(super) fn sets(&self) -> [SetDigest; 2] {
        [self.audit, self.unproven]
    }

    /// Whether `line` is what its key signed.
    pub(super) fn is_signed(&self, line: &[u8]) -> bool {
        let signature = || {
            let at = line.windows(SIGNATURE.len()).rposition(|window| window == SIGNATURE)?;
            let (signed, rest) = line.split_at_checked(at)?;
            let rest = rest.strip_prefix(SIGNATURE)?.trim_ascii_end().strip_suffix(b"\"}")?;
            let key = HEXLOWER.decode(self.key.as_bytes()).ok()?;
            let signature = HEXLOWER.decode(rest).ok()?;
            UnparsedPublicKey::new(&ED25519, key).verify(signed, &signature).ok()
        };
        signature().is_some()
    }
}

/// The digests of a folder, for the one process that writes them.
pub(super) struct DigestLog {
    folder: PathBuf,
    key: DigestKey,
    number: u64,
    previous: Hash,
    /// What the last one said of the sets.
    sets: [SetDigest; 2],
}

impl DigestLog {
    /// Goes on where the files end.
    pub(super) fn open(folder: &Path, key: DigestKey) -> io::Result<Self> {
        let mut log = Self {
            folder: folder.into(),
            key,
            number: 0,
            previous: Hash::default(),
            sets: [SetDigest::default(); 2],
        };
        for name in DIGEST_FILES {
            let file = match File::open(folder.join(name)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                file => file?,
            };
            let (line, _) = last_line(&file)?;
            if let Some(digest) = Digest::of(&line) {
                (log.number, log.sets) = (digest.number, digest.sets());
                log.previous = hash_of(line.trim_ascii_end());
            }
        }
        Ok(log)
    }

    /// Whether there is none yet.
    pub(super) fn is_empty(&self) -> bool {
        self.number == 0
    }

    /// What the last digest said of the sets.
    pub(super) fn sets(&self) -> [SetDigest; 2] {
        self.sets
    }

    /// Writes the next digest, to the disk itself.
    pub(super) fn write(&mut self, time: Timestamp, sets: [SetDigest; 2]) -> io::Result<()> {
        self.append(time, sets)?.sync_data()
    }

    /// Writes the next digest into its file, which the caller brings to the disk: that may take long.
    pub(super) fn append(&mut self, time: Timestamp, sets: [SetDigest; 2]) -> io::Result<File> {
        let [audit, unproven] = sets;
        let digest = Digest {
            version: 1,
            number: self.number + 1,
            time,
            audit,
            unproven,
            previous: self.previous,
            key: self.key.public(),
        };
        let mut line = serde_json::to_vec(&digest)?;
        line.pop();
        let signature = HEXLOWER.encode(self.key.0.sign(&line).as_ref());
        line.extend_from_slice(SIGNATURE);
        line.extend_from_slice(signature.as_bytes());
        line.extend_from_slice(b"\"}\n");
        let file = self.append_line(&line)?;
        (self.number, self.sets) = (digest.number, sets);
        self.previous = hash_of(line.trim_ascii_end());
        // Into the log, which may be kept elsewhere: who has it can ask for this digest (`audit verify --digest`).
        let hash = HEXLOWER.encode(&self.previous);
        tracing::info!(number = digest.number, hash, "audit digest");
        Ok(file)
    }

    fn append_line(&self, line: &[u8]) -> io::Result<File> {
        let [older, current] = DIGEST_FILES.map(|name| self.folder.join(name));
        let mut options = OpenOptions::new();
        options.create(true).read(true).append(true).mode(0o600);
        let mut file = options.open(&current)?;
        // A crash may have left half a line.
        let (_, whole) = last_line(&file)?;
        if whole < file.metadata()?.len() {
            file.set_len(whole)?;
        }
        if whole >= limits::AUDIT_DIGEST_FILE_BYTES_MAX {
            fs::rename(&current, older)?;
            file = options.open(&current)?;
        }
        let before = file.metadata()?.len();
        let written = file.write_all(line);
        if written.is_err() {
            let _ = file.set_len(before);
        }
        written.map(|()| file)
    }
}

/// Hashes in JSON: 64 hexadecimal digits.
mod hex {
    use data_encoding::HEXLOWER;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::audit::chain::{Hash, unhex};

    pub(super) fn serialize<S: Serializer>(hash: &Hash, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&HEXLOWER.encode(hash))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Hash, D::Error> {
        let text = String::deserialize(from)?;
        unhex(text.as_bytes()).ok_or_else(|| D::Error::custom("not 64 hexadecimal digits"))
    }
}

//! The settings of a repository in a bucket of S3. Source: Elasticsearch 7.10, "S3 Repository Plugin"; `S3Repository`; Amazon
//! OpenSearch Service, "Registering a manual snapshot repository" (`role_arn`).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cluster::settings;
use crate::limits::OBJECT_PATH_BYTES_MAX;
use crate::value::scalar::plain;
use crate::value::size;

/// Where a repository is, and how its objects are put there. Whether it may be there is for whoever opens it to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Settings {
    /// The bucket.
    pub bucket: String,
    /// What the names of its objects begin with, without a slash at either end.
    pub base_path: String,
    /// Which of the operator's ways to S3 is gone.
    pub client: String,
    /// The region that whoever put it expects.
    pub region: Option<String>,
    /// The host that whoever put it expects.
    pub endpoint: Option<String>,
    /// `http` or `https`, as whoever put it expects.
    pub protocol: Option<String>,
    /// Whether the bucket stands in the path and not in the host's name; `None`: as the client does.
    pub path_style_access: Option<bool>,
    /// The role in whose name objects are read and written.
    pub role_arn: Option<String>,
    /// Whether objects that tell of snapshots are compressed.
    pub compress: bool,
    /// Whether S3 encrypts what it keeps (SSE-S3).
    pub server_side_encryption: bool,
    /// The objects' storage class, as S3 calls it.
    pub storage_class: String,
    /// The objects' access control list, as S3 calls it.
    pub canned_acl: String,
    /// Files up to this many bytes are put by one request, longer ones in parts of as many.
    pub buffer_size: u64,
    /// The most bytes that are put in a second; `None`: no bound.
    pub snapshot_bytes_per_second: Option<u64>,
    /// The most bytes that are got in a second; `None`: no bound.
    pub restore_bytes_per_second: Option<u64>,
}

/// The smallest and the largest part of S3's, but for the last of an object.
const PART_BYTES: (u64, u64) = (5 << 20, 5 << 30);

/// What a part has unless it is said. Elasticsearch: a twentieth of the heap, at least 5 and at most 100 MB.
const PART_BYTES_DEFAULT: u64 = 16 << 20;

/// Elasticsearch's default of `max_snapshot_bytes_per_sec`.
const RATE_DEFAULT: u64 = 40 << 20;

const STORAGE_CLASSES: &[&str] =
    &["standard", "reduced_redundancy", "standard_ia", "onezone_ia", "intelligent_tiering"];

const CANNED_ACLS: &[&str] = &[
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "log-delivery-write",
    "bucket-owner-read",
    "bucket-owner-full-control",
];

impl S3Settings {
    /// Reads the settings of a repository.
    ///
    /// # Errors
    /// In Elasticsearch's words where it has some: what is missing, unknown, or not a value.
    pub(crate) fn read(given: &BTreeMap<String, String>) -> Result<S3Settings, String> {
        if let Some(key) = given.keys().find(|key| !KNOWN.contains(&key.as_str())) {
            return Err(match LATER.contains(&key.as_str()) {
                true => format!("setting [{key}] is not supported"),
                false => format!("unknown setting [{key}]"),
            });
        }
        let text = |key: &str| given.get(key).filter(|text| !text.is_empty()).cloned();
        let flag = |key: &str| given.get(key).map(|text| boolean(key, text)).transpose();
        let bucket = text("bucket").ok_or("No bucket defined for s3 repository")?;
        if !is_bucket(&bucket) {
            return Err(format!("[{bucket}] is not the name of a bucket"));
        }
        let protocol = text("protocol");
        if let Some(other) = protocol.as_ref().filter(|it| !matches!(it.as_str(), "http" | "https"))
        {
            return Err(format!(
                "No enum constant com.amazonaws.Protocol.{}",
                other.to_uppercase()
            ));
        }
        let storage_class = text("storage_class").unwrap_or_else(|| "standard".to_owned());
        let storage_class = storage_class.to_lowercase();
        if storage_class == "glacier" {
            return Err("Glacier storage class is not supported".to_owned());
        }
        if !STORAGE_CLASSES.contains(&storage_class.as_str()) {
            return Err(format!("`{storage_class}` is not a valid S3 Storage Class."));
        }
        let canned_acl = text("canned_acl").unwrap_or_else(|| "private".to_owned());
        if !CANNED_ACLS.contains(&canned_acl.as_str()) {
            return Err(format!("cannedACL is not valid: [{canned_acl}]"));
        }
        flag("readonly")?;
        Ok(S3Settings {
            base_path: base_path(&text("base_path").unwrap_or_default())?,
            bucket,
            client: text("client").unwrap_or_else(|| "default".to_owned()),
            region: text("region"),
            endpoint: text("endpoint"),
            protocol,
            path_style_access: flag("path_style_access")?,
            role_arn: text("role_arn"),
            compress: flag("compress")?.unwrap_or(false),
            server_side_encryption: flag("server_side_encryption")?.unwrap_or(false),
            storage_class: storage_class.to_uppercase(),
            canned_acl,
            buffer_size: part_bytes(given)?,
            snapshot_bytes_per_second: rate(given, "max_snapshot_bytes_per_sec", RATE_DEFAULT)?,
            restore_bytes_per_second: rate(given, "max_restore_bytes_per_sec", 0)?,
        })
    }
}

/// The role that a body of `PUT /_snapshot/{repository}` names: whoever sends it hands that role on. `None`: none that will be used.
pub fn named_role(body: &Value) -> Option<String> {
    let settings = settings::leaves_of_cluster(body.get("settings")?).ok()?;
    settings.get("role_arn").filter(|arn| !arn.is_null()).map(plain)
}

const KNOWN: &[&str] = &[
    "bucket",
    "base_path",
    "client",
    "region",
    "endpoint",
    "protocol",
    "path_style_access",
    "role_arn",
    "compress",
    "readonly",
    "server_side_encryption",
    "storage_class",
    "canned_acl",
    "buffer_size",
    "max_snapshot_bytes_per_sec",
    "max_restore_bytes_per_sec",
];

/// What the real servers know beside these. Credentials are the operator's and never a request's.
const LATER: &[&str] = &[
    "access_key",
    "secret_key",
    "session_token",
    "chunk_size",
    "max_retries",
    "use_throttle_retries",
    "read_timeout",
    "disable_chunked_encoding",
    "signer_override",
    "role_session_name",
    "identity_token_file",
    "proxy.type",
    "proxy.host",
    "proxy.port",
    "proxy.username",
    "proxy.password",
    "max_connections",
    "cache",
    "remote_store_index_shallow_copy",
    "shard_path_type",
    "bulk_delete_size",
];

fn boolean(key: &str, text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!(
            "Failed to parse value [{text}] as only [true] or [false] are allowed for setting [{key}]"
        )),
    }
}

fn bytes(key: &str, text: &str) -> Result<u64, String> {
    size::bytes(text).ok_or_else(|| {
        format!(
            "failed to parse setting [{key}] with value [{text}] as a size in bytes: unit is missing or unrecognized"
        )
    })
}

fn part_bytes(given: &BTreeMap<String, String>) -> Result<u64, String> {
    let key = "buffer_size";
    let Some(text) = given.get(key) else { return Ok(PART_BYTES_DEFAULT) };
    let wanted = bytes(key, text)?;
    let (least, most) = PART_BYTES;
    if wanted < least {
        return Err(format!(
            "failed to parse value [{text}] for setting [{key}], must be >= [{}]",
            size::print(least)
        ));
    }
    if wanted > most {
        return Err(format!(
            "failed to parse value [{text}] for setting [{key}], must be <= [{}]",
            size::print(most)
        ));
    }
    Ok(wanted)
}

/// Bytes in a second; nothing, or less than nothing, is no bound, as in Elasticsearch.
fn rate(given: &BTreeMap<String, String>, key: &str, default: u64) -> Result<Option<u64>, String> {
    let wanted = match given.get(key).map(String::as_str) {
        None => default,
        Some("-1") => 0,
        Some(text) => bytes(key, text)?,
    };
    Ok(Some(wanted).filter(|wanted| *wanted > 0))
}

/// Source: Amazon S3 user guide, "Bucket naming rules": these letters lead nowhere else in a URL or a host's name.
fn is_bucket(name: &str) -> bool {
    let plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
    };
    let ends = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name.bytes().all(plain)
        && name.bytes().next().is_some_and(ends)
        && name.bytes().last().is_some_and(ends)
        && !name.contains("..")
}

/// Parts of plain letters, so that a name is the same in a URL, in a signature and in the bucket.
fn base_path(given: &str) -> Result<String, String> {
    let path = given.trim_matches('/');
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/');
    let is_part = |part: &str| !matches!(part, "" | "." | "..");
    let fits = path.is_empty()
        || (path.len() <= OBJECT_PATH_BYTES_MAX
            && path.bytes().all(plain)
            && path.split('/').all(is_part));
    match fits {
        true => Ok(path.to_owned()),
        false => Err(format!(
            "[base_path] is [{given}], expected parts of letters, digits, [-], [_], [.] and [~] with [/] between them, at most {OBJECT_PATH_BYTES_MAX} bytes"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<S3Settings, String> {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        S3Settings::read(&pairs.collect())
    }

    #[test]
    fn a_bucket_alone_makes_elasticsearchs_defaults() {
        let settings = read(&[("bucket", "books")]).unwrap();
        assert_eq!(
            (settings.client.as_str(), settings.base_path.as_str(), settings.compress),
            ("default", "", false)
        );
        assert_eq!(settings.snapshot_bytes_per_second, Some(40 << 20));
        assert_eq!(settings.restore_bytes_per_second, None);
        assert_eq!(
            (settings.storage_class.as_str(), settings.canned_acl.as_str()),
            ("STANDARD", "private")
        );
    }

    #[test]
    fn every_setting_is_read() {
        let settings = read(&[
            ("bucket", "books"),
            ("base_path", "/a/b.c/"),
            ("client", "minio"),
            ("region", "eu-central-1"),
            ("endpoint", "s3.example"),
            ("protocol", "https"),
            ("path_style_access", "true"),
            ("role_arn", "arn:aws:iam::123456789012:role/r"),
            ("compress", "true"),
            ("readonly", "false"),
            ("server_side_encryption", "true"),
            ("storage_class", "standard_ia"),
            ("canned_acl", "bucket-owner-full-control"),
            ("buffer_size", "5mb"),
            ("max_snapshot_bytes_per_sec", "-1"),
            ("max_restore_bytes_per_sec", "1mb"),
        ])
        .unwrap();
        let expected = S3Settings {
            bucket: "books".to_owned(),
            base_path: "a/b.c".to_owned(),
            client: "minio".to_owned(),
            region: Some("eu-central-1".to_owned()),
            endpoint: Some("s3.example".to_owned()),
            protocol: Some("https".to_owned()),
            path_style_access: Some(true),
            role_arn: Some("arn:aws:iam::123456789012:role/r".to_owned()),
            compress: true,
            server_side_encryption: true,
            storage_class: "STANDARD_IA".to_owned(),
            canned_acl: "bucket-owner-full-control".to_owned(),
            buffer_size: 5 << 20,
            snapshot_bytes_per_second: None,
            restore_bytes_per_second: Some(1 << 20),
        };
        assert_eq!(settings, expected);
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for (key, value, told) in [
            ("bucket", "", "No bucket defined for s3 repository"),
            ("bucket", "a/b", "[a/b] is not the name of a bucket"),
            ("bucket", "x?list-type=2", "[x?list-type=2] is not the name of a bucket"),
            ("bucket", "evil.example:80@c", "[evil.example:80@c] is not the name of a bucket"),
            ("protocol", "ftp", "No enum constant com.amazonaws.Protocol.FTP"),
            ("storage_class", "glacier", "Glacier storage class is not supported"),
            ("storage_class", "best", "`best` is not a valid S3 Storage Class."),
            ("canned_acl", "all", "cannedACL is not valid: [all]"),
            (
                "buffer_size",
                "1mb",
                "failed to parse value [1mb] for setting [buffer_size], must be >= [5mb]",
            ),
            (
                "compress",
                "yes",
                "Failed to parse value [yes] as only [true] or [false] are allowed for setting [compress]",
            ),
            ("access_key", "AKIA", "setting [access_key] is not supported"),
            ("bukket", "b", "unknown setting [bukket]"),
        ] {
            let mut pairs = vec![("bucket", "books")];
            pairs.retain(|(own, _)| *own != key);
            pairs.push((key, value));
            assert_eq!(read(&pairs).unwrap_err(), told);
        }
    }

    #[test]
    fn a_base_path_leads_nowhere_else() {
        for path in ["..", "a/../b", "a//b", "a?b", "a b", "a%2Fb", "ä", "./a"] {
            let refused = read(&[("bucket", "books"), ("base_path", path)]).unwrap_err();
            assert!(refused.starts_with("[base_path] is ["), "{path}: {refused}");
        }
    }
}

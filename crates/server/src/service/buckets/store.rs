//! A part of a bucket as a store of objects: the engine's blocking calls over the client's requests.

use std::fmt;
use std::future::Future;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use client::s3::{Bucket, Pace, S3Error};
use engine::Cancel;
use engine::objects::{KeptFile, ObjectStore, cancelled};
use engine::snapshots::S3Settings;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::runtime::Handle;

use super::role::AssumedRole;

/// How often it is looked whether the work was called off.
const LOOK: Duration = Duration::from_millis(50);

/// How long giving up an upload may take once its work was called off.
const GIVE_UP: Duration = Duration::from_secs(5);

/// What a compressed object begins with.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// Objects below a path of a bucket.
pub(super) struct BucketStore {
    bucket: Bucket,
    /// Its name, for messages.
    name: String,
    /// What the names of objects begin with: nothing, or a path that ends in `/`.
    base: String,
    /// What is said of every object.
    headers: HeaderMap,
    part_bytes: u64,
    compresses: bool,
    put_pace: Pace,
    get_pace: Pace,
    role: Option<AssumedRole>,
    runtime: Handle,
}

impl fmt::Debug for BucketStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BucketStore(s3://{}/{})", self.name, self.base)
    }
}

impl BucketStore {
    /// The store that `settings` say, in the name of `role` if there is one.
    ///
    /// # Errors
    /// A value that no header may have.
    pub(super) fn new(
        bucket: Bucket,
        settings: &S3Settings,
        role: Option<AssumedRole>,
        runtime: Handle,
    ) -> Result<BucketStore, String> {
        let mut headers = HeaderMap::new();
        let mut say = |name: &'static str, value: &str| {
            let value = HeaderValue::from_str(value).map_err(|error| error.to_string())?;
            headers.insert(HeaderName::from_static(name), value);
            Ok::<_, String>(())
        };
        // What is the default is not said: other servers than Amazon's may not know the header.
        if settings.storage_class != "STANDARD" {
            say("x-amz-storage-class", &settings.storage_class)?;
        }
        if settings.canned_acl != "private" {
            say("x-amz-acl", &settings.canned_acl)?;
        }
        if settings.server_side_encryption {
            say("x-amz-server-side-encryption", "AES256")?;
        }
        let base = match settings.base_path.as_str() {
            "" => String::new(),
            path => format!("{path}/"),
        };
        Ok(BucketStore {
            bucket,
            name: settings.bucket.clone(),
            base,
            headers,
            part_bytes: settings.buffer_size,
            compresses: settings.compress,
            put_pace: Pace::new(settings.snapshot_bytes_per_second),
            get_pace: Pace::new(settings.restore_bytes_per_second),
            role,
            runtime,
        })
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.base)
    }

    /// Refuses what the role may not do with an object.
    fn may(&self, action: &str, key: &str) -> io::Result<()> {
        let Some(role) = &self.role else { return Ok(()) };
        role.may(action, Some(key)).map_err(io::Error::other)
    }

    fn may_list(&self) -> io::Result<()> {
        let Some(role) = &self.role else { return Ok(()) };
        role.may("s3:ListBucket", None).map_err(io::Error::other)
    }

    fn may_put(&self, key: &str) -> io::Result<()> {
        self.may("s3:PutObject", key)?;
        if self.headers.contains_key("x-amz-acl") {
            self.may("s3:PutObjectAcl", key)?;
        }
        Ok(())
    }

    /// Waits for `work`, but not once `cancel` is set.
    fn wait<T>(
        &self,
        cancel: &Cancel,
        work: impl Future<Output = Result<T, S3Error>>,
    ) -> io::Result<T> {
        let called_off = async {
            while !cancel.is_cancelled() {
                tokio::time::sleep(LOOK).await;
            }
        };
        self.runtime.block_on(async {
            tokio::select! {
                done = work => done.map_err(told),
                () = called_off => Err(cancelled()),
            }
        })
    }
}

impl ObjectStore for BucketStore {
    fn place(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("s3://{}/{}", self.name, self.key(name)))
    }

    fn get(&self, name: &str, bytes_max: u64, cancel: &Cancel) -> io::Result<Option<Vec<u8>>> {
        let key = self.key(name);
        self.may("s3:GetObject", &key)?;
        let most = usize::try_from(bytes_max).unwrap_or(usize::MAX);
        let Some(bytes) = self.wait(cancel, self.bucket.get(&key, most))? else { return Ok(None) };
        if !bytes.starts_with(GZIP) {
            return Ok(Some(bytes.to_vec()));
        }
        let mut whole = Vec::new();
        GzDecoder::new(&*bytes).take(bytes_max.saturating_add(1)).read_to_end(&mut whole)?;
        match whole.len() as u64 > bytes_max {
            true => Err(io::ErrorKind::FileTooLarge.into()),
            false => Ok(Some(whole)),
        }
    }

    fn put(&self, name: &str, bytes: Vec<u8>, cancel: &Cancel) -> io::Result<()> {
        let key = self.key(name);
        self.may_put(&key)?;
        // Files of segments are compressed as they are, and compared with what was counted.
        let bytes = match self.compresses && name.ends_with(".json") {
            true => {
                let mut packed = GzEncoder::new(Vec::new(), Compression::default());
                packed.write_all(&bytes)?;
                packed.finish()?
            }
            false => bytes,
        };
        let length = bytes.len() as u64;
        self.wait(cancel, async {
            self.bucket.put(&key, bytes.into(), &self.headers).await?;
            self.put_pace.moved(length).await;
            Ok(())
        })
    }

    fn upload(&self, name: &str, from: &Path, cancel: &Cancel) -> io::Result<KeptFile> {
        let key = self.key(name);
        self.may_put(&key)?;
        let kept = KeptFile::of_file(from, cancel)?;
        let sending =
            self.bucket.upload(&key, from, self.part_bytes, &self.headers, &self.put_pace);
        let sent = self.wait(cancel, sending);
        if sent.is_err() && cancel.is_cancelled() && kept.bytes > self.part_bytes {
            // Nobody waits any more; what is not given up now is by the next clean-up.
            let giving_up = tokio::time::timeout(GIVE_UP, self.bucket.abandon(&key));
            let _ = self.runtime.block_on(giving_up);
        }
        sent.map(|()| kept)
    }

    fn download(&self, name: &str, to: &Path, bytes_max: u64, cancel: &Cancel) -> io::Result<()> {
        let key = self.key(name);
        self.may("s3:GetObject", &key)?;
        self.wait(cancel, self.bucket.download(&key, to, bytes_max, &self.get_pace))
    }

    fn list(
        &self,
        folder: &str,
        cancel: &Cancel,
        each: &mut dyn FnMut(&str, u64),
    ) -> io::Result<()> {
        self.may_list()?;
        let prefix = self.key(&format!("{folder}/"));
        let listing = self.bucket.list(&prefix, |key, bytes| {
            if let Some(name) = key.strip_prefix(&self.base) {
                each(name, bytes);
            }
        });
        self.wait(cancel, listing)
    }

    fn delete(&self, names: &[String], cancel: &Cancel) -> io::Result<()> {
        let keys: Vec<String> = names.iter().map(|name| self.key(name)).collect();
        for key in &keys {
            self.may("s3:DeleteObject", key)?;
        }
        self.wait(cancel, self.bucket.delete(&keys))
    }

    fn abandon(&self, cancel: &Cancel) -> io::Result<()> {
        if let Some(role) = &self.role
            && role.may("s3:ListBucketMultipartUploads", None).is_err()
        {
            // Roles that were written for Amazon's service need not have it.
            return Ok(());
        }
        self.wait(cancel, self.bucket.abandon(&self.key("indices/")))
    }
}

/// What the engine tells of a fault.
fn told(error: S3Error) -> io::Error {
    let kind = match &error {
        S3Error::TooLong => io::ErrorKind::FileTooLarge,
        S3Error::TimedOut => io::ErrorKind::TimedOut,
        error if error.is_missing() => io::ErrorKind::NotFound,
        _ => io::ErrorKind::Other,
    };
    match error {
        S3Error::File(error) => error,
        // Where credentials were looked for is nothing for a caller.
        S3Error::Unsigned(why) => {
            tracing::warn!(why, "requests to S3 cannot be signed");
            io::Error::new(kind, "requests to S3 cannot be signed: the service's log says why")
        }
        error => io::Error::new(kind, error.to_string()),
    }
}

//! Objects out of files and into files, piece by piece.

use std::path::Path;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use tokio::fs::File;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use super::{ANSWER_BYTES_MAX, Ask, Bucket, Pace, Payload, S3Error, Tries, xml};

/// Parts of one object. Source: "Amazon S3 multipart upload limits".
const PARTS_MAX: u64 = 10_000;

impl Bucket {
    /// Puts the file at `from` as an object: by one request up to `part_bytes`, else in parts of as many, or larger ones where
    /// there would be too many. `headers`: what is said of the object. What was begun and not finished is given up.
    ///
    /// # Errors
    /// [`S3Error`]; there is then no object, or the one that was there.
    pub async fn upload(
        &self,
        key: &str,
        from: &Path,
        part_bytes: u64,
        headers: &HeaderMap,
        pace: &Pace,
    ) -> Result<(), S3Error> {
        let length = tokio::fs::metadata(from).await.map_err(S3Error::File)?.len();
        if length <= part_bytes {
            let ask = Ask::new(Method::PUT, Some(key), &[]);
            let ask = ask.with(headers.clone(), Payload::Slice(from, 0, length));
            self.exchange(&ask, ANSWER_BYTES_MAX).await?;
            pace.moved(length).await;
            return Ok(());
        }
        let ask = Ask::new(Method::POST, Some(key), &[("uploads", "")]);
        let ask = ask.with(headers.clone(), Payload::Nothing);
        let (_, told) = self.exchange(&ask, ANSWER_BYTES_MAX).await?;
        let id = xml::upload_id(&told).map_err(S3Error::Strange)?;
        let part_bytes = part_bytes.max(length.div_ceil(PARTS_MAX));
        let sent = self.parts(key, &id, (from, length), part_bytes, pace).await;
        let done = match sent {
            Ok(tags) => self.complete(key, &id, &tags, length).await,
            Err(error) => Err(error),
        };
        if done.is_err() {
            // What stays is no object; `abandon` finds it later.
            let _ = self.give_up(key, &id).await;
        }
        done
    }

    /// Sends the parts of a file, one after the other; their tags.
    async fn parts(
        &self,
        key: &str,
        id: &str,
        (from, length): (&Path, u64),
        part_bytes: u64,
        pace: &Pace,
    ) -> Result<Vec<String>, S3Error> {
        let (mut tags, mut sent) = (Vec::new(), 0);
        while sent < length {
            let bytes = part_bytes.min(length - sent);
            let number = (tags.len() + 1).to_string();
            let query = [("partNumber", number.as_str()), ("uploadId", id)];
            let ask = Ask::new(Method::PUT, Some(key), &query);
            let ask = ask.with(HeaderMap::new(), Payload::Slice(from, sent, bytes));
            let (headers, _) = self.exchange(&ask, ANSWER_BYTES_MAX).await?;
            let tag = headers.get("etag").and_then(|tag| tag.to_str().ok());
            let tag = tag.ok_or_else(|| S3Error::Strange("a part without an ETag".to_owned()))?;
            tags.push(tag.to_owned());
            sent += bytes;
            pace.moved(bytes).await;
        }
        Ok(tags)
    }

    async fn complete(
        &self,
        key: &str,
        id: &str,
        tags: &[String],
        length: u64,
    ) -> Result<(), S3Error> {
        let query = [("uploadId", id)];
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/xml"));
        let ask = Ask::new(Method::POST, Some(key), &query);
        let ask = ask.with(headers, Payload::Bytes(xml::completion(tags).into()));
        let told = match self.exchange(&ask, ANSWER_BYTES_MAX).await {
            Ok((_, told)) => told,
            // Asked once more, because the first answer was lost: was it done?
            Err(error) if error.is_missing() => {
                return match self.head(key).await? {
                    Some(there) if there == length => Ok(()),
                    _ => Err(error),
                };
            }
            Err(error) => return Err(error),
        };
        // A fault that came after the head of the answer stands in its body.
        match xml::refusal(&told) {
            None if xml::is_completed(&told) => Ok(()),
            None => Err(S3Error::Strange("no CompleteMultipartUploadResult".to_owned())),
            Some((code, message)) => Err(S3Error::Answered { status: 200, code, message }),
        }
    }

    async fn give_up(&self, key: &str, id: &str) -> Result<(), S3Error> {
        let query = [("uploadId", id)];
        let ask = Ask::new(Method::DELETE, Some(key), &query);
        self.exchange(&ask, ANSWER_BYTES_MAX).await.map(drop)
    }

    /// Gives up the uploads in parts of objects whose names begin with `prefix`: at most a thousand.
    ///
    /// # Errors
    /// [`S3Error`].
    pub async fn abandon(&self, prefix: &str) -> Result<(), S3Error> {
        let query = [("uploads", ""), ("prefix", prefix)];
        let ask = Ask::new(Method::GET, None, &query);
        let (_, told) = self.exchange(&ask, ANSWER_BYTES_MAX).await?;
        for (key, id) in xml::uploads(&told).map_err(S3Error::Strange)? {
            match self.give_up(&key, &id).await {
                Err(error) if !error.is_missing() => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes an object of at most `bytes_max` into a new file at `to`, and makes it durable. A connection that breaks off is taken
    /// up where it was.
    ///
    /// # Errors
    /// [`S3Error`]; the file then holds a part of the object.
    pub async fn download(
        &self,
        key: &str,
        to: &Path,
        bytes_max: u64,
        pace: &Pace,
    ) -> Result<(), S3Error> {
        let mut file = File::create(to).await.map_err(S3Error::File)?;
        let (mut tries, mut there, mut tag) = (Tries::of(self), 0_u64, None);
        loop {
            let before = there;
            match self.pieces(key, &mut file, &mut there, &mut tag, bytes_max, pace).await {
                Ok(()) => break,
                Err(error) => {
                    if there > before {
                        tries.renew();
                    }
                    tries.after(error).await?;
                }
            }
        }
        file.sync_data().await.map_err(S3Error::File)
    }

    /// One answer's bytes, from the one on that is missing.
    async fn pieces(
        &self,
        key: &str,
        file: &mut File,
        there: &mut u64,
        tag: &mut Option<HeaderValue>,
        bytes_max: u64,
        pace: &Pace,
    ) -> Result<(), S3Error> {
        let mut headers = HeaderMap::new();
        if *there > 0 {
            let range = HeaderValue::try_from(format!("bytes={there}-"));
            headers.insert("range", range.map_err(|error| S3Error::Strange(error.to_string()))?);
            // Another object of this name is not the rest of this one.
            headers.extend(tag.clone().map(|tag| (http::header::IF_MATCH, tag)));
        }
        let ask = Ask::new(Method::GET, Some(key), &[]).with(headers, Payload::Nothing);
        let (head, mut body) = self.send(&ask).await?.into_parts();
        if *there > 0 && head.status != StatusCode::PARTIAL_CONTENT {
            // All of it, from the start.
            file.rewind().await.map_err(S3Error::File)?;
            file.set_len(0).await.map_err(S3Error::File)?;
            *there = 0;
        }
        tag.clone_from(&head.headers.get("etag").cloned());
        while let Some(piece) = self.piece(&mut body).await? {
            if *there + piece.len() as u64 > bytes_max {
                return Err(S3Error::TooLong);
            }
            self.keep(file, &piece, there).await?;
            pace.moved(piece.len() as u64).await;
        }
        file.flush().await.map_err(S3Error::File)
    }

    async fn keep(&self, file: &mut File, piece: &Bytes, there: &mut u64) -> Result<(), S3Error> {
        file.write_all(piece).await.map_err(S3Error::File)?;
        *there += piece.len() as u64;
        Ok(())
    }
}

//! Bodies while they come in, when nobody knows yet whether they are signed: in memory while they are
//! small, in a file without a name in the data folder beyond that. Whatever a body claims, it costs at most
//! [`SPILL_FROM_BYTES`] of memory until its signature is proven; only then it is loaded.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use client::spool::{BodyFile, BodyWriter, FiledBody, FiledBodyWriter, RequestBody, WrittenBody};
use sigv4::PayloadHash;

use crate::guards::limits::{self, SPILL_FROM_BYTES};
use crate::guards::shares::{Share, ShareHolder, ShareLimits, ShareUsedUp, Shares};
use crate::guards::throttle::SourceAddress;
use crate::service::pool;
use crate::settings::Settings;
use crate::transport::malformed::MalformedRequest;

/// Where bodies are kept, and how much of them there may be: over all requests, from one address while nobody knows who
/// signed them, of one account and one principal once they are loaded.
pub struct Spool {
    folder: PathBuf,
    /// Bodies that come in.
    coming: Arc<Shares>,
    /// Bytes in memory of small bodies.
    small: Arc<Shares>,
    /// Bytes in memory of others.
    memory: Arc<Shares>,
    /// Bytes in files.
    files: Arc<Shares>,
    /// Bytes in memory that were loaded for who had proven who it is.
    loaded: Arc<Shares>,
    /// Bytes in files that were made of those of such a caller.
    rewritten: Arc<Shares>,
}

impl Spool {
    /// Where the bodies of domains are; files go to `folder`.
    #[must_use]
    pub fn of_domains(folder: PathBuf, settings: &Settings) -> Self {
        let one = settings.domains.body_bytes_max;
        let address =
            |all, address| Shares::new(ShareLimits { all, address, ..ShareLimits::default() });
        let proven = |all: usize| {
            Shares::new(ShareLimits {
                all: all.max(one),
                account: (all / 2).max(one),
                principal: (all / 8 * 3).max(one),
                ..ShareLimits::default()
            })
        };
        Self {
            folder,
            coming: address(limits::BODIES_COMING_MAX, limits::BODIES_COMING_PER_ADDRESS_MAX),
            small: address(
                limits::SMALL_BODIES_BYTES_MAX,
                limits::SMALL_BODIES_BYTES_PER_ADDRESS_MAX,
            ),
            memory: address(
                limits::BODIES_IN_FLIGHT_BYTES_MAX,
                settings.limits.body_bytes_per_address,
            ),
            files: address(limits::SPOOL_BYTES_MAX, limits::SPOOL_BYTES_PER_ADDRESS_MAX.max(one)),
            loaded: proven(limits::LOADED_BYTES_MAX),
            rewritten: proven(limits::REWRITTEN_BYTES_MAX),
        }
    }

    /// Where the bodies of the control plane are: they are small, and no domain's take their room.
    #[must_use]
    pub fn of_control(folder: PathBuf) -> Self {
        let (all, address) =
            (limits::CONTROL_BODIES_BYTES_MAX, limits::CONTROL_BODIES_BYTES_PER_ADDRESS_MAX);
        let bytes =
            Shares::new(ShareLimits { all, address, account: address, ..ShareLimits::default() });
        let coming = Shares::new(ShareLimits {
            all: limits::CONTROL_BODIES_COMING_MAX,
            address: limits::CONTROL_BODIES_COMING_PER_ADDRESS_MAX,
            ..ShareLimits::default()
        });
        let (small, memory, files) = (Arc::clone(&bytes), Arc::clone(&bytes), Arc::clone(&bytes));
        let (loaded, rewritten) = (Arc::clone(&bytes), bytes);
        Self { folder, coming, small, memory, files, loaded, rewritten }
    }

    /// Bytes in memory of bodies that were loaded.
    #[must_use]
    pub fn loaded_held(&self) -> usize {
        self.loaded.held()
    }

    /// Bytes of bodies in files.
    #[must_use]
    pub fn files_held(&self) -> usize {
        self.files.held() + self.rewritten.held()
    }

    /// Bytes of bodies in memory that are not loaded yet.
    #[must_use]
    pub fn memory_held(&self) -> usize {
        self.small.held() + self.memory.held()
    }

    /// Begins a body from `source`. 429: too many come in from there.
    pub fn begin(
        self: &Arc<Self>,
        source: SourceAddress,
    ) -> Result<IncomingBody, MalformedRequest> {
        let address = vec![ShareHolder::Address(source)];
        let coming = take(&self.coming, &address, 1, "bodies are arriving")?;
        let writer = BodyWriter::new(Some(self.folder.clone()));
        let (spool, memory, disk) = (Arc::clone(self), None, None);
        Ok(IncomingBody { spool, address, _coming: coming, memory, disk, writer })
    }
}

/// Takes a share, or refuses with 429.
fn take(
    shares: &Arc<Shares>,
    holders: &[ShareHolder],
    amount: usize,
    what: &str,
) -> Result<Share, MalformedRequest> {
    shares.take(holders.to_vec(), amount).map_err(|full| too_many(&full, what))
}

fn too_many(full: &ShareUsedUp, what: &str) -> MalformedRequest {
    MalformedRequest::new(429, format!("too many {what} {}: try again later", full.whose()))
}

/// What there is too much of.
const BYTES: &str = "bytes of bodies are in transit";

/// The pieces that a body is written in are counted as its memory was before.
const _: () = {
    assert!(SPILL_FROM_BYTES == client::spool::MEMORY_BYTES_MAX);
    assert!(limits::SPOOL_WRITE_BYTES == client::spool::PIECE_BYTES);
    assert!(limits::SPOOL_PIECES_MAX == client::spool::PIECES_MAX);
};

impl client::spool::Share for Share {
    fn merge(&mut self, more: Self) {
        Share::merge(self, more);
    }
}

/// A body that is coming in.
pub struct IncomingBody {
    spool: Arc<Spool>,
    /// Whose shares it takes.
    address: Vec<ShareHolder>,
    /// That it comes in.
    _coming: Share,
    memory: Option<Share>,
    /// Of what was not handed over to the file yet.
    disk: Option<Share>,
    writer: BodyWriter<Share>,
}

impl IncomingBody {
    /// Takes the next piece. 429: there are too many bytes in flight; 503: the disk failed.
    pub async fn take(&mut self, data: &[u8]) -> Result<(), MalformedRequest> {
        if let Some(body) = self.writer.in_memory() {
            let length = body.length() + data.len();
            if length <= SPILL_FROM_BYTES {
                let small = limits::SMALL_BODY_BYTES_MAX;
                if length <= small {
                    admit(&self.spool.small, &self.address, data.len(), &mut self.memory)?;
                } else if body.length() <= small {
                    // It leaves the reserve of small ones.
                    self.memory = Some(take(&self.spool.memory, &self.address, length, BYTES)?);
                } else {
                    admit(&self.spool.memory, &self.address, data.len(), &mut self.memory)?;
                }
                body.push(data);
                return Ok(());
            }
            let share = take(&self.spool.files, &self.address, body.length(), BYTES)?;
            self.writer.spill(Some(share)).await.map_err(disk_failed)?;
        }
        admit(&self.spool.files, &self.address, data.len(), &mut self.disk)?;
        self.writer.write(data, &mut self.disk).await.map_err(disk_failed)
    }

    /// The body has come in whole.
    pub async fn finish(self) -> Result<UnprovenBody, MalformedRequest> {
        let place = match self.writer.finish(self.disk).await.map_err(disk_failed)? {
            WrittenBody::Memory(bytes, hash) => BodyPlace::Memory(bytes, hash, self.memory),
            WrittenBody::File(file, hash) => BodyPlace::File(file, hash),
        };
        Ok(UnprovenBody { place, spool: self.spool })
    }
}

/// A whole body of which nobody knows yet whether it will be executed.
pub struct UnprovenBody {
    place: BodyPlace,
    spool: Arc<Spool>,
}

enum BodyPlace {
    Memory(Bytes, PayloadHash, Option<Share>),
    File(BodyFile<Share>, PayloadHash),
}

impl UnprovenBody {
    /// The body for its signature's check.
    pub fn body(&self) -> sigv4::Body<'_> {
        let (BodyPlace::Memory(_, hash, _) | BodyPlace::File(_, hash)) = &self.place;
        sigv4::Body::Hashed(*hash)
    }

    /// Whether the body is in memory and nothing more is to be done with it.
    #[must_use]
    pub fn is_in_memory(&self, gzip: bool) -> bool {
        matches!(&self.place, BodyPlace::Memory(bytes, ..) if !gzip || bytes.is_empty())
    }

    /// The body as sent, if it is in memory and nothing more is to be done with it.
    pub fn in_memory(self, gzip: bool) -> Result<(Bytes, Option<Share>), Self> {
        match self.place {
            BodyPlace::Memory(bytes, _, share) if !gzip || bytes.is_empty() => Ok((bytes, share)),
            place => Err(Self { place, ..self }),
        }
    }

    /// Loads the body of a proven caller, at most `bytes_max` bytes after decoding: a bomb is 413 before
    /// it is memory; 429 when its caller holds too much already. Blocks.
    pub fn load(
        self,
        gzip: bool,
        bytes_max: usize,
        holder: &pool::WorkOwner,
    ) -> Result<(Bytes, Option<Share>), MalformedRequest> {
        let share = take(&self.spool.loaded, &holder.shares(), 0, BYTES)?;
        match self.place {
            BodyPlace::Memory(bytes, _, _share) => {
                read(&*bytes, bytes.len(), gzip, bytes_max, share)
            }
            BodyPlace::File(kept, _) => {
                let (mut file, _share) = kept.into_parts().map_err(disk_failed)?;
                let length = file.seek(SeekFrom::End(0)).map_err(disk_failed)?;
                file.seek(SeekFrom::Start(0)).map_err(disk_failed)?;
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                read(file, length, gzip, bytes_max, share)
            }
        }
    }
}

/// A body of a proven caller that waits in a file, to be read from there a piece at a time.
pub struct FiledUpload {
    file: BodyFile<Share>,
    hash: PayloadHash,
    length: u64,
    spool: Arc<Spool>,
    gzip: bool,
    bytes_max: usize,
    holder: Vec<ShareHolder>,
}

impl UnprovenBody {
    /// The body of a proven caller, of `length` bytes as it was sent, that waits in a file; itself where it does not.
    pub fn filed(
        self,
        length: u64,
        gzip: bool,
        bytes_max: usize,
        holder: &pool::WorkOwner,
    ) -> Result<FiledUpload, Self> {
        match self.place {
            BodyPlace::File(file, hash) => {
                let (spool, holder) = (self.spool, holder.shares().into());
                Ok(FiledUpload { file, hash, length, spool, gzip, bytes_max, holder })
            }
            place @ BodyPlace::Memory(..) => Err(Self { place, ..self }),
        }
    }
}

impl FiledUpload {
    /// The body, unpacked, as it is sent on. Blocks.
    pub fn into_whole(self) -> Result<RequestBody, MalformedRequest> {
        if self.gzip {
            let mut rewritten = self.rewritten()?;
            let mut reader = self.reader()?;
            return match io::copy(&mut reader, &mut rewritten) {
                Ok(_) => Ok(rewritten.finish()),
                Err(error) => Err(rewritten.refusal(reader.get_mut(), error)),
            };
        }
        let filed = FiledBody::new(self.file, self.length, self.hash).map_err(disk_failed)?;
        Ok(RequestBody::File(Arc::new(filed)))
    }

    /// Where another body is written in its place.
    pub fn rewritten(&self) -> Result<RewrittenBody, MalformedRequest> {
        let share = take(&self.spool.rewritten, &self.holder, 0, BYTES)?;
        let writer = FiledBodyWriter::new(&self.spool.folder).map_err(disk_failed)?;
        Ok(RewrittenBody { writer, share, refusal: None })
    }

    /// Its bytes, unpacked, from the beginning.
    pub fn reader(self) -> Result<BufReader<UploadReader>, MalformedRequest> {
        let (file, on_disk) = self.file.into_parts().map_err(disk_failed)?;
        let (gzip, bytes_max) = (self.gzip, self.bytes_max);
        UploadReader::from(file, on_disk, (gzip, bytes_max), &self.spool, self.holder)
    }

    /// As [`FiledUpload::reader`], of a body that is sent on as it is afterwards.
    pub fn look(&self) -> Result<BufReader<UploadReader>, MalformedRequest> {
        let file = self.file.duplicate().map_err(disk_failed)?;
        let (gzip, bytes_max, holder) = (self.gzip, self.bytes_max, self.holder.clone());
        UploadReader::from(file, None, (gzip, bytes_max), &self.spool, holder)
    }
}

impl UploadReader {
    fn from(
        mut file: File,
        on_disk: Option<Share>,
        (gzip, bytes_max): (bool, usize),
        spool: &Spool,
        holder: Vec<ShareHolder>,
    ) -> Result<BufReader<Self>, MalformedRequest> {
        let share = take(&spool.loaded, &holder, 0, BYTES)?;
        file.seek(SeekFrom::Start(0)).map_err(disk_failed)?;
        let source: Box<dyn Read + Send> = match gzip {
            true => Box::new(flate2::read::MultiGzDecoder::new(file)),
            false => Box::new(file),
        };
        let reader = Self {
            source,
            left: bytes_max,
            bytes_max,
            gzip,
            loaded: Arc::clone(&spool.loaded),
            holder,
            share,
            refusal: None,
            _on_disk: on_disk,
        };
        Ok(BufReader::with_capacity(limits::ANSWER_PIECE_BYTES, reader))
    }
}

/// Reads a body from its file; what was read counts as loaded until [`UploadReader::release`].
pub struct UploadReader {
    source: Box<dyn Read + Send>,
    left: usize,
    bytes_max: usize,
    gzip: bool,
    loaded: Arc<Shares>,
    holder: Vec<ShareHolder>,
    share: Share,
    refusal: Option<MalformedRequest>,
    _on_disk: Option<Share>,
}

impl UploadReader {
    /// What was read is done with.
    pub fn release(&mut self) -> Result<(), MalformedRequest> {
        self.share = take(&self.loaded, &self.holder, 0, BYTES)?;
        Ok(())
    }

    /// Why it could not be read, as the client is told.
    pub fn refusal(&mut self) -> Option<MalformedRequest> {
        self.refusal.take()
    }
}

impl Read for UploadReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer).map_err(|error| match self.gzip {
            true => MalformedRequest::bad(format!("Content-Encoding is gzip, the body: {error}")),
            false => disk_failed(error),
        });
        let counted = read.and_then(|count| {
            let too_large = || MalformedRequest::body_too_large(self.bytes_max);
            self.left = self.left.checked_sub(count).ok_or_else(too_large)?;
            self.share.grow(count).map_err(|full| too_many(&full, BYTES))?;
            Ok(count)
        });
        counted.map_err(|refusal| {
            self.refusal = Some(refusal);
            io::Error::other("the body cannot be read")
        })
    }
}

/// A body that is made of another one, in a file of its own.
pub struct RewrittenBody {
    writer: FiledBodyWriter,
    share: Share,
    refusal: Option<MalformedRequest>,
}

impl RewrittenBody {
    /// The whole body.
    #[must_use]
    pub fn finish(self) -> RequestBody {
        self.writer.finish(self.share)
    }

    /// What the client is told of an error in reading the one or in writing the other.
    pub fn refusal(self, reader: &mut UploadReader, error: io::Error) -> MalformedRequest {
        reader.refusal().or(self.refusal).unwrap_or_else(|| disk_failed(error))
    }
}

impl Write for RewrittenBody {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if let Err(full) = self.share.grow(data.len()) {
            self.refusal = Some(too_many(&full, BYTES));
            return Err(io::Error::other("too many bytes"));
        }
        self.writer.write_all(data).map(|()| data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Reads `source`, which is `length` bytes long before it is decoded.
fn read(
    source: impl Read,
    length: usize,
    gzip: bool,
    bytes_max: usize,
    mut share: Share,
) -> Result<(Bytes, Option<Share>), MalformedRequest> {
    // A body that is stored as it is takes its own length and not the next power of two.
    let mut loaded = Vec::with_capacity(if gzip { 0 } else { length.min(bytes_max) });
    let mut source: Box<dyn Read> =
        if gzip { Box::new(flate2::read::MultiGzDecoder::new(source)) } else { Box::new(source) };
    loop {
        let before = loaded.len();
        let mut piece = source.by_ref().take(limits::SPOOL_WRITE_BYTES as u64);
        let read = piece.read_to_end(&mut loaded);
        let count = read.map_err(|error| match gzip {
            true => MalformedRequest::bad(format!("Content-Encoding is gzip, the body: {error}")),
            false => disk_failed(error),
        })?;
        if loaded.len() > bytes_max {
            return Err(MalformedRequest::body_too_large(bytes_max));
        }
        share.grow(loaded.len() - before).map_err(|full| too_many(&full, BYTES))?;
        if count == 0 {
            return Ok((Bytes::from(loaded), Some(share)));
        }
    }
}

/// Counts `length` more bytes, or refuses with 429.
fn admit(
    shares: &Arc<Shares>,
    holders: &[ShareHolder],
    length: usize,
    share: &mut Option<Share>,
) -> Result<(), MalformedRequest> {
    match share {
        Some(share) => share.grow(length).map_err(|full| too_many(&full, BYTES)),
        None => {
            *share = Some(take(shares, holders, length, BYTES)?);
            Ok(())
        }
    }
}

fn disk_failed(error: io::Error) -> MalformedRequest {
    tracing::error!(%error, "a body could not be kept in the data folder");
    MalformedRequest::new(503, "the body could not be kept")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn spool(name: &str) -> (Arc<Spool>, PathBuf) {
        let folder = crate::service::private_file::scratch(name);
        (Arc::new(Spool::of_domains(folder.clone(), &Settings::laptop())), folder)
    }

    fn at(last: u8) -> SourceAddress {
        SourceAddress::at(std::net::IpAddr::from([192, 0, 2, last]))
    }

    fn begin(spool: &Arc<Spool>) -> IncomingBody {
        spool.begin(at(1)).unwrap()
    }

    fn load(
        body: UnprovenBody,
        gzip: bool,
        most: usize,
    ) -> Result<(Bytes, Option<Share>), MalformedRequest> {
        body.load(gzip, most, &pool::WorkOwner::service())
    }

    async fn spooled(spool: &Arc<Spool>, body: &[u8]) -> UnprovenBody {
        let mut spooling = begin(spool);
        for piece in body.chunks(100_000) {
            spooling.take(piece).await.unwrap();
        }
        let spooled = spooling.finish().await.unwrap();
        match spooled.body() {
            sigv4::Body::Whole(bytes) => assert!(bytes == body),
            sigv4::Body::Hashed(hash) => assert_eq!(hash, PayloadHash::of(body)),
        }
        spooled
    }

    fn held(spool: &Spool) -> (usize, usize) {
        let memory = spool.small.held() + spool.memory.held() + spool.loaded.held();
        (memory, spool.files.held())
    }

    #[tokio::test]
    async fn a_small_body_stays_in_memory() {
        let (spool, folder) = spool("spool-small");
        let body = spooled(&spool, b"{}").await;
        assert_eq!(held(&spool), (2, 0));
        let (bytes, share) = body.in_memory(false).ok().unwrap();
        assert_eq!(&bytes[..], b"{}");
        drop(share);
        assert_eq!(held(&spool), (0, 0));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_body_of_any_length_is_hashed_as_it_comes_in() {
        let (spool, folder) = spool("spool-hashed");
        let small = limits::SMALL_BODY_BYTES_MAX;
        for length in [0, 1, small, small + 1, 100_000, SPILL_FROM_BYTES, SPILL_FROM_BYTES + 1] {
            let sent = vec![b'x'; length];
            let body = spooled(&spool, &sent).await;
            let sigv4::Body::Hashed(hash) = body.body() else { panic!("{length}: not hashed") };
            assert_eq!(hash, PayloadHash::of(&sent), "{length}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_large_body_costs_the_limit_until_it_is_loaded_and_leaves_no_file() {
        let (spool, folder) = spool("spool-large");
        let sent: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
        let body = spooled(&spool, &sent).await;
        assert!(held(&spool).0 <= SPILL_FROM_BYTES);
        assert_eq!(held(&spool).1, sent.len());
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "the file has no name");
        let (bytes, _share) = load(body, false, sent.len()).unwrap();
        assert!(bytes == sent);
        assert_eq!(held(&spool), (sent.len(), 0));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_body_beyond_the_disks_share_is_429_and_gives_its_share_back() {
        let (spool, folder) = spool("spool-full");
        let mut shares = Vec::new();
        for rest in [4, 3, 2, 1] {
            let amount = (limits::SPOOL_BYTES_MAX - 9 - spool.files.held()) / rest;
            let other = vec![ShareHolder::Address(at(9 + rest as u8))];
            shares.push(spool.files.take(other, amount).unwrap());
        }
        let mut spooling = begin(&spool);
        spooling.take(&vec![0; SPILL_FROM_BYTES]).await.unwrap();
        assert_eq!(spooling.take(&[0]).await.unwrap_err().status, 429);
        drop((spooling, shares));
        assert_eq!(held(&spool), (0, 0));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn what_one_address_sends_and_does_not_end_leaves_room_for_another() {
        let (spool, folder) = spool("spool-addresses");
        let mut held = Vec::new();
        let refused = loop {
            let mut body = begin(&spool);
            if let Err(refused) = body.take(&vec![0; SPILL_FROM_BYTES]).await {
                break refused;
            }
            held.push(body);
        };
        assert_eq!(refused.status, 429);
        assert_eq!(held.len(), limits::BODY_BYTES_PER_ADDRESS_MAX / SPILL_FROM_BYTES);
        let mut other = spool.begin(at(2)).unwrap();
        other.take(&vec![0; SPILL_FROM_BYTES]).await.unwrap();
        // Small ones have a reserve, of the noisy address too, until it has too many of them.
        let mut small = Vec::new();
        let refused = loop {
            match spool.begin(at(1)) {
                Ok(mut body) => {
                    body.take(b"{}").await.unwrap();
                    small.push(body);
                }
                Err(refused) => break refused,
            }
        };
        assert_eq!(refused.status, 429);
        assert_eq!(held.len() + small.len(), limits::BODIES_COMING_PER_ADDRESS_MAX);
        assert!(spool.begin(at(2)).is_ok());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn files_of_one_address_leave_room_for_another() {
        let (spool, folder) = spool("spool-files");
        let most = limits::SPOOL_BYTES_PER_ADDRESS_MAX;
        let _held = spool.files.take(vec![ShareHolder::Address(at(1))], most).unwrap();
        let whole = vec![0; SPILL_FROM_BYTES + 1];
        assert_eq!(begin(&spool).take(&whole).await.unwrap_err().status, 429);
        assert!(spool.begin(at(2)).unwrap().take(&whole).await.is_ok());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_loaded_body_takes_its_own_length() {
        let (spool, _) = spool("loaded");
        let body = vec![7; 1_300_000];
        let (loaded, _share) = load(spooled(&spool, &body).await, false, body.len()).unwrap();
        assert_eq!(loaded.try_into_mut().unwrap().capacity(), body.len());
    }

    #[tokio::test]
    async fn what_one_principal_has_loaded_leaves_room_for_another() {
        let (spool, folder) = spool("spool-loaded");
        let holder =
            |principal: &str| pool::WorkOwner { account: "1".into(), principal: principal.into() };
        let most = limits::LOADED_BYTES_MAX / 8 * 3;
        let held = vec![ShareHolder::Account("1".into()), ShareHolder::Principal("1/noisy".into())];
        let _held = spool.loaded.take(held, most).unwrap();
        let large = vec![b' '; SPILL_FROM_BYTES + 1];
        let refused = spooled(&spool, &large).await.load(false, large.len(), &holder("noisy"));
        assert_eq!(refused.unwrap_err().status, 429);
        let loaded = spooled(&spool, &large).await.load(false, large.len(), &holder("quiet"));
        assert!(loaded.is_ok());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn the_control_planes_bodies_have_room_when_the_domains_have_none() {
        let (spool, folder) = spool("spool-control");
        let control = Arc::new(Spool::of_control(folder.clone()));
        let mut held = Vec::new();
        for shares in [&spool.small, &spool.memory, &spool.files] {
            while let Ok(share) = shares.take(vec![], 1 << 20) {
                held.push(share);
            }
        }
        let mut body = control.begin(at(1)).unwrap();
        body.take(&vec![b' '; 100_000]).await.unwrap();
        let loaded = load(body.finish().await.unwrap(), false, 100_000).unwrap();
        assert_eq!(loaded.0.len(), 100_000);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_body_of_any_length_is_kept_and_hashed_as_sent() {
        let (spool, folder) = spool("spool-lengths");
        let piece = limits::SPOOL_WRITE_BYTES;
        for more in [0, 1, piece - 1, piece, piece + 1, 2 * piece, 3 * piece + 7] {
            let length = SPILL_FROM_BYTES + more;
            let sent: Vec<u8> = (0..length).map(|n| (n % 253) as u8).collect();
            let (bytes, _share) = load(spooled(&spool, &sent).await, false, length).unwrap();
            assert!(bytes == sent, "{length}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_request_that_is_given_up_leaves_neither_a_share_nor_a_file() {
        let (spool, folder) = spool("spool-given-up");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut spooling = begin(&spool);
            let whole = SPILL_FROM_BYTES + limits::SPOOL_WRITE_BYTES + 1;
            spooling.take(&vec![0; whole]).await.unwrap();
            assert_eq!(held(&spool), (0, whole));
        });
        // Waits for the thread that was left with a piece.
        drop(runtime);
        assert_eq!(held(&spool), (0, 0));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_disk_that_fails_is_503_and_gives_the_shares_back() {
        let (spool, folder) = spool("spool-failing");
        std::fs::remove_dir_all(&folder).unwrap();
        let mut spooling = begin(&spool);
        spooling.take(&vec![0; SPILL_FROM_BYTES]).await.unwrap();
        assert_eq!(spooling.take(&[0]).await.unwrap_err().status, 503);
        assert_eq!(spooling.finish().await.err().map(|refused| refused.status), Some(503));
        assert_eq!(held(&spool), (0, 0));
    }

    #[tokio::test]
    async fn a_bomb_is_413_and_a_lie_about_gzip_is_400() {
        let (spool, folder) = spool("spool-gzip");
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&vec![b' '; 3_000_000]).unwrap();
        let packed = encoder.finish().unwrap();
        let body = spooled(&spool, &packed).await;
        assert_eq!(load(body, true, 2_000_000).unwrap_err().status, 413);
        let body = spooled(&spool, &packed).await;
        assert_eq!(load(body, true, 3_000_000).unwrap().0.len(), 3_000_000);
        let body = spooled(&spool, b"plain").await;
        assert_eq!(load(body, true, 3_000_000).unwrap_err().status, 400);
        std::fs::remove_dir_all(folder).unwrap();
    }
}

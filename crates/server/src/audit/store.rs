//! Where records go: the newest in memory, all of them in files.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::digests::{DigestKey, DigestLog, SetDigest};
use super::files::{FileSet, RecordLocation, Retention};
use super::index;
use super::line;
use super::page_token::PageTokens;
use super::policies::PolicyTexts;
use super::record::AuditRecord;
use super::ring::RecordRing;
use super::sample::Sampler;
use super::sinks::AuditSinks;
use super::view::owners_side;
use crate::guards::limits;
use crate::service::domain_key::DomainKey;
use crate::settings::{AuditSettings, OnAuditFailure};

/// The sets of files: of callers who are proven or were served, and of those who were refused unproven.
pub(super) const NAMES: [&str; 2] = ["audit", "unproven"];

/// That a record could not be written, where nothing may be done without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unrecorded;

/// Where records go.
pub struct Audit {
    state: Mutex<AuditState>,
    on_failure: OnAuditFailure,
    /// Where records go beside the files.
    sinks: AuditSinks,
    /// The texts of policies that denials were judged on.
    texts: PolicyTexts,
    /// What pages of a search end with.
    page_tokens: PageTokens,
    /// Held while files that do not change are looked through: who waits finds the index that the other has made.
    indexing: Mutex<()>,
}

/// Where an audit is kept, and with which key its digests are signed.
pub struct AuditPlace<'a> {
    /// The folder; it is made.
    pub folder: &'a Path,
    /// The key.
    pub key: DigestKey,
}

struct AuditState {
    /// Proven or served callers, and unproven ones.
    rings: [RecordRing; 2],
    files: Option<AuditFiles>,
    /// The newest record's time.
    newest: Option<Timestamp>,
    digest_failures: u64,
    sampler: Sampler,
    number: u64,
    failures: u64,
    /// Why the last record could not be written.
    fault: Option<String>,
    refused: u64,
    left_out: u64,
}

/// The files, and the digests of them.
struct AuditFiles {
    folder: PathBuf,
    sets: [FileSet; 2],
    digests: DigestLog,
}

impl Audit {
    /// Keeps records in memory, and in files if a place is given.
    ///
    /// # Errors
    /// Where the files cannot be opened.
    pub fn open(place: Option<AuditPlace<'_>>, settings: &AuditSettings) -> io::Result<Self> {
        let folder = place.as_ref().map(|place| place.folder);
        let texts = PolicyTexts::open(folder)?;
        let files = place.map(|place| AuditFiles::open(place, settings)).transpose()?;
        let rings = [
            RecordRing::new(limits::AUDIT_RING_BYTES_MAX),
            RecordRing::new(limits::AUDIT_UNPROVEN_RING_BYTES_MAX),
        ];
        let state = AuditState {
            rings,
            files,
            newest: None,
            digest_failures: 0,
            sampler: Sampler::default(),
            number: 0,
            failures: 0,
            fault: None,
            refused: 0,
            left_out: 0,
        };
        Ok(Self {
            state: Mutex::new(state),
            on_failure: settings.on_failure,
            sinks: AuditSinks::default(),
            texts,
            page_tokens: PageTokens::default(),
            indexing: Mutex::new(()),
        })
    }

    /// The record of a request, if it is still in memory or in the files. It may read files: not for a thread that
    /// others wait for.
    #[must_use]
    pub fn find(&self, request_id: &str) -> Option<AuditRecord> {
        let id = index::parse(request_id)?;
        let (line, places): (_, Vec<RecordLocation>) = {
            let state = self.lock();
            let line = state.rings.iter().find_map(|ring| ring.find(id));
            let sets = state.files.iter().flat_map(|files| &files.sets);
            let sets = sets.filter(|_| line.is_none());
            let places = sets.map(|set| set.whereabouts(id)).collect();
            (line, places)
        };
        if let Some(line) = line {
            return serde_json::from_slice(&line).ok();
        }
        let mut sets = (0_usize..).zip(places);
        sets.find_map(|(set, place)| self.look(set, id, place))
    }

    fn look(&self, set: usize, id: u128, place: RecordLocation) -> Option<AuditRecord> {
        if let Some(file) = &place.current {
            let mut offset = place.offset;
            if offset.is_none() && place.unread > 0 {
                let places = index::scan(file, 0, place.unread).ok()?;
                offset = index::newest(&places, id);
                let mut state = self.lock();
                let files = state.files.as_mut();
                if let Some(files) = files.and_then(|files| files.sets.get_mut(set)) {
                    files.adopt(place.turns, places);
                }
            }
            if let Some(offset) = offset {
                return index::read(file, offset).ok().flatten();
            }
        }
        let _alone = self.indexing.lock().unwrap_or_else(PoisonError::into_inner);
        // A file that was removed in the meantime is no reason not to look into the others.
        place.rotated.iter().find_map(|path| index::find_in(path, id).ok().flatten())
    }

    /// The text of a policy that a denial was judged on, where it is still kept. It may read a file.
    #[must_use]
    pub fn policy_text(&self, digest: &str) -> Option<String> {
        self.texts.text(digest)
    }

    /// The records in memory, the newest first.
    #[must_use]
    pub fn recent(&self) -> Vec<Arc<AuditRecord>> {
        self.newest_first().map(Arc::new).collect()
    }

    /// The same, each read when it is asked for: nobody who writes a record waits for that.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = AuditRecord> {
        self.numbered_lines().into_iter().filter_map(|(_, line)| serde_json::from_slice(&line).ok())
    }

    /// The lines in memory with their numbers, the newest first.
    pub(super) fn numbered_lines(&self) -> Vec<(u64, Arc<[u8]>)> {
        let mut lines: Vec<(u64, Arc<[u8]>)> =
            self.lock().rings.iter().flat_map(RecordRing::lines).collect();
        lines.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
        lines
    }

    /// What pages of a search end with.
    pub(super) fn page_tokens(&self) -> &PageTokens {
        &self.page_tokens
    }

    /// Records that could not be written to the file since the start.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.lock().failures
    }

    /// What `/metrics` says beside the failures.
    #[must_use]
    pub fn metrics(&self) -> String {
        let state = self.lock();
        let rows = [
            (
                "failing",
                "gauge",
                "Whether the last audit record could not be written.",
                u64::from(state.fault.is_some()),
            ),
            (
                "refused_total",
                "counter",
                "Requests refused because they could not be recorded.",
                state.refused,
            ),
            (
                "left_out_total",
                "counter",
                "Refused requests of unauthenticated callers that were counted but not written.",
                state.left_out,
            ),
            (
                "digest_failures_total",
                "counter",
                "Signed digests of the audit that could not be written.",
                state.digest_failures,
            ),
        ];
        let row = |(name, kind, help, value): (&str, &str, &str, u64)| {
            let name = format!("countersign_audit_{name}");
            format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n")
        };
        rows.into_iter().map(row).collect::<String>() + &self.sinks.metrics()
    }

    /// The same, which gives its records to these sinks as well.
    #[must_use]
    pub(crate) fn with_sinks(mut self, settings: &AuditSettings) -> Self {
        self.sinks = AuditSinks::new(settings);
        self
    }

    /// The folder of the files, if there are any.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        self.lock().files.as_ref().map(|files| files.folder.clone())
    }

    /// Where records go beside the files.
    pub(crate) fn sinks(&self) -> &AuditSinks {
        &self.sinks
    }

    /// What `/readyz` says of records that cannot be written: which setting it is about, and why.
    pub(crate) fn missing(&self) -> Vec<(String, String)> {
        let fault = self.lock().fault.clone();
        let told = fault.map(|why| {
            let refused = match self.on_failure {
                OnAuditFailure::Refuse => "changes are refused",
                OnAuditFailure::Continue => "requests are served without records",
            };
            ("audit".to_owned(), format!("records cannot be written, {refused}: {why}"))
        });
        told.into_iter().chain(self.sinks.missing()).collect()
    }

    /// Whether records are written before their requests are carried out.
    pub(super) fn is_written_ahead(&self) -> bool {
        self.on_failure == OnAuditFailure::Refuse
    }

    /// Writes a record before its request is carried out.
    pub(super) fn write_ahead(&self, record: &AuditRecord) -> Result<(), Unrecorded> {
        let mut state = self.lock();
        let id = index::parse(&record.request_id).unwrap_or_default();
        let written = state.append(0, id, record.time, &line::of(record));
        if written.is_err() {
            state.refused += 1;
        }
        written
    }

    /// Writes a record; `domain` is the one that was asked, if it was one.
    pub(super) fn write(&self, mut record: AuditRecord, domain: Option<&DomainKey>) {
        self.texts.settle(&mut record);
        // Printed before anybody has to wait for it.
        let proven = (!record.is_unproven()).then(|| line::of(&record));
        let of_owner = domain.filter(|domain| {
            proven.is_some()
                && record.principal.account.as_ref().is_some_and(|it| *it != domain.account)
                && self.sinks.has_index(domain)
        });
        let of_owner = of_owner.map(|it| line::of(&owners_side(record.clone(), &it.account)));
        let mut state = self.lock();
        for count in state.sampler.over(record.time) {
            self.keep_count(&mut state, &count);
        }
        if let Some(line) = proven {
            state.keep(0, &record, &line, true);
            let of_owner = of_owner.as_deref().unwrap_or(&line);
            self.sinks.offer(&line, record.time, domain.map(|domain| (domain, of_owner)));
            return;
        }
        let is_written = state.sampler.take(&record);
        state.left_out += u64::from(!is_written);
        // No policy and no context is told of who proved nothing: the owner of the domain may see all of it.
        let record = terse(record);
        let line = line::of(&record);
        state.keep(1, &record, &line, is_written);
        if is_written {
            self.sinks.offer(&line, record.time, domain.map(|domain| (domain, &*line)));
        }
    }

    /// Writes down how many records are not.
    fn keep_count(&self, state: &mut AuditState, count: &AuditRecord) {
        let line = line::of(count);
        state.keep(1, count, &line, true);
        self.sinks.offer(&line, count.time, None);
    }

    /// Writes a signed digest of the files as they are, which are brought to the disk itself before. It blocks.
    pub fn digest(&self, now: Timestamp) {
        let (files, sets) = {
            let mut state = self.lock();
            let Some(files) = &mut state.files else { return };
            let unsynced: Vec<_> = files.sets.iter_mut().flat_map(FileSet::unsynced).collect();
            (unsynced, files.sets.each_ref().map(FileSet::digest))
        };
        // The disk is not waited for while others wait to write their records; a digest is written after what it signs.
        let synced = files.iter().try_for_each(File::sync_data);
        let written = synced.and_then(|()| self.append_digest(now, sets));
        let written = written.and_then(|file| file.map_or(Ok(()), |file| file.sync_data()));
        if let Err(error) = written {
            self.lock().digest_failures += 1;
            tracing::error!(%error, "audit digest not written");
        }
    }

    /// Writes a digest of what was on the disk when `sets` was asked for, into the file that is returned.
    fn append_digest(&self, now: Timestamp, sets: [SetDigest; 2]) -> io::Result<Option<File>> {
        let mut state = self.lock();
        let Some(files) = &mut state.files else { return Ok(None) };
        // Files may have been removed in the meantime.
        let [audit, unproven] = sets;
        let [kept, kept_unproven] = files.sets.each_ref().map(|set| set.digest().first);
        let sets =
            [SetDigest { first: kept, ..audit }, SetDigest { first: kept_unproven, ..unproven }];
        files.digests.append(now, sets).map(Some)
    }

    /// Writes down what was counted and not written, however little time has passed, and a digest: the service ends.
    pub fn settle(&self) {
        let mut state = self.lock();
        for count in state.sampler.over(None) {
            self.keep_count(&mut state, &count);
        }
        let is_new =
            |files: &AuditFiles| files.sets.each_ref().map(FileSet::digest) != files.digests.sets();
        let (news, newest) = (state.files.as_ref().is_some_and(is_new), state.newest);
        drop(state);
        if news && let Some(newest) = newest {
            self.digest(newest);
        }
    }

    fn lock(&self) -> MutexGuard<'_, AuditState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Audit {
    fn drop(&mut self) {
        self.settle();
        self.sinks.end();
    }
}

impl AuditState {
    fn keep(&mut self, set: usize, record: &AuditRecord, line: &[u8], to_files: bool) {
        let id = index::parse(&record.request_id).unwrap_or_default();
        if to_files {
            // Lost, and counted: under `refuse` nothing was done for it.
            let _ = self.append(set, id, record.time, line);
        }
        self.number += 1;
        let number = self.number;
        if let Some(ring) = self.rings.get_mut(set) {
            ring.push(id, number, line.trim_ascii_end());
        }
    }

    fn append(
        &mut self,
        set: usize,
        id: u128,
        time: Option<Timestamp>,
        line: &[u8],
    ) -> Result<(), Unrecorded> {
        self.newest = self.newest.max(time);
        let Some(files) = self.files.as_mut() else { return Ok(()) };
        let written = files.append(set, id, time, line);
        self.fault = written.as_ref().err().map(io::Error::to_string);
        written.map_err(|error| {
            if self.failures == 0 || self.failures.is_power_of_two() {
                tracing::error!(%error, lost = self.failures + 1, "audit record not written");
            }
            self.failures += 1;
            Unrecorded
        })
    }
}

impl AuditFiles {
    fn open(place: AuditPlace<'_>, settings: &AuditSettings) -> io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let AuditPlace { folder, key } = place;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let digests = DigestLog::open(folder, key)?;
        let set = |name, bytes: u64, signed| {
            let file_bytes = (bytes / 16).min(limits::AUDIT_FILE_BYTES_MAX);
            let keep = Retention {
                bytes,
                days: settings.keep_days,
                files: settings.keep_files.try_into().unwrap_or(usize::MAX),
                file_bytes,
            };
            FileSet::open(folder, name, keep, signed)
        };
        let ([proven, unproven], [signed, unproven_signed]) = (NAMES, digests.sets());
        let sets = [
            set(proven, settings.keep_bytes, signed)?,
            set(unproven, limits::AUDIT_UNPROVEN_BYTES_MAX, unproven_signed)?,
        ];
        Ok(Self { folder: folder.to_owned(), sets, digests })
    }

    fn append(
        &mut self,
        set: usize,
        id: u128,
        time: Option<Timestamp>,
        line: &[u8],
    ) -> io::Result<()> {
        let at = time.unwrap_or_default();
        if self.digests.is_empty() {
            // The first digest is of no record: a verifier sees that none before it is missing.
            let begun = self.digests.write(at, self.sets.each_ref().map(FileSet::digest));
            begun
                .inspect_err(|_| self.sets.iter_mut().skip(set).take(1).for_each(FileSet::lose))?;
        }
        let Self { sets, digests, .. } = self;
        let Some(files) = sets.get_mut(set) else { return Ok(()) };
        // What is signed of records is what was on the disk itself; only what is kept is new.
        let mut announce = |first| {
            let mut signed = digests.sets();
            if let Some(signed) = signed.get_mut(set) {
                signed.first = first;
            }
            digests.write(at, signed).is_ok()
        };
        files.write(id, line, time, &mut announce)
    }
}

/// A record of somebody who proved nothing: its texts, which are all that such a caller has a say in, are cut shorter.
fn terse(mut record: AuditRecord) -> AuditRecord {
    let short =
        |text: &mut String| *text = super::redact::cut(text, limits::AUDIT_UNPROVEN_TEXT_BYTES_MAX);
    short(&mut record.method);
    short(&mut record.path);
    short(&mut record.query);
    let texts = [&mut record.user_agent, &mut record.opaque_id, &mut record.refusal];
    texts.into_iter().flatten().for_each(short);
    record.resources.iter_mut().for_each(short);
    record.context.values_mut().flatten().for_each(short);
    for decision in &mut record.decisions {
        short(&mut decision.resource);
        decision.context.values_mut().flatten().for_each(short);
        decision.near_misses.iter_mut().for_each(|miss| short(&mut miss.failed));
    }
    record
}

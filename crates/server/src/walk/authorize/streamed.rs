//! A long body that goes to a cluster from the file in which it waited: what it touches is judged as it is read, a piece at a time,
//! and it is never loaded (decision 0173).

use std::io::Write;
use std::sync::Arc;

use ::control::DomainMode;
use bytes::Bytes;
use client::spool::RequestBody;
use engine::cluster::Metadata;
use engine::exception::Exception;
use engine::rest::{BodyKind, BulkPieces, Parsed, Route, parse_unread};
use engine::{Grants, Work};
use tokio::time::Instant;

use crate::guards::limits;
use crate::service::upstream::{BulkWork, JudgedPiece, Upstream, UpstreamWork};
use crate::targets::{self, Ask, IndexCatalog};
use crate::transport::spool::FiledUpload;
use crate::walk::authorize::domain::{DomainCase, DomainPermit, KnownAnswers, granted, planned};
use crate::walk::authorize::notes::JudgementNotes;
use crate::walk::authorize::permit::Permit;
use crate::walk::refusal::Refusal;

/// A request with such a body, to be judged.
pub(super) struct JudgedUpload {
    pub(super) upload: Box<FiledUpload>,
    pub(super) route: Route,
    pub(super) metadata: Arc<Metadata>,
    pub(super) cluster: Arc<Upstream>,
}

impl JudgedUpload {
    /// What the cluster is to do, permitted. Blocks.
    pub(super) fn permitted(
        self,
        scene: &DomainCase<'_>,
        work: &Work,
        notes: &mut JudgementNotes,
    ) -> Result<DomainPermit, Refusal> {
        let planned = match reads_items(&self.route, scene, &self.cluster) {
            true => self.in_pieces(scene, work, notes),
            false => {
                if self.route.api.row().body == BodyKind::Bulk {
                    self.check_items(scene, work)?;
                }
                self.unread(scene, work, notes)
            }
        };
        Ok(DomainPermit::Upstream(Permit::grant(planned?)))
    }

    /// Refuses a `_bulk` with an item that no mode lets through. What is read is thrown away: it goes on as it is.
    fn check_items(&self, scene: &DomainCase<'_>, work: &Work) -> Result<(), Refusal> {
        let failed = |exception: Exception| refused(scene, &exception);
        let content_type = scene.call.header("content-type");
        let reader = self.upload.look()?;
        let pieces = BulkPieces::of(self.route.clone(), content_type, reader);
        let mut pieces = pieces.map_err(failed)?;
        let now = scene.call.received;
        let catalog = IndexCatalog { metadata: &self.metadata, now, being_snapshotted: &[] };
        loop {
            let read = pieces.next_piece(limits::BULK_PIECE_BYTES, work);
            let reader = pieces.source().get_mut();
            if let (Err(_), Some(refusal)) = (&read, reader.refusal()) {
                return Err(refusal.into());
            }
            let Some(parsed) = read.map_err(failed)? else { return Ok(()) };
            let asks = targets::asks(&parsed, &catalog, work).map_err(failed)?;
            if asks.iter().any(Ask::is_about_security) {
                return Err(failed(targets::security_refusal()));
            }
            reader.release()?;
        }
    }

    /// A document, or what its URL alone allows: it goes on as it is.
    fn unread(
        self,
        scene: &DomainCase<'_>,
        work: &Work,
        notes: &mut JudgementNotes,
    ) -> Result<UpstreamWork, Refusal> {
        let Self { upload, route, metadata, cluster } = self;
        let parsed = parse_unread(route, scene.call.header("content-type"));
        let parsed = parsed.map_err(|exception| refused(scene, &exception))?;
        let planned = planned(scene, &cluster, &parsed, &Bytes::new(), metadata, work, notes)?;
        if planned.is_restricted() {
            // What may be written hangs on the document, and nobody reads this one.
            let what = "a right on some documents or fields alone, to write a long document";
            return Err(refused(scene, &Exception::not_implemented(what)));
        }
        Ok(planned.with_body(upload.into_whole()?))
    }

    /// A `_bulk`: piece by piece its items are judged, and what is sent for them is written to another file. Nothing is sent before
    /// the last item was read.
    fn in_pieces(
        self,
        scene: &DomainCase<'_>,
        work: &Work,
        notes: &mut JudgementNotes,
    ) -> Result<UpstreamWork, Refusal> {
        let Self { upload, route, metadata, cluster } = self;
        let failed = |exception: Exception| refused(scene, &exception);
        let mut body = upload.rewritten()?;
        let content_type = scene.call.header("content-type");
        let mut pieces = BulkPieces::of(route, content_type, upload.reader()?).map_err(failed)?;
        let mut judged = BulkJudgement::new(scene, cluster, metadata);
        loop {
            let read = pieces.next_piece(limits::BULK_PIECE_BYTES, work);
            let reader = pieces.source().get_mut();
            if let (Err(_), Some(refusal)) = (&read, reader.refusal()) {
                return Err(refusal.into());
            }
            let Some(parsed) = read.map_err(failed)? else { break };
            let lines = judged.lines(parsed, work, notes)?;
            if let Err(error) = body.write_all(&lines) {
                return Err(body.refusal(reader, error).into());
            }
            reader.release()?;
        }
        judged.whole(body.finish())
    }
}

/// Whether it is a `_bulk` whose items are judged: where other domains have indices, each item is read in either mode.
pub(super) fn reads_items(route: &Route, scene: &DomainCase<'_>, cluster: &Upstream) -> bool {
    let strict = scene.target.domain.extras.mode == DomainMode::Strict || cluster.is_shared();
    strict && route.api.row().body == BodyKind::Bulk
}

/// A `_bulk` in memory for a cluster: its items are judged a piece at a time, too, so that what was read of one is made room of for the
/// next. Nothing is sent before the last item was read.
pub(super) fn bulk_in_memory(
    scene: &DomainCase<'_>,
    cluster: &Arc<Upstream>,
    route: Route,
    body: &Bytes,
    metadata: Arc<Metadata>,
    work: &Work,
    notes: &mut JudgementNotes,
) -> Result<UpstreamWork, Refusal> {
    let failed = |exception: Exception| refused(scene, &exception);
    let content_type = scene.call.header("content-type");
    let mut pieces = BulkPieces::of(route, content_type, &body[..]).map_err(failed)?;
    let mut judged = BulkJudgement::new(scene, Arc::clone(cluster), metadata);
    let (mut sent, mut held) = (Vec::new(), work.holds("a rewritten [_bulk]"));
    while let Some(parsed) = pieces.next_piece(limits::BULK_PIECE_BYTES, work).map_err(failed)? {
        let lines = judged.lines(parsed, work, notes)?;
        held.grow(lines.len().try_into().unwrap_or(u64::MAX)).map_err(failed)?;
        sent.extend_from_slice(&lines);
    }
    judged.whole(RequestBody::Memory(sent.into()))
}

/// A `_bulk` that is judged and rewritten a piece at a time.
struct BulkJudgement<'s> {
    scene: &'s DomainCase<'s>,
    cluster: Arc<Upstream>,
    metadata: Arc<Metadata>,
    begun: Instant,
    known: KnownAnswers,
    bulk: BulkWork,
    last: Option<(Parsed, Grants)>,
}

impl<'s> BulkJudgement<'s> {
    fn new(scene: &'s DomainCase<'s>, cluster: Arc<Upstream>, metadata: Arc<Metadata>) -> Self {
        let (known, bulk) = (KnownAnswers::new(), BulkWork::new());
        Self { scene, cluster, metadata, begun: Instant::now(), known, bulk, last: None }
    }

    /// What is sent for the next piece.
    fn lines(
        &mut self,
        parsed: Parsed,
        work: &Work,
        notes: &mut JudgementNotes,
    ) -> Result<Bytes, Refusal> {
        let (scene, now) = (self.scene, self.scene.call.received);
        let failed = |exception: Exception| refused(scene, &exception);
        let known = &mut self.known;
        let mut judge =
            |metadata: &Metadata| granted(scene, &parsed, metadata, None, work, notes, Some(known));
        let mut grants = judge(&self.metadata)?;
        if !grants.names.is_empty() {
            // An index of that name may have been made since the metadata was read.
            self.metadata = self.cluster.metadata_of(self.begun, now).map_err(failed)?;
            grants = judge(&self.metadata)?;
        }
        let metadata = &self.metadata;
        let piece = JudgedPiece { parsed: &parsed, grants: &grants, metadata, now };
        let lines = self.bulk.piece(&self.cluster, piece).map_err(failed)?;
        self.last = Some((parsed, grants));
        Ok(lines)
    }

    /// The work of all pieces, which came to `body`.
    fn whole(self, body: RequestBody) -> Result<UpstreamWork, Refusal> {
        let (scene, now) = (self.scene, self.scene.call.received);
        let failed = |exception: Exception| refused(scene, &exception);
        let Some((parsed, grants)) = self.last else {
            return Err(failed(Exception::validation(&["no requests added"])));
        };
        let metadata = &self.metadata;
        let piece = JudgedPiece { parsed: &parsed, grants: &grants, metadata, now };
        self.bulk.whole(&self.cluster, piece, body).map_err(failed)
    }
}

fn refused(scene: &DomainCase<'_>, exception: &Exception) -> Refusal {
    Refusal::of_engine(exception, scene.target.backend.flavor())
}

//! A long body that goes to a cluster from the file in which it waited: what it touches is judged as it is read, a piece at a time,
//! and it is never loaded (decision 0173).

use std::io::Write;
use std::sync::Arc;

use ::control::DomainMode;
use bytes::Bytes;
use engine::Work;
use engine::cluster::Metadata;
use engine::exception::Exception;
use engine::rest::{BodyKind, BulkPieces, Route, parse_unread};
use tokio::time::Instant;

use crate::guards::limits;
use crate::service::upstream::{BulkWork, JudgedPiece, Upstream, UpstreamWork};
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
        // Where other domains have indices, each item is read in either mode.
        let strict =
            scene.target.domain.extras.mode == DomainMode::Strict || self.cluster.is_shared();
        let planned = match self.route.api.row().body {
            BodyKind::Bulk if strict => self.in_pieces(scene, work, notes),
            _ => self.unread(scene, work, notes),
        };
        Ok(DomainPermit::Upstream(Permit::grant(planned?)))
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
        let Self { upload, route, mut metadata, cluster } = self;
        let failed = |exception: Exception| refused(scene, &exception);
        let (moment, now) = (Instant::now(), scene.call.received);
        let mut body = upload.rewritten()?;
        let content_type = scene.call.header("content-type");
        let mut pieces = BulkPieces::of(route, content_type, upload.reader()?).map_err(failed)?;
        let (mut known, mut bulk, mut last) = (KnownAnswers::new(), BulkWork::new(), None);
        loop {
            let read = pieces.next_piece(limits::BULK_PIECE_BYTES, work);
            let reader = pieces.source().get_mut();
            if let (Err(_), Some(refusal)) = (&read, reader.refusal()) {
                return Err(refusal.into());
            }
            let Some(parsed) = read.map_err(failed)? else { break };
            let mut judge = |metadata: &Metadata| {
                granted(scene, &parsed, metadata, None, work, notes, Some(&mut known))
            };
            let mut grants = judge(&metadata)?;
            if !grants.names.is_empty() {
                // An index of that name may have been made since the metadata was read.
                metadata = cluster.metadata_of(moment, now).map_err(failed)?;
                grants = judge(&metadata)?;
            }
            let piece = JudgedPiece { parsed: &parsed, grants: &grants, metadata: &metadata, now };
            let lines = bulk.piece(&cluster, piece).map_err(failed)?;
            if let Err(error) = body.write_all(&lines) {
                return Err(body.refusal(reader, error).into());
            }
            reader.release()?;
            last = Some((parsed, grants));
        }
        let Some((parsed, grants)) = last else {
            return Err(failed(Exception::validation(&["no requests added"])));
        };
        let piece = JudgedPiece { parsed: &parsed, grants: &grants, metadata: &metadata, now };
        bulk.whole(&cluster, piece, body.finish()).map_err(failed)
    }
}

fn refused(scene: &DomainCase<'_>, exception: &Exception) -> Refusal {
    Refusal::of_engine(exception, scene.target.backend.flavor())
}

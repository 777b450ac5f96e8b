//! Merging: a pure function over segments. Writes go on meanwhile; deletions that arrive are carried over by rank.

use tantivy::Index as Tantivy;
use tantivy::indexer::merge_filtered_segments;

use super::core::segment_settings;
use super::fault::Fault;
use super::files::Files;
use super::graphs::GraphPlan;
use super::segment::Segment;
use super::{Index, hold, long_sources, norms};
use crate::exception::Exception;
use crate::work::Cancel;

/// Segments of one size class that are merged into one.
const MERGE_FACTOR: usize = 8;
/// Segments below this many bytes are all of one class.
const SMALL_BYTES: u64 = 1024 * 1024;
/// No merge makes a segment of more bytes than this by itself: it is made in memory.
const MERGED_BYTES_MAX: u64 = 512 * 1024 * 1024;

impl Index {
    /// Merges every segment into at most `segments` (at least one), and flushes.
    ///
    /// # Errors
    /// What tantivy or the disk says, `task_cancelled_exception`; the segments stay as they were.
    pub fn force_merge(&self, segments: usize, cancel: &Cancel) -> Result<(), Exception> {
        let _one_at_a_time = hold(&self.maintenance);
        self.refresh()?;
        let (chosen, view, epoch): (Vec<Segment>, Files, u64) = {
            let writer = hold(&self.state);
            let mut all = writer.core.segments.clone();
            all.sort_by_key(|segment| segment.bytes);
            let surplus = all.len().saturating_sub(segments.max(1));
            let plan = self.graph_plan();
            let is_clean = |segment: &Segment| segment.dead == 0 && !plan.wants(segment);
            let clean = surplus == 0 && all.iter().all(is_clean);
            let count = if surplus == 0 { if clean { 0 } else { all.len() } } else { surplus + 1 };
            (all.into_iter().take(count).collect(), writer.core.files.fork(), writer.epoch)
        };
        if !chosen.is_empty() {
            let merged = self.merge(chosen, &view, epoch, cancel);
            cancel.check()?;
            merged?;
        }
        Ok(self.flush_now()?)
    }

    /// Merges once where there are too many segments of a kind; whether there was something to do.
    pub(super) fn merge_once(&self, cancel: &Cancel) -> Result<bool, Fault> {
        let _one_at_a_time = hold(&self.maintenance);
        let (chosen, view, epoch) = {
            let writer = hold(&self.state);
            (
                choose(&writer.core.segments, &self.graph_plan()),
                writer.core.files.fork(),
                writer.epoch,
            )
        };
        if chosen.is_empty() {
            return Ok(false);
        }
        self.merge_timed(chosen, &view, epoch, cancel)?;
        Ok(true)
    }

    /// As [`Index::merge`], and adds what it took.
    fn merge_timed(
        &self,
        chosen: Vec<Segment>,
        view: &Files,
        epoch: u64,
        cancel: &Cancel,
    ) -> Result<(), Fault> {
        let spent = &self.counters.merge_nanoseconds;
        self.catalog.stop_watch.time(spent, || self.merge(chosen, view, epoch, cancel))
    }

    fn merge(
        &self,
        chosen: Vec<Segment>,
        view: &Files,
        epoch: u64,
        cancel: &Cancel,
    ) -> Result<(), Fault> {
        let (merged, files) = merge_files(view, &chosen, &self.graph_plan(), cancel)?;
        let mut writer = self.writer(None)?;
        if writer.epoch != epoch {
            return Err(Fault::Segments(
                "the index was read from disk during the merge".to_owned(),
            ));
        }
        let core = &mut writer.core;
        core.files.adopt(&files);
        let mut dead = Vec::new();
        let mut rank = 0u32;
        for before in &chosen {
            let now = core.segments.iter().find(|segment| segment.id == before.id);
            for document in (0..before.documents).filter(|doc| before.alive.contains(*doc)) {
                if now.is_none_or(|now| !now.alive.contains(document)) {
                    dead.push(rank);
                }
                rank += 1;
            }
        }
        let gone = |segment: &Segment| chosen.iter().any(|other| other.id == segment.id);
        let place = core.segments.iter().position(gone).unwrap_or(core.segments.len());
        core.segments.retain(|segment| !gone(segment));
        if let Some((id, documents)) = merged {
            let bytes = core.files.size_of(&id.uuid_string());
            let longest = chosen.iter().try_fold(0, |most, one| Some(one.longest?.max(most)));
            let segment = Segment { longest, ..Segment::new(id, documents, &dead, bytes) };
            core.segments.insert(place.min(core.segments.len()), segment);
        }
        chosen.iter().for_each(|segment| core.files.forget(&segment.name()));
        self.counters.merges.one();
        self.publish(&mut writer)
    }
}

/// The segments worth merging: the fullest size class, or one that is mostly dead, or one that lacks its graphs.
fn choose(segments: &[Segment], plan: &GraphPlan) -> Vec<Segment> {
    let class = |segment: &Segment| (segment.bytes.max(SMALL_BYTES) / SMALL_BYTES).ilog(4);
    let mut classes: Vec<Vec<&Segment>> = Vec::new();
    for segment in segments.iter().filter(|segment| segment.bytes <= MERGED_BYTES_MAX / 2) {
        let class = class(segment) as usize;
        if classes.len() <= class {
            classes.resize(class + 1, Vec::new());
        }
        if let Some(class) = classes.get_mut(class) {
            class.push(segment);
        }
    }
    let full = classes.into_iter().find(|class| class.len() >= MERGE_FACTOR);
    if let Some(class) = full {
        let mut bytes = 0;
        let fits = |segment: &&&Segment| {
            bytes += segment.bytes;
            bytes <= MERGED_BYTES_MAX
        };
        return class.iter().take_while(fits).map(|segment| (*segment).clone()).collect();
    }
    let wasteful = |segment: &&Segment| {
        segment.dead * 2 > segment.documents && segment.bytes <= MERGED_BYTES_MAX
    };
    let unlinked = |segment: &&Segment| plan.wants(segment) && segment.bytes <= MERGED_BYTES_MAX;
    let found = segments.iter().find(wasteful).or_else(|| segments.iter().find(unlinked));
    found.cloned().into_iter().collect()
}

type Merged = Option<(tantivy::index::SegmentId, u32)>;

/// Merges `chosen` as they are in `view`; the new segment, if any document is left, and its files.
fn merge_files(
    view: &Files,
    chosen: &[Segment],
    plan: &GraphPlan,
    cancel: &Cancel,
) -> Result<(Merged, Files), Fault> {
    let out = Files::until(cancel);
    let index = Tantivy::open(view.clone())?;
    let mut segments = Vec::new();
    for segment in chosen.iter().filter(|segment| segment.dead < segment.documents) {
        let mut frozen = segment.clone();
        let mut handle = index.segment(index.new_segment_meta(segment.id, segment.documents));
        if segment.dead > 0 {
            // Higher than any stamp in use: the view is ours alone.
            frozen.write_deletes(view, &index, u64::MAX)?;
            handle = handle.with_delete_meta(segment.dead, frozen.deletes);
        }
        norms::complete(view, &index, &handle, &[])?;
        segments.push(handle);
    }
    if segments.is_empty() {
        return Ok((None, out));
    }
    let filters = segments.iter().map(|_| None).collect();
    let merged = merge_filtered_segments(&segments, segment_settings(), filters, out.clone())?;
    let living = chosen
        .iter()
        .filter(|segment| segment.dead < segment.documents)
        .map(|segment| (0..segment.documents).filter(|document| segment.alive.contains(*document)));
    if let Some(merged) = merged.searchable_segments()?.first() {
        long_sources::merge(segments.iter().zip(living), merged)?;
    }
    plan.build(&merged, &out, cancel)?;
    let metas = merged.searchable_segment_metas()?;
    let merged = metas.first().map(|meta| (meta.id(), meta.max_doc()));
    Ok((merged, out))
}

//! The lengths of fields in a segment, written again: where a field has none yet, and where tantivy counts other words than
//! Lucene does.

use std::path::Path;

use tantivy::directory::CompositeFile;
use tantivy::fieldnorm::{FieldNormReader, FieldNormsSerializer};
use tantivy::index::{Segment, SegmentComponent};
use tantivy::schema::Field;
use tantivy::{Directory, DocId, Index as Tantivy};

use super::fault::Fault;
use super::files::Files;

/// How long a field of a document is.
pub(super) struct FieldLength {
    pub(super) field: Field,
    pub(super) doc: DocId,
    pub(super) length: u32,
}

/// Writes the norms of `segment` again with `lengths`, and with zeros, which is what documents without a field have, for text
/// fields that came after the segment: tantivy's merge wants them.
pub(super) fn complete(
    files: &Files,
    index: &Tantivy,
    segment: &Segment,
    lengths: &[FieldLength],
) -> Result<(), Fault> {
    let path = segment.relative_path(SegmentComponent::FieldNorms);
    let failed = |error: std::io::Error| Fault::Io(path.clone(), error);
    let file = segment
        .open_read(SegmentComponent::FieldNorms)
        .map_err(|error| Fault::Segments(error.to_string()))?;
    let present = CompositeFile::open(&file).map_err(failed)?;
    let schema = index.schema();
    let wanted: Vec<Field> = schema
        .fields()
        .filter(|(_, entry)| entry.is_indexed() && entry.has_fieldnorms())
        .map(|(field, _)| field)
        .collect();
    if lengths.is_empty() && wanted.iter().all(|field| present.open_read(*field).is_some()) {
        return Ok(());
    }
    let zeros = vec![0; segment.meta().max_doc() as usize];
    let mut norms = Vec::new();
    for field in &wanted {
        norms.push(match present.open_read(*field) {
            Some(codes) => codes.read_bytes().map_err(failed)?.to_vec(),
            None => zeros.clone(),
        });
    }
    for own in lengths {
        // A schema's fields are in the order of their numbers.
        let codes = wanted.binary_search(&own.field).ok().and_then(|at| norms.get_mut(at));
        if let Some(code) = codes.and_then(|codes| codes.get_mut(own.doc as usize)) {
            *code = FieldNormReader::fieldnorm_to_id(own.length);
        }
    }
    files.remove(Path::new(&path));
    let out =
        index.directory().open_write(&path).map_err(|error| Fault::Segments(error.to_string()))?;
    let mut out = FieldNormsSerializer::from_write(out).map_err(failed)?;
    for (field, norms) in wanted.iter().zip(&norms) {
        out.serialize_field(*field, norms).map_err(failed)?;
    }
    out.close().map_err(failed)
}

//! `_script`: hits ordered by what a script gives for each of them.

use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use tantivy::{DocId, SegmentReader};

use super::codes::{BASE, float_code};
use super::{NestedSort, Sort, SortBy, SortMode};
use crate::dsl::lower::Lowering;
use crate::dsl::options::Options;
use crate::dsl::script::{OnIndex, OnSegment};
use crate::exception::{Exception, internal};
use crate::script::{ScriptRequest, context};
use crate::work::{HeldMemory, Work};

/// A sort by script.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptSort {
    pub(super) script: ScriptRequest,
    /// Whether it gives strings; numbers otherwise.
    pub(super) texts: bool,
    /// Which of the values of nested objects counts.
    pub(super) mode: Option<SortMode>,
    /// The nested objects that it is asked of.
    pub(super) nested: Option<Box<NestedSort>>,
}

/// Reads the value of `_script`.
pub(super) fn parse(value: &Value) -> Result<Sort, Exception> {
    let options = Options::declared("_script", value)?;
    let Some(script) = options.get("script") else {
        return Err(Exception::illegal_argument("Required [script]"));
    };
    let script = ScriptRequest::parse(script)?;
    let texts = match options.text("type")?.as_deref() {
        Some("string") => true,
        Some("number") => false,
        Some(other) => {
            let cause = Exception::illegal_argument(format!("Unknown ScriptSortType [{other}]"));
            return Err(options.failed("type", cause));
        }
        None => return Err(Exception::illegal_argument("Required [type]")),
    };
    let descending = super::parse::descending(options.text("order")?.as_deref(), false)?;
    // Of one value the smallest, the largest, the sum are the same.
    let mode = options.text("mode")?.map(|name| super::parse::mode(&name)).transpose()?;
    let nested = super::parse::nested(&options)?.map(Box::new);
    options.finish()?;
    Ok(Sort { by: SortBy::Script(ScriptSort { script, texts, mode, nested }), descending })
}

impl ScriptSort {
    /// Compiles it on an index.
    ///
    /// # Errors
    /// `script_exception` "compile error".
    pub(super) fn lowered(&self, lowering: &Lowering<'_>) -> Result<OnIndex, Exception> {
        let context = if self.texts { &context::STRING_SORT } else { &context::NUMBER_SORT };
        OnIndex::new(&self.script, context, lowering)
    }
}

/// The keys of a segment's documents.
pub(in crate::search) struct ScriptKeys {
    segment: Mutex<OnSegment>,
    work: Work,
    /// Every string of the segment in order, and each document's place among them.
    texts: Option<SortedTexts>,
}

struct SortedTexts {
    sorted: Vec<String>,
    places: Vec<Result<u32, Exception>>,
    _held: HeldMemory,
}

impl ScriptKeys {
    /// On one segment. Strings are asked of every document at once: their order is known only when all are.
    ///
    /// # Errors
    /// `task_cancelled_exception`, `circuit_breaking_exception`.
    pub(super) fn open(
        on: &OnIndex,
        texts: bool,
        reader: &SegmentReader,
    ) -> Result<ScriptKeys, Exception> {
        let work = on.work().clone();
        let mut segment = on.on_segment(reader).map_err(internal)?;
        let texts =
            if texts { Some(SortedTexts::read(&mut segment, reader, &work)?) } else { None };
        Ok(ScriptKeys { segment: Mutex::new(segment), work, texts })
    }

    /// The code of a document; what its script fails by is kept for whoever runs the search.
    pub(super) fn code(&self, doc: DocId, score: f32) -> Option<u128> {
        let code = match &self.texts {
            Some(texts) => match texts.places.get(doc as usize) {
                Some(Ok(place)) => Ok(BASE + u128::from(*place) * 2),
                Some(Err(fault)) => Err(fault.clone()),
                None => return None,
            },
            None => {
                let mut segment = self.segment.lock().unwrap_or_else(PoisonError::into_inner);
                let number = segment.run(doc, score, |outcome| Ok(outcome.number()));
                number.map(|number| float_code(number.flatten().unwrap_or(0.0)))
            }
        };
        code.map_err(|fault| self.work.faults.keep(fault)).ok()
    }

    /// The string of a code.
    pub(super) fn text(&self, offset: u128) -> Option<String> {
        let texts = self.texts.as_ref()?;
        usize::try_from(offset / 2).ok().and_then(|at| texts.sorted.get(at)).cloned()
    }

    /// The code of a string: odd where no document has it.
    pub(super) fn text_code(&self, text: &str) -> u128 {
        let sorted = self.texts.as_ref().map_or(&[][..], |texts| &texts.sorted);
        match sorted.binary_search_by(|known| known.as_str().cmp(text)) {
            Ok(at) => BASE + at as u128 * 2,
            Err(at) => (BASE + at as u128 * 2).saturating_sub(1),
        }
    }
}

impl SortedTexts {
    fn read(
        segment: &mut OnSegment,
        reader: &SegmentReader,
        work: &Work,
    ) -> Result<SortedTexts, Exception> {
        let mut held = work.holds("<sort>");
        let mut given: Vec<Result<String, Exception>> = Vec::new();
        for doc in 0..reader.max_doc() {
            work.check()?;
            let text =
                segment.run(doc, 0.0, |outcome| outcome.text()).map(Option::unwrap_or_default);
            held.grow(64 + text.as_ref().map_or(0, String::len) as u64 * 2)?;
            given.push(text);
        }
        let all = given.iter().filter_map(|text| text.as_ref().ok().cloned()).collect();
        let mut sorted: Vec<String> = work.sorted_by(all, String::cmp)?;
        sorted.dedup();
        let place = |text: String| {
            let at = sorted.binary_search(&text).unwrap_or(0);
            u32::try_from(at).unwrap_or(u32::MAX)
        };
        let places = given.into_iter().map(|text| text.map(place)).collect();
        Ok(SortedTexts { sorted, places, _held: held })
    }
}

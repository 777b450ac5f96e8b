//! Files that parts of an analyzer name (`synonyms_path`, `stopwords_path` …).
//!
//! Their lines take the place of the name in what is kept of an index when the index is made: what becomes of a file
//! afterwards changes no index, and an index needs none to be opened. Its settings still show the name.
//! Source: Elasticsearch 7.10, `Analysis.getWordList`, `Analysis.getReaderFromFile`.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};

use crate::exception::Exception;

/// What parts may be given by a file, by the setting that names it.
const PATHS: &[&str] = &[
    "articles_path",
    "common_words_path",
    "keep_words_path",
    "keywords_path",
    "mappings_path",
    "protected_words_path",
    "rules_path",
    "stem_exclusion_path",
    "stoptags_path",
    "stopwords_path",
    "synonyms_path",
    "type_table_path",
    "user_dictionary",
    "word_list_path",
];

/// Who has the files: their text by the path that a setting has.
pub(crate) type FileReader = dyn Fn(&str) -> Option<Arc<str>> + Send + Sync;

/// The files that analyzers may name, once somebody has some.
#[derive(Default)]
pub(crate) struct AnalysisFiles(OnceLock<Arc<FileReader>>);

impl AnalysisFiles {
    /// From now on `reader` has the files; the first one stays.
    pub(crate) fn set(&self, reader: Arc<FileReader>) {
        let _ = self.0.set(reader);
    }

    /// Puts the lines of files in the place of their names in `analysis`.
    ///
    /// # Errors
    /// `illegal_argument_exception` for a file that is not there.
    pub(crate) fn read_into(&self, analysis: &mut Value) -> Result<(), Exception> {
        let Some(reader) = self.0.get() else { return Ok(()) };
        let kinds = analysis.as_object_mut().into_iter().flat_map(|kinds| kinds.values_mut());
        let parts = kinds.filter_map(Value::as_object_mut).flat_map(|parts| parts.values_mut());
        parts.filter_map(Value::as_object_mut).try_for_each(|part| read_part(reader, part))
    }

    /// The body of `_analyze` with the lines of files in the place of the names in its parts.
    ///
    /// # Errors
    /// As [`AnalysisFiles::read_into`].
    pub(crate) fn read_into_request<'v>(
        &self,
        body: &'v Value,
    ) -> Result<Cow<'v, Value>, Exception> {
        let names_file = |part: &Value| PATHS.iter().any(|name| part.get(*name).is_some());
        let named = REQUEST_PARTS.iter().filter_map(|key| body.get(*key));
        let mut parts = named
            .flat_map(|part| part.as_array().map_or(std::slice::from_ref(part), Vec::as_slice));
        let Some(reader) = self.0.get().filter(|_| parts.any(names_file)) else {
            return Ok(Cow::Borrowed(body));
        };
        let mut body = body.clone();
        for key in REQUEST_PARTS {
            let Some(parts) = body.get_mut(*key) else { continue };
            let parts = match parts {
                Value::Array(parts) => parts.as_mut_slice(),
                part => std::slice::from_mut(part),
            };
            parts
                .iter_mut()
                .filter_map(Value::as_object_mut)
                .try_for_each(|part| read_part(reader, part))?;
        }
        Ok(Cow::Owned(body))
    }
}

/// What the body of `_analyze` may define.
const REQUEST_PARTS: &[&str] = &["tokenizer", "filter", "char_filter"];

/// Puts the lines of files in the place of their names in one part.
fn read_part(reader: &Arc<FileReader>, part: &mut Map<String, Value>) -> Result<(), Exception> {
    for name in PATHS {
        let Some(path) = part.get(*name).and_then(Value::as_str) else { continue };
        let text = reader(path).ok_or_else(|| {
            Exception::illegal_argument(format!("IOException while reading {name}: {path}"))
        })?;
        let lines = lines(&text, *name == "synonyms_path");
        part.remove(*name);
        // As on the real servers, the file counts where there is a list, too.
        let list = match *name {
            "user_dictionary" => "user_dictionary_rules",
            name => name.trim_end_matches("_path"),
        };
        part.insert(list.to_owned(), Value::from(lines));
    }
    Ok(())
}

/// The lines of a list of words. Rules of synonyms are numbered in refusals: none is left out of them here.
fn lines(text: &str, all: bool) -> Vec<&str> {
    let lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines().map(str::trim);
    lines.filter(|line| all || !line.is_empty() && !line.starts_with('#')).collect()
}

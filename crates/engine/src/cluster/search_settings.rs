//! What the settings of an index say to a search on it. Source: Elasticsearch 7.10, "Index modules" (dynamic settings).

use super::settings::IndexSettings;
use crate::exception::Exception;
use crate::limits::RESULT_WINDOW_MAX;
use crate::routing::Partition;
use crate::slow_log::SlowLogSettings;
use crate::vectors::CANDIDATES;

/// The settings that a search looks at, read once for each snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchSettings {
    /// `index.max_result_window`: largest `from + size`.
    pub max_result_window: u64,
    /// `index.max_inner_result_window`: largest `from + size` of `top_hits`.
    pub max_inner_result_window: u64,
    /// `index.max_rescore_window`: largest `window_size` of `rescore`.
    pub max_rescore_window: u64,
    /// `index.max_docvalue_fields_search`: most fields of `docvalue_fields`, and of `fields`.
    pub max_docvalue_fields: u64,
    /// `index.max_script_fields`: most fields of `script_fields`.
    pub max_script_fields: u64,
    /// `index.max_terms_count`: most values of a `terms` query.
    pub max_terms_count: u64,
    /// `index.max_regex_length`: longest expression of a `regexp` query, in characters.
    pub max_regex_length: u64,
    /// `index.highlight.max_analyzed_offset`: longest text that is highlighted, in bytes.
    pub max_analyzed_offset: u64,
    /// `index.max_slices_per_scroll` and `index.max_slices_per_pit`.
    pub max_slices: (u64, u64),
    /// `index.knn.algo_param.ef_search`: how many vectors a walk through a graph keeps in sight.
    pub knn_candidates: usize,
    /// Among which shards the documents fall.
    pub partition: Partition,
    /// `index.search.slowlog.…` and `index.indexing.slowlog.…`.
    pub slow_log: SlowLogSettings,
    /// `index.query.default_field`: the fields, with boosts, of queries that name none. Empty stands for `*`.
    pub default_fields: Vec<(String, f32)>,
}

impl Default for SearchSettings {
    fn default() -> SearchSettings {
        SearchSettings::of(&IndexSettings::default())
    }
}

impl SearchSettings {
    /// What `settings` say.
    pub fn of(settings: &IndexSettings) -> SearchSettings {
        let max_result_window = settings.count("max_result_window", RESULT_WINDOW_MAX as u64);
        SearchSettings {
            max_result_window,
            max_inner_result_window: settings.count("max_inner_result_window", 100),
            // Elasticsearch's default is the other window, whatever that is set to.
            max_rescore_window: settings.count("max_rescore_window", max_result_window),
            max_script_fields: settings.count("max_script_fields", 32),
            max_docvalue_fields: settings.count("max_docvalue_fields_search", 100),
            max_terms_count: settings.count("max_terms_count", 65_536),
            max_regex_length: settings.count("max_regex_length", 1_000),
            max_analyzed_offset: settings.count("highlight.max_analyzed_offset", 1_000_000),
            max_slices: (
                settings.count("max_slices_per_scroll", 1024),
                settings.count("max_slices_per_pit", 1024),
            ),
            knn_candidates: usize::try_from(
                settings.count("knn.algo_param.ef_search", CANDIDATES as u64),
            )
            .unwrap_or(CANDIDATES),
            partition: Partition::of(settings),
            slow_log: SlowLogSettings::of(|key| settings.get(key)),
            default_fields: default_fields(settings),
        }
    }

    /// Refuses a page, or a batch of a scroll, that is larger than the index allows.
    ///
    /// # Errors
    /// `illegal_argument_exception`.
    pub fn check_window(&self, wanted: u64, is_scroll: bool) -> Result<(), Exception> {
        let window = self.max_result_window;
        if wanted <= window {
            return Ok(());
        }
        Err(Exception::illegal_argument(if is_scroll {
            format!(
                "Batch size is too large, size must be less than or equal to: [{window}] but was [{wanted}]. Scroll \
                 batch sizes cost as much memory as result windows so they are controlled by the \
                 [index.max_result_window] index level setting."
            )
        } else {
            format!(
                "Result window is too large, from + size must be less than or equal to: [{window}] but was [{wanted}]. \
                 See the scroll api for a more efficient way to request large data sets. This limit can be set by \
                 changing the [index.max_result_window] index level setting."
            )
        }))
    }

    /// Refuses a list of `count` fields called `key` (`docvalue_fields`, `fields`, `script_fields`) that is longer than its setting
    /// allows.
    ///
    /// # Errors
    /// `illegal_argument_exception`, as Elasticsearch words it.
    pub fn check_fields(&self, key: &str, count: usize) -> Result<(), Exception> {
        let (setting, most) = match key {
            "script_fields" => ("max_script_fields", self.max_script_fields),
            _ => ("max_docvalue_fields_search", self.max_docvalue_fields),
        };
        if count as u64 <= most {
            return Ok(());
        }
        Err(Exception::illegal_argument(format!(
            "Trying to retrieve too many {key}. Must be less than or equal to: [{most}] but was [{count}]. This limit \
             can be set by changing the [index.{setting}] index level setting."
        )))
    }
}

/// `index.query.default_field` is one field or a list, each with an optional `^boost`.
fn default_fields(settings: &IndexSettings) -> Vec<(String, f32)> {
    let listed = (0..).map_while(|at| settings.get(&format!("query.default_field.{at}")));
    let fields = settings.get("query.default_field").into_iter().chain(listed);
    let split = |field: &str| match field.split_once('^') {
        Some((name, boost)) => (name.to_owned(), boost.parse().unwrap_or(1.0)),
        None => (field.to_owned(), 1.0),
    };
    fields.flat_map(|fields| fields.split(',')).map(str::trim).map(split).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(body: serde_json::Value) -> SearchSettings {
        SearchSettings::of(&IndexSettings::parse(&body).unwrap())
    }

    #[test]
    fn what_is_not_set_is_elasticsearchs_default() {
        let settings = SearchSettings::default();
        assert_eq!(settings.max_inner_result_window, 100);
        assert_eq!(settings.max_terms_count, 65_536);
        assert!(settings.default_fields.is_empty());
    }

    #[test]
    fn the_default_field_may_be_one_or_several_with_boosts() {
        let one = of(json!({"index.query.default_field": "title"}));
        assert_eq!(one.default_fields, [("title".to_owned(), 1.0)]);
        let several = of(json!({"index": {"query": {"default_field": ["title^3", "body"]}}}));
        assert_eq!(several.default_fields, [("title".to_owned(), 3.0), ("body".to_owned(), 1.0)]);
    }
}

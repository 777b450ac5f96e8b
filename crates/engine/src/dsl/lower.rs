//! Lowering: the tree of queries → tantivy queries, on one index.

use std::sync::Arc;

use jiff::Timestamp;
use tantivy::Searcher;

use super::bm25::Statistics;
pub(crate) use super::lowered::{
    Lowered, any_of, boosted, constant, everything, leaf, nothing, nothing_because,
};
use super::query::Query;
use super::stoppable::StoppableQuery;
use crate::analysis::{Analyzer, Analyzers};
use crate::cluster::search_settings::SearchSettings;
use crate::cluster::setting_values;
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::index::{ExistingDocuments, Snapshot};
use crate::mapping::keyword::Keyword;
use crate::mapping::query::QueryContext;
use crate::mapping::text::Text;
use crate::mapping::{Leaf, Mapping};
use crate::work::Work;

/// The index that a query is lowered for.
#[derive(Clone, Copy)]
pub(crate) struct Lowering<'a> {
    /// What scripts read of the index; `None` where there is none.
    pub(crate) snapshot: Option<&'a Snapshot>,
    pub(crate) searcher: &'a Searcher,
    pub(crate) mapping: &'a Mapping,
    pub(crate) analyzers: &'a Analyzers,
    pub(crate) statistics: &'a Statistics,
    pub(crate) index: &'a str,
    pub(crate) uuid: &'a str,
    pub(crate) settings: &'a SearchSettings,
    pub(crate) now: Timestamp,
    pub(crate) work: &'a Work,
    /// The path of the nested objects that are asked; `None`: whole documents.
    pub(crate) nested: Option<&'a str>,
    pub(crate) existing: Option<&'a ExistingDocuments>,
}

impl<'a> Lowering<'a> {
    /// Onto the index of `snapshot`.
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        statistics: &'a Statistics,
        now: Timestamp,
        work: &'a Work,
    ) -> Lowering<'a> {
        Lowering {
            snapshot: Some(snapshot),
            searcher: &snapshot.searcher,
            mapping: &snapshot.mapping,
            analyzers: &snapshot.analyzers,
            statistics,
            index: &snapshot.name,
            uuid: &snapshot.uuid,
            settings: &snapshot.settings,
            now,
            work,
            nested: None,
            existing: snapshot.existing.as_deref(),
        }
    }

    /// What documents beside the hits must match to be there for this reader; `None`: nothing.
    ///
    /// # Errors
    /// Where the filter does not fit the index's mapping.
    pub(crate) fn existing(&self) -> Result<Option<Lowered>, Exception> {
        let Some(existing) = self.existing else { return Ok(None) };
        let whole = Lowering::new(&existing.whole, self.statistics, self.now, self.work);
        whole.lower(&existing.filter).map(Some)
    }

    /// Refuses `what`, which counts the documents of words, where it would count hidden ones.
    ///
    /// # Errors
    /// 501.
    pub(super) fn check_frequencies(&self, what: &str) -> Result<(), Exception> {
        match self.existing {
            Some(_) => {
                Err(Exception::not_implemented(&format!("{what} where documents are hidden")))
            }
            None => Ok(()),
        }
    }

    /// Of the nested objects at `path`.
    pub(crate) fn within<'b>(self, path: &'b str) -> Lowering<'b>
    where
        'a: 'b,
    {
        Lowering { nested: Some(path), ..self }
    }
}

impl Lowering<'_> {
    /// The query of tantivy's that matches and scores as `query`.
    ///
    /// # Errors
    /// Elasticsearch's exception for a query that does not fit this index's mapping.
    pub(crate) fn lower(&self, query: &Query) -> Result<Lowered, Exception> {
        self.work.check()?;
        if let Some(kind) = query.clause.expensive() {
            self.check_expensive(&format!("[{kind}] queries"), "")?;
        }
        let lowered = query.clause.lower(self).map_err(|cause| match cause.kind() {
            ExceptionKind::NumberFormat => self.failed(cause),
            _ => cause,
        })?;
        let lowered = if query.clause.is_composite() {
            StoppableQuery::around(lowered, &self.work.cancel)
        } else {
            lowered
        };
        Ok(boosted(lowered, query.boost))
    }

    /// As [`Lowering::lower`], of a query beside the request's own, of an aggregation or a rescorer: what is wrong with it is not
    /// wrapped. (`QueryShardContext.toQuery` alone wraps.)
    ///
    /// # Errors
    /// As [`Lowering::lower`].
    pub(crate) fn lower_beside(&self, query: &Query) -> Result<Lowered, Exception> {
        self.lower(query).map_err(|refusal| {
            let is_wrapped = refusal.kind() == ExceptionKind::QueryShard
                && refusal.reason().starts_with("failed to create query: ");
            match refusal.cause() {
                Some(cause) if is_wrapped => cause.clone(),
                _ => refusal,
            }
        })
    }

    /// The service that is asked.
    pub(crate) fn flavor(&self) -> Flavor {
        self.statistics.flavor()
    }

    /// The leaf at `path`, aliases followed.
    pub(crate) fn leaf(&self, path: &str) -> Option<&Arc<Leaf>> {
        self.mapping.leaf(path)
    }

    /// The paths of the leaves that match a pattern with `*`.
    pub(crate) fn matching(&self, pattern: &str) -> Vec<String> {
        self.mapping
            .leaves()
            .map(|leaf| leaf.path.clone())
            .filter(|path| crate::name_pattern::matches(pattern, path))
            .collect()
    }

    /// The analyzer of query text for a text field: its search analyzer, its analyzer, or the index's default.
    pub(crate) fn search_analyzer(
        &self,
        text: &Text,
        quoted: bool,
    ) -> Result<Arc<Analyzer>, Exception> {
        let quote = text.search_quote_analyzer.as_deref().filter(|_| quoted);
        let name = quote.unwrap_or_else(|| self.search_analyzer_name(text));
        self.analyzer(name).map(|analyzer| text.for_queries(analyzer))
    }

    /// The name of the analyzer of query text for a text field.
    pub(crate) fn search_analyzer_name<'t>(&self, text: &'t Text) -> &'t str {
        match text.search_analyzer.as_deref().or(text.analyzer.as_deref()) {
            Some(name) => name,
            None if self.analyzers.get("default_search").is_some() => "default_search",
            None => "default",
        }
    }

    /// The analyzer that indexed a text field.
    pub(crate) fn index_analyzer(&self, text: &Text) -> Result<Arc<Analyzer>, Exception> {
        let analyzer = self.analyzer(text.analyzer.as_deref().unwrap_or("default"))?;
        Ok(text.for_documents(analyzer))
    }

    /// The analyzer called `name`.
    pub(crate) fn analyzer(&self, name: &str) -> Result<Arc<Analyzer>, Exception> {
        self.analyzers
            .get(name)
            .ok_or_else(|| self.refuse(format!("[match] analyzer [{name}] not found")))
    }

    /// Refuses an analyzer of `query` that the index does not have, whatever the fields are.
    pub(super) fn check_analyzer(&self, query: &str, name: Option<&str>) -> Result<(), Exception> {
        match name.filter(|name| self.analyzers.get(name).is_none()) {
            Some(name) => Err(self.refuse(format!("[{query}] analyzer [{name}] not found"))),
            None => Ok(()),
        }
    }

    /// A keyword's term, through its normalizer.
    pub(crate) fn normalized(&self, leaf: &Leaf, text: &str) -> String {
        let Some(keyword) = leaf.kind.get::<Keyword>() else { return text.to_owned() };
        match keyword.term_normalizer(self.analyzers) {
            Some(normalizer) => normalizer.normalize(text),
            None => text.to_owned(),
        }
    }

    /// Refuses `what`, with `advice`, where `search.allow_expensive_queries` is off.
    ///
    /// # Errors
    /// `query_shard_exception` in Elasticsearch's words.
    pub(crate) fn check_expensive(&self, what: &str, advice: &str) -> Result<(), Exception> {
        let key = "search.allow_expensive_queries";
        if setting_values::is_on(self.work.metadata.registries(), key, true) {
            return Ok(());
        }
        let reason = format!("{what} cannot be executed when '{key}' is set to false.{advice}");
        Err(self.failed(Exception::new(ExceptionKind::Exception, reason)))
    }

    /// The index, as field types know it.
    pub(super) fn context(&self) -> QueryContext<'_> {
        QueryContext { index: self.index, uuid: self.uuid, now: self.now }
    }

    /// `query_shard_exception` on this index.
    pub(crate) fn refuse(&self, reason: impl Into<String>) -> Exception {
        self.context().refuse(reason)
    }

    /// `query_shard_exception` "failed to create query: …" because of `cause`.
    pub(crate) fn failed(&self, cause: Exception) -> Exception {
        self.context().failed(cause)
    }
}

//! `collate` of the `phrase` suggester: a query, made of a template for each phrase, that must find something. Source:
//! `PhraseSuggester.innerExecute` of Elasticsearch 7.10.

use serde_json::{Map, Value};
use tantivy::query::EnableScoring;
use tantivy::{DocSet, TERMINATED};

use crate::cluster::registries::Registry;
use crate::dsl::lower::Lowering;
use crate::dsl::roots_only::RootsOnly;
use crate::exception::{Exception, ExceptionKind, internal};
use crate::script::ScriptRequest;
use crate::script::mustache::{Rendering, Template};

/// Under which name a template finds the phrase.
const PHRASE: &str = "suggestion";

/// `collate`
#[derive(Clone, Debug)]
pub(super) struct Collate {
    query: ScriptRequest,
    params: Map<String, Value>,
    /// Whether phrases that find nothing are shown, and told apart.
    pub(super) prune: bool,
}

impl Collate {
    /// Reads it.
    ///
    /// # Errors
    /// `parsing_exception` for a key that it does not take; what a script is refused with.
    pub(super) fn parse(value: &Value) -> Result<Collate, Exception> {
        let wrong = |what: &str| Exception::parsing(format!("suggester[phrase][collate] {what}"));
        let (mut query, mut params, mut prune) = (None, Map::new(), false);
        for (key, value) in value.as_object().into_iter().flatten() {
            match (key.as_str(), value) {
                ("query", value) => query = Some(ScriptRequest::parse(value)?),
                ("params", Value::Object(given)) => params = given.clone(),
                ("prune", Value::Bool(given)) => prune = *given,
                ("prune", _) => return Err(wrong("prune must be either 'true' or 'false'")),
                (unknown, _) => return Err(wrong(&format!("doesn't support field [{unknown}]"))),
            }
        }
        let Some(query) = query else { return Err(wrong("needs a [query]")) };
        Ok(Collate { query, params, prune })
    }

    /// Whether the query for a phrase finds anything on the index that `lowering` is of.
    ///
    /// # Errors
    /// A template or a query that cannot be read; what the query is refused with.
    pub(super) fn finds(&self, phrase: &str, lowering: &Lowering<'_>) -> Result<bool, Exception> {
        let work = lowering.work;
        let mut params = self.params.clone();
        params.insert(PHRASE.to_owned(), phrase.into());
        let text = self.template(lowering)?;
        let text = text.render(&Value::Object(params), &mut Rendering::new(work))?;
        let query: Value = serde_json::from_str(&text)
            .map_err(|fault| Exception::new(ExceptionKind::XContentParse, fault.to_string()))?;
        let mut lowered = lowering.lower(&crate::dsl::parse(&query)?)?;
        if lowering.mapping.has_blocks() {
            lowered = RootsOnly::of(lowered, &work.cancel);
        }
        let scoring = EnableScoring::disabled_from_searcher(lowering.searcher);
        let weight = lowered.weight(scoring).map_err(internal)?;
        for reader in lowering.searcher.segment_readers() {
            let mut scorer = weight.scorer(reader, 1.0).map_err(internal)?;
            while scorer.doc() != TERMINATED && reader.is_deleted(scorer.doc()) {
                work.check()?;
                scorer.advance();
            }
            // A scorer that was called off ends early.
            work.check()?;
            work.faults.check()?;
            if scorer.doc() != TERMINATED {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn template(&self, lowering: &Lowering<'_>) -> Result<Template, Exception> {
        if !self.query.is_stored() {
            return Template::json(self.query.name_or_text());
        }
        let id = self.query.name_or_text();
        let stored = lowering.work.metadata.registries().get(Registry::Scripts, id);
        let source = stored.and_then(|it| it.get("source")).and_then(Value::as_str);
        source.map_or_else(
            || {
                let reason = format!("unable to find script [{id}] in cluster state");
                Err(Exception::new(ExceptionKind::ResourceNotFound, reason))
            },
            Template::json,
        )
    }
}

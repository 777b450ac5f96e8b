//! One document: the concrete index behind the name.

use engine::cluster::names::{self, IndicesOptions};
use engine::exception::Exception;
use engine::rest::{Api, Effect, Reindexed};
use serde_json::Value;

use super::{JudgedRequest, NOTHING, Plan, printed, refused, sent};

/// Where a document is written.
pub(super) struct WriteTarget {
    /// The concrete index, or the name that becomes one.
    pub(super) index: String,
    /// Whether an alias stood for it.
    pub(super) alias: bool,
}

impl JudgedRequest<'_> {
    /// One document, read or written.
    pub(super) fn document(&self) -> Result<Plan, Exception> {
        let route = self.route();
        let name = route.part("index").unwrap_or_default();
        let mut without_require_alias = false;
        let index = match route.api.row().effect {
            Effect::Read => self.read_target(name)?,
            Effect::Write | Effect::Admin => {
                let alias_only = route.query.flag("require_alias", false)?;
                let target = self.write_target(name)?;
                without_require_alias = alias_only && target.alias;
                target.index
            }
        };
        if route.api == Api::Explain {
            self.pinned(&[name], IndicesOptions::SEARCH)?.check_aliases()?;
        }
        let mut request = self.on_indices(&index, self.json_body())?;
        if without_require_alias {
            request.query = route.query.wire(|name| name == "require_alias");
        }
        Ok(sent(request))
    }

    /// The one index that a read of `name` goes to.
    ///
    /// # Errors
    /// As the engine here: no such index, or an alias of many; an alias with a routing is refused.
    pub(super) fn read_target(&self, name: &str) -> Result<String, Exception> {
        let found = names::single(self.metadata, name, self.now)?;
        let index = found.one_index()?.filter(|index| self.grants.sees(&index.uuid));
        let index = index.ok_or_else(|| missing(&found.name))?;
        if let Some(alias) = index.aliases.get(&found.name).filter(|_| found.alias)
            && alias.index_routing.is_some()
        {
            return Err(refused(&format!("alias {} with a routing", found.name)));
        }
        Ok(index.name.clone())
    }

    /// The one index that a write to `name` goes to.
    ///
    /// # Errors
    /// As the engine here; an alias with a routing, a data stream and a pipeline are refused.
    pub(super) fn write_target(&self, name: &str) -> Result<WriteTarget, Exception> {
        let found = names::single(self.metadata, name, self.now)?;
        if self.metadata.data_stream(&found.name).is_some() {
            return Err(refused("writes to data streams"));
        }
        if found.indices.is_empty() {
            if !self.grants.may_create(&found.name) {
                return Err(missing(&found.name));
            }
            names::validate_index_name(&found.name)?;
            self.makes_no_such_index(&found.name)?;
            return Ok(WriteTarget { index: found.name, alias: false });
        }
        let Some(index) = self.metadata.write_index(&found.name) else {
            return Err(Exception::illegal_argument(format!(
                "no write index is defined for alias [{}]. The write index may be explicitly disabled using is_write_index=false or the alias points to multiple indices without one being designated as a write index",
                found.name
            )));
        };
        if !self.grants.sees(&index.uuid) {
            return Err(missing(&found.name));
        }
        if let Some(alias) = index.aliases.get(&found.name).filter(|_| found.alias)
            && alias.index_routing.is_some()
        {
            return Err(refused(&format!("alias {} with a routing", found.name)));
        }
        self.runs_no_pipeline(index)?;
        Ok(WriteTarget { index: index.name.clone(), alias: found.alias })
    }

    /// `_reindex`: concrete sources and destination. What reads from elsewhere, or may write there, is refused.
    pub(super) fn reindex(&self) -> Result<Plan, Exception> {
        let mut body = self.parsed.body.value().clone();
        let names = Reindexed::of(&body);
        for (path, what) in [
            ("/source/remote", "source.remote"),
            ("/source/search_pipeline", "source.search_pipeline"),
            ("/script", "script"),
            ("/dest/pipeline", "dest.pipeline"),
        ] {
            if body.pointer(path).is_some() {
                return Err(refused(&format!("reindex with {what}")));
            }
        }
        if names.sources.is_empty() {
            return Err(Exception::validation(&[
                "use _all if you really want to copy from all existing indexes",
            ]));
        }
        let sources = self.pinned(&names.sources, IndicesOptions::SEARCH)?;
        sources.check_aliases()?;
        let dest = self.write_target(names.dest.as_deref().unwrap_or_default())?;
        let list = sources.list();
        let list: Value = match list == NOTHING {
            // Whole: by its parts it would be all that is there.
            true => list.into(),
            false => list.split(',').collect(),
        };
        let mut put = |path: &str, key: &str, value: Value| {
            if let Some(object) = body.pointer_mut(path).and_then(Value::as_object_mut) {
                object.insert(key.to_owned(), value);
            }
        };
        put("/source", "index", list);
        put("/dest", "index", dest.index.into());
        let path = self.route().wire_path(None).ok_or_else(|| refused("reindex"))?;
        Ok(sent(self.on_path(path, printed(&body))?))
    }
}

/// `index_not_found_exception` as document requests word it.
fn missing(name: &str) -> Exception {
    Exception::index_not_found(name).with("resource.type", "index_expression")
}

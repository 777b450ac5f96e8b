//! Indices as things: created, deleted, described, rolled over, copied.

use bytes::Bytes;
use engine::cluster::names;
use engine::exception::Exception;
use engine::rest::{Api, Effect, encode};

use super::{JudgedRequest, Plan, acknowledged, refused, sent};

impl JudgedRequest<'_> {
    /// The URL's indices, each by its own name.
    pub(super) fn indices(&self) -> Result<Plan, Exception> {
        let route = self.route();
        if route.query.get("write_index_only").is_some() {
            return Err(refused("write_index_only"));
        }
        if matches!(route.api, Api::IndicesPutSettings | Api::IndicesPutMapping) {
            self.check_definition()?;
        }
        if route.api == Api::IndicesAnalyze && route.part("index").is_none() {
            return self.as_it_is();
        }
        let pinned = self.pinned_url()?;
        let reads = matches!(route.api.row().effect, Effect::Read)
            || matches!(
                route.api,
                Api::IndicesRefresh
                    | Api::IndicesFlush
                    | Api::IndicesForcemerge
                    | Api::IndicesClearCache
            );
        // Of no index nothing changes; a pattern, even one that matches nothing, may be refused by the cluster.
        if pinned.indices.is_empty() && !reads {
            return Ok(acknowledged());
        }
        Ok(sent(self.on_indices(&pinned.list(), self.json_body())?))
    }

    /// A new index, by its resolved name.
    pub(super) fn new_index(&self) -> Result<Plan, Exception> {
        let name = self.route().part("index").unwrap_or_default();
        let name = names::single(self.metadata, name, self.now)?.name;
        if !self.grants.may_create(&name) {
            return Err(Exception::index_not_found(&name));
        }
        names::validate_index_name(&name)?;
        self.check_definition()?;
        Ok(sent(self.on_indices(&name, self.json_body())?))
    }

    /// A copy of one index under a new name.
    pub(super) fn resized(&self) -> Result<Plan, Exception> {
        let pinned = self.pinned_url()?;
        self.check_definition()?;
        let [source] = pinned.indices.as_slice() else {
            return Err(refused("resizing an alias of several indices"));
        };
        let target = self.route().part("target").unwrap_or_default();
        let target = names::single(self.metadata, target, self.now)?.name;
        names::validate_index_name(&target)?;
        let verb = match self.route().api {
            Api::IndicesShrink => "/_shrink/",
            Api::IndicesSplit => "/_split/",
            _ => "/_clone/",
        };
        let mut path = String::from("/");
        encode(&mut path, &source.name, b"");
        path.push_str(verb);
        encode(&mut path, &target, b"");
        Ok(sent(self.on_path(path, self.json_body())?))
    }

    /// A rollover to the index that was judged: its name is said, so that the cluster chooses no other.
    pub(super) fn rollover(&self) -> Result<Plan, Exception> {
        let route = self.route();
        let alias = route.part("alias").unwrap_or_default();
        if self.metadata.data_stream(alias).is_some() {
            return Err(refused("rollover of data streams"));
        }
        self.check_definition()?;
        let old = self.metadata.write_index(alias);
        let Some(old) = old.filter(|index| self.grants.sees(&index.uuid)) else {
            return Err(Exception::illegal_argument(format!(
                "source alias [{alias}] does not point to a write index"
            )));
        };
        let new = match route.part("new_index") {
            Some(new) => new.to_owned(),
            // The cluster would remember the date math, and the next rollover would read it.
            None if old.provided_name.starts_with('<') => {
                return Err(refused("rollover of an index whose name was given as date math"));
            }
            None => names::next_of_series(&old.provided_name)?,
        };
        let new = names::single(self.metadata, &new, self.now)?.name;
        if !self.grants.may_create(&new) {
            return Err(Exception::index_not_found(&new));
        }
        names::validate_index_name(&new)?;
        let mut path = String::from("/");
        encode(&mut path, alias, b"");
        path.push_str("/_rollover/");
        encode(&mut path, &new, b"");
        let body: Bytes = self.json_body();
        Ok(sent(self.on_path(path, body)?))
    }
}

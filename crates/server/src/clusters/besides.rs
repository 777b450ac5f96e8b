//! What a request of mode `aws` would make a cluster do besides, with the pool's login. Where the cluster keeps its own users in an index,
//! what may lead there without its name is refused (decision 0182): a pipeline or a script that may send a document to an index that
//! nobody judged, a snapshot, of which nobody here knows what is in it, and a field whose stored queries look documents up.

use engine::cluster::{Metadata, names};
use engine::exception::{Exception, ExceptionKind};
use engine::ingest;
use engine::rest::{AliasChange, Api, Flavor, Parsed, ParsedBody};
use serde_json::Value;

use super::rewrite::has_percolator;

/// Refuses a request that may reach a cluster's own users by what it makes the cluster do besides. Elasticsearch reads its users from an
/// index that is made with the first of them, so it may be made by anybody there; OpenSearch has it from the start, or has none.
///
/// # Errors
/// 501, with the reason.
pub(crate) fn check_besides(parsed: &Parsed, metadata: &Metadata) -> Result<(), Exception> {
    let route = &parsed.route;
    let mut indices = metadata.indices();
    let keeps_users = route.flavor == Flavor::Elasticsearch710
        || indices.any(|index| names::holds_security_configuration(&index.name));
    if !keeps_users {
        return Ok(());
    }
    let (body, registries) = (parsed.body.value(), metadata.registries());
    if has_liking_alias(parsed) {
        let why = "the filter of an alias looks up the documents that its [more_like_this] names";
        return Err(refused(route.api.name(), why));
    }
    let sets_index = matches!(route.api, Api::IngestPutPipeline | Api::PutScript | Api::Reindex);
    if sets_index && has_other_name(metadata) && names_index(body) {
        let why = "one of its aliases leads there, and it says to which index a document goes";
        return Err(refused(route.api.name(), why));
    }
    let checked = match route.api {
        Api::IngestPutPipeline => ingest::check_pipeline(body, registries),
        Api::PutScript => match body.get("script") {
            Some(script) => ingest::check_stored_script(script),
            None => Ok(()),
        },
        Api::Reindex => match body.get("script") {
            Some(script) => ingest::check_script(script, ingest::ScriptPlace::Reindex, registries),
            None => Ok(()),
        },
        Api::ClusterPutSettings if names_a_remote(body) => {
            Err("a cluster of another name may be this one, and its indices are judged by nobody"
                .to_owned())
        }
        Api::SnapshotRestore => Err("what is in a snapshot is not known here".to_owned()),
        Api::IndicesCreate
        | Api::IndicesPutMapping
        | Api::IndicesRollover
        | Api::IndicesPutTemplate
        | Api::IndicesPutIndexTemplate
        | Api::ClusterPutComponentTemplate => match has_percolator(body) || has_text(body) {
            true => {
                Err("stored queries of a field of type [percolator] look documents up".to_owned())
            }
            false => Ok(()),
        },
        _ => Ok(()),
    };
    checked.map_err(|why| refused(route.api.name(), &why))
}

/// Whether an index of a cluster's users has an alias that does not tell by its name what is behind it.
fn has_other_name(metadata: &Metadata) -> bool {
    let mut kept = metadata.indices();
    kept.any(|index| {
        names::holds_security_configuration(&index.name)
            && index.aliases.keys().any(|alias| !names::holds_security_configuration(alias))
    })
}

/// Whether a text in it names `_index`, or the processor that writes it.
fn names_index(body: &Value) -> bool {
    match body {
        Value::String(text) => text.contains("_index"),
        Value::Array(list) => list.iter().any(names_index),
        Value::Object(members) => {
            members.iter().any(|(key, value)| key.contains("_index") || names_index(value))
        }
        _ => false,
    }
}

/// Whether it defines an alias whose filter has a `more_like_this`, which reads documents when it is run. Other lookups clusters refuse in
/// filters of aliases.
fn has_liking_alias(parsed: &Parsed) -> bool {
    fn likes(filter: &Value) -> bool {
        match filter {
            Value::Object(members) => {
                members.iter().any(|(key, value)| key == "more_like_this" || likes(value))
            }
            Value::Array(list) => list.iter().any(likes),
            _ => false,
        }
    }
    let likes_one = |aliases: &Value| {
        let mut aliases = aliases.as_object().into_iter().flat_map(|aliases| aliases.values());
        aliases.any(|alias| alias.get("filter").is_some_and(likes))
    };
    if let ParsedBody::Aliases(actions) = &parsed.body {
        return actions.iter().any(|action| match &action.change {
            AliasChange::Add(alias) => alias.filter.as_ref().is_some_and(likes),
            AliasChange::Remove { .. } | AliasChange::RemoveIndex => false,
        });
    }
    // What makes indices or templates names them there.
    let defined = ["/aliases", "/template/aliases"].map(|path| parsed.body.value().pointer(path));
    defined.into_iter().flatten().any(likes_one)
}

/// Whether settings give a cluster another one's name for searches across clusters, `cluster.remote.NAME.…`, in whatever way dots are written.
fn names_a_remote(body: &Value) -> bool {
    fn below(path: &str, value: &Value) -> bool {
        let Value::Object(members) = value else {
            return path.starts_with("cluster.remote.") && !value.is_null();
        };
        members.iter().any(|(key, value)| {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            below(&path, value)
        })
    }
    body.as_object().is_some_and(|kinds| kinds.values().any(|settings| below("", settings)))
}

/// Whether mappings are compressed and in Base64, as a cluster takes them, too.
fn has_text(body: &Value) -> bool {
    let paths = ["/template/mappings", "/mappings"];
    paths.iter().any(|path| body.pointer(path).is_some_and(Value::is_string))
}

fn refused(what: &str, why: &str) -> Exception {
    let reason = format!(
        "[{what}] is not supported where a cluster keeps its own users in an index, which it may reach: {why}"
    );
    Exception::new(ExceptionKind::NotImplemented, reason)
}

//! Index templates of all three kinds: put, get, delete, simulate. Source: Elasticsearch 7.10.2 and OpenSearch 2.19.1.

use super::{Task, acknowledged, types};
use crate::cluster::names;
use crate::cluster::registries::{Registries, Registry};
use crate::cluster::settings;
use crate::cluster::templates::{self, Composed};
use crate::engine::Answer;
use crate::exception::{Exception, ExceptionKind};
use crate::index::CreateIndex;
use crate::response::Response;
use serde_json::{Map, Value, json};

/// `PUT /_template/{name}`.
pub(crate) fn put_template(task: &Task<'_>) -> Answer {
    let (route, name) = (&task.parsed.route, name(task));
    let mut body = object(task);
    let mut type_name = None;
    if let Some(mappings) = body.get_mut("mappings") {
        (type_name, *mappings) = types::created(route, mappings.take())?;
    }
    let order = route.query.number("order")?;
    let template = templates::parse_legacy(name, &body, order, type_name)?;
    check(task, &template)?;
    let create = route.query.flag("create", false)?;
    put(task, Registry::LegacyTemplates, "index_template", template, create, |_, _| Ok(()))
}

/// `PUT /_component_template/{name}`.
pub(crate) fn put_component(task: &Task<'_>) -> Answer {
    let name = name(task);
    let component = templates::parse_component(name, &object(task))?;
    let inner = component.get("template").cloned().unwrap_or_default();
    check(task, &inner)?;
    let create = task.parsed.route.query.flag("create", false)?;
    put(
        task,
        Registry::ComponentTemplates,
        "component template",
        component,
        create,
        |registries, name| {
            // Whoever uses it must still be whole.
            let (_, users) = templates::users(registries, &[name.to_owned()]);
            for user in users {
                task.work.check()?;
                let Some(template) = registries.get(Registry::IndexTemplates, user) else {
                    continue;
                };
                composition(task, registries, user, template).map_err(|cause| {
                Exception::illegal_argument(format!(
                    "updating component template [{name}] results in invalid composable template [{user}] after templates are merged"
                ))
                .caused_by(cause)
            })?;
            }
            Ok(())
        },
    )
}

/// `PUT /_index_template/{name}`.
pub(crate) fn put_index_template(task: &Task<'_>) -> Answer {
    let name = name(task);
    let template = templates::parse_composable(name, &object(task), task.parsed.route.flavor)?;
    let create = task.parsed.route.query.flag("create", false)?;
    put(
        task,
        Registry::IndexTemplates,
        "index template",
        template.clone(),
        create,
        |registries, name| accepted(task, registries, name, &template),
    )
}

/// `GET /_template/{name}`.
pub(crate) fn get_template(task: &Task<'_>) -> Answer {
    let route = &task.parsed.route;
    let flat = route.query.flag("flat_settings", false)?;
    let asked: Vec<&str> =
        route.part("name").into_iter().flat_map(|list| list.split(',')).collect();
    let mut answer = Map::new();
    for (name, template) in task.metadata.registries().entries(Registry::LegacyTemplates) {
        task.work.check()?;
        if !asked.is_empty() && !asked.iter().any(|asked| names::matches(asked, name)) {
            continue;
        }
        let (mut shown, type_name) = templates::shown_legacy(template);
        if flat && let Some(settings) = shown.get_mut("settings") {
            *settings = Value::Object(settings::leaves(settings)?.into_iter().collect());
        }
        if let Some(mappings) = shown.get_mut("mappings") {
            *mappings = types::shown(route, type_name, mappings.take())?;
        }
        answer.insert(name.to_owned(), shown);
    }
    let status = if answer.is_empty() && !asked.is_empty() { 404 } else { 200 };
    task.json(status, &Value::Object(answer))
}

/// `GET /_component_template/{name}`.
pub(crate) fn get_component(task: &Task<'_>) -> Answer {
    list(task, Registry::ComponentTemplates, "component")
}

/// `GET /_index_template/{name}`.
pub(crate) fn get_index_template(task: &Task<'_>) -> Answer {
    list(task, Registry::IndexTemplates, "index")
}

/// `HEAD /_template/{name}`.
pub(crate) fn exists_template(task: &Task<'_>) -> Answer {
    exists(task, Registry::LegacyTemplates)
}

/// `HEAD /_component_template/{name}`.
pub(crate) fn exists_component(task: &Task<'_>) -> Answer {
    exists(task, Registry::ComponentTemplates)
}

/// `HEAD /_index_template/{name}`.
pub(crate) fn exists_index_template(task: &Task<'_>) -> Answer {
    exists(task, Registry::IndexTemplates)
}

/// `DELETE /_template/{name}`.
pub(crate) fn delete_template(task: &Task<'_>) -> Answer {
    delete(task, Registry::LegacyTemplates)
}

/// `DELETE /_component_template/{name}`.
pub(crate) fn delete_component(task: &Task<'_>) -> Answer {
    delete(task, Registry::ComponentTemplates)
}

/// `DELETE /_index_template/{name}`.
pub(crate) fn delete_index_template(task: &Task<'_>) -> Answer {
    delete(task, Registry::IndexTemplates)
}

/// `POST /_index_template/_simulate_index/{name}`: what an index of this name would be made of, the template in the body
/// included.
pub(crate) fn simulate_index(task: &Task<'_>) -> Answer {
    let name = name(task);
    let mut registries = task.metadata.registries().clone();
    if !task.body().is_null() {
        let simulated = format!("simulate_index_template_{}", unique());
        let template =
            templates::parse_composable(&simulated, &object(task), task.parsed.route.flavor)?;
        accepted(task, &registries, &simulated, &template)?;
        registries.put(Registry::IndexTemplates, &simulated, template)?;
    }
    match templates::matching(&registries, name, false) {
        None => task.json(200, &json!({})),
        Some((own, template)) => simulated(task, &registries, own, template, name),
    }
}

/// `POST /_index_template/_simulate/{name}`: what a template comes to.
pub(crate) fn simulate_template(task: &Task<'_>) -> Answer {
    let registries = task.metadata.registries();
    let index = format!("simulate_template_index_{}", unique());
    let named = task.parsed.route.part("name");
    if task.body().is_null() {
        let Some(name) = named else {
            return Err(Exception::validation(&[
                "either index name or index template body must be specified for simulation",
            ]));
        };
        let Some(template) = registries.get(Registry::IndexTemplates, name) else {
            return Err(Exception::illegal_argument(format!(
                "unable to simulate template [{name}] that does not exist"
            )));
        };
        return simulated(task, registries, name, template, &index);
    }
    let own = named.map_or_else(|| format!("simulate_template_{}", unique()), str::to_owned);
    let template = templates::parse_composable(&own, &object(task), task.parsed.route.flavor)?;
    accepted(task, registries, &own, &template)?;
    simulated(task, registries, &own, &template, &index)
}

fn simulated(
    task: &Task<'_>,
    registries: &Registries,
    name: &str,
    template: &Value,
    index: &str,
) -> Answer {
    let composed = templates::composed(registries, template)?;
    let body = composed.clone().under(index, &CreateIndex::default())?;
    let mappings = task.engine.indices.read_new(&body)?.mapping.to_json();
    let patterns = templates::patterns_of(template);
    let mut overlapping = Vec::new();
    for kind in [Registry::LegacyTemplates, Registry::IndexTemplates] {
        let own = if kind == Registry::IndexTemplates { name } else { "" };
        let found = templates::overlapping(registries, kind, own, &patterns, |_| true, task.work)?;
        overlapping.extend(
            found
                .into_iter()
                .map(|(name, patterns)| json!({"name": name, "index_patterns": patterns})),
        );
    }
    let answer = json!({"template": composed.to_json(index, mappings), "overlapping": overlapping});
    task.json(200, &answer)
}

/// Refuses a composable template that cannot be put.
fn accepted(
    task: &Task<'_>,
    registries: &Registries,
    name: &str,
    template: &Value,
) -> Result<(), Exception> {
    templates::conflict(registries, name, template, task.work)?;
    templates::missing_components(registries, name, template)?;
    composition(task, registries, name, template).map_err(|cause| {
        let components = template.get("composed_of").map(crate::value::scalar::list);
        let with = match components.unwrap_or_default() {
            none if none.is_empty() => String::new(),
            some => format!("with component templates [{}] ", some.join(", ")),
        };
        Exception::illegal_argument(format!(
            "composable template [{name}] template after composition {with}is invalid"
        ))
        .caused_by(cause)
    })
}

/// Whether an index could be made of a template and its components.
fn composition(
    task: &Task<'_>,
    registries: &Registries,
    name: &str,
    template: &Value,
) -> Result<(), Exception> {
    let whole = |composed: Composed| {
        let body = composed.under("validate-template", &CreateIndex::default())?;
        task.engine.indices.read_new(&body)
    };
    templates::composed(registries, template).and_then(whole).map(drop).map_err(|cause| {
        Exception::illegal_argument(format!("invalid composite mappings for [{name}]"))
            .caused_by(cause)
    })
}

/// Checks settings and mappings of one template by themselves.
fn check(task: &Task<'_>, part: &Value) -> Result<(), Exception> {
    let body = CreateIndex {
        settings: part.get("settings").cloned().unwrap_or_default(),
        mappings: part.get("mappings").cloned().unwrap_or_default(),
        ..CreateIndex::default()
    };
    task.engine.indices.read_new(&body).map(drop)
}

fn put(
    task: &Task<'_>,
    kind: Registry,
    noun: &str,
    entry: Value,
    create: bool,
    accepts: impl FnOnce(&Registries, &str) -> Result<(), Exception>,
) -> Answer {
    let name = name(task);
    task.engine.indices.change_registries(|_, registries| {
        if create && registries.get(kind, name).is_some() {
            return Err(Exception::illegal_argument(format!("{noun} [{name}] already exists")));
        }
        if kind == Registry::ComponentTemplates {
            registries.put(kind, name, entry)?;
            return accepts(registries, name);
        }
        accepts(registries, name)?;
        registries.put(kind, name, entry)
    })?;
    acknowledged()
}

fn list(task: &Task<'_>, kind: Registry, noun: &str) -> Answer {
    let asked = task.parsed.route.part("name");
    let entries = task.metadata.registries().entries(kind);
    let found: Vec<Value> = entries
        .filter(|(name, _)| asked.is_none_or(|asked| names::matches(asked, name)))
        .map(|(name, entry)| json!({"name": name, format!("{noun}_template"): entry}))
        .collect();
    let missing = found.is_empty() && asked.is_some();
    if let (true, Some(name)) = (missing, asked.filter(|name| !name.contains('*'))) {
        return Err(Exception::new(
            ExceptionKind::ResourceNotFound,
            format!("{noun} template matching [{name}] not found"),
        ));
    }
    task.json(if missing { 404 } else { 200 }, &json!({format!("{noun}_templates"): found}))
}

fn exists(task: &Task<'_>, kind: Registry) -> Answer {
    let patterns: Vec<&str> = name(task).split(',').collect();
    let found = task
        .metadata
        .registries()
        .entries(kind)
        .any(|(name, _)| patterns.iter().any(|pattern| names::matches(pattern, name)));
    Ok(Response::text(if found { 200 } else { 404 }, String::new()))
}

fn delete(task: &Task<'_>, kind: Registry) -> Answer {
    let pattern = name(task);
    task.engine.indices.change_registries(|metadata, registries| {
        let found: Vec<String> = registries
            .entries(kind)
            .map(|(name, _)| name.to_owned())
            .filter(|name| names::matches(pattern, name))
            .collect();
        if found.is_empty() && pattern != "*" {
            return Err(Exception::new(
                ExceptionKind::IndexTemplateMissing,
                format!("index_template [{pattern}] missing"),
            ));
        }
        if kind == Registry::IndexTemplates {
            let uses = |stream: &&str| {
                let own = templates::matching(registries, stream, false);
                own.is_some_and(|(own, _)| found.iter().any(|name| name == own))
            };
            let streams = metadata.data_streams().map(|stream| stream.name.as_str()).filter(uses);
            let streams: Vec<&str> = streams.collect();
            if !streams.is_empty() {
                let seen = |stream: &&str| {
                    metadata.alias(stream).iter().any(|index| task.view.sees(&index.uuid))
                };
                let streams: Vec<&str> = streams.into_iter().filter(seen).collect();
                return Err(Exception::illegal_argument(format!(
                    "unable to remove composable templates [{}] as they are in use by a data streams [{}]",
                    found.join(", "),
                    streams.join(", ")
                )));
            }
        }
        if kind == Registry::ComponentTemplates {
            let (used, users) = templates::users(registries, &found);
            if !used.is_empty() {
                return Err(Exception::illegal_argument(format!(
                    "component templates [{}] cannot be removed as they are still in use by index templates [{}]",
                    used.join(", "),
                    users.join(", ")
                )));
            }
        }
        found.iter().for_each(|name| {
            registries.remove(kind, name);
        });
        Ok(())
    })?;
    acknowledged()
}

/// A name that nobody chose, in lower case as index names are.
fn unique() -> String {
    crate::index::unique().to_lowercase()
}

fn name<'a>(task: &Task<'a>) -> &'a str {
    task.parsed.route.part("name").unwrap_or_default()
}

fn object(task: &Task<'_>) -> Map<String, Value> {
    task.body().as_object().cloned().unwrap_or_default()
}

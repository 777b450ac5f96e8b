//! Whether a script of a pipeline or of `_reindex` may set `_index`: told from its text, without running it.
//!
//! All that such a script changes is in the map `ctx`. So it passes where each `ctx` in its text is followed by the name of a member
//! that is no `_index`, or by a call that sets none; and where `_index` is set, by a text that begins with a literal. A map that gets
//! another name (`def c = ctx`, `f(ctx)`) could be written anywhere, and a key that is made at run time may be any. Nothing hides in
//! comments or texts: each `ctx` counts, wherever it stands.
//!
//! Source: Painless language specification, "Ingest processor context", "Reindex context".

use serde_json::Value;

use super::is_elsewhere;
use crate::cluster::registries::Registries;

/// Methods of a map that set nothing.
const READING: &[&str] = &[
    "containsKey",
    "containsValue",
    "get",
    "getOrDefault",
    "isEmpty",
    "keySet",
    "remove",
    "size",
    "toString",
    "values",
];

/// Refuses a script, as a request or a processor says it, that may set `_index`.
///
/// # Errors
/// In words: by what.
pub fn check_script(script: &Value, registries: &Registries) -> Result<(), String> {
    let text = |key: &str| script.get(key).and_then(Value::as_str);
    let source = script.as_str().or_else(|| text("source")).or_else(|| text("inline"));
    match (source, text("id")) {
        // Which of the two counts is not known.
        _ if script.get("source").is_some() && script.get("inline").is_some() => {
            Err("a script with two texts".to_owned())
        }
        (Some(source), None) => check_text(text("lang"), source),
        // One that is not there yet is looked at when it is stored.
        (None, Some(id)) => registries.script(id).map_or(Ok(()), check_stored_script),
        _ => Err("a script that is neither a text nor a stored one".to_owned()),
    }
}

/// Refuses a stored script, `{"lang": …, "source": …}`, that may.
///
/// # Errors
/// In words: by what.
pub fn check_stored_script(script: &Value) -> Result<(), String> {
    let text = |key: &str| script.get(key).and_then(Value::as_str);
    match text("source") {
        _ if script.get("code").is_some() => Err("a script with [code]".to_owned()),
        Some(source) => check_text(text("lang"), source),
        // A template may be kept as an object.
        None if text("lang") == Some("mustache") => Ok(()),
        None => Err("a script without a text".to_owned()),
    }
}

fn check_text(lang: Option<&str>, source: &str) -> Result<(), String> {
    match lang {
        None | Some("painless") => painless(source),
        // These make a value, and set nothing.
        Some("mustache" | "expression") => Ok(()),
        Some(lang) => Err(format!("what a script in [{lang}] sets is not known")),
    }
}

fn painless(source: &str) -> Result<(), String> {
    for (at, found) in source.match_indices("ctx") {
        let before = source.get(..at).and_then(|before| before.chars().next_back());
        let after = source.get(at + found.len()..).unwrap_or_default();
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
        if before.is_some_and(is_part) || after.starts_with(is_part) {
            continue;
        }
        member(after.trim_start())?;
    }
    // Elasticsearch 8's other way to it.
    match source.contains("metadata()") {
        true => Err("[metadata()] in a script may set [_index]".to_owned()),
        false => Ok(()),
    }
}

/// Refuses what follows a `ctx` where that is not a member that is named, or sets `_index`.
fn member(after: &str) -> Result<(), String> {
    let unknown =
        || "[ctx] in a script, without the name of a member behind it, may set [_index]".to_owned();
    let after_dot = after.strip_prefix("?.").or_else(|| after.strip_prefix('.'));
    let (name, rest) = match after_dot {
        Some(named) => {
            let named = named.trim_start();
            let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            let end = named.find(|letter| !is_name(letter)).unwrap_or(named.len());
            named.split_at_checked(end).ok_or_else(unknown)?
        }
        None => {
            let (key, rest) = after.strip_prefix('[').and_then(literal).ok_or_else(unknown)?;
            (key, rest.trim_start().strip_prefix(']').ok_or_else(unknown)?)
        }
    };
    let rest = rest.trim_start();
    if name.is_empty() {
        return Err(unknown());
    }
    if let Some(arguments) = rest.strip_prefix('(') {
        let key = literal(arguments).map(|(key, _)| key);
        let puts = name == "put" && key.is_some_and(|key| key != "_index");
        return match after_dot.is_some() && (READING.contains(&name) || puts) {
            true => Ok(()),
            false => Err(format!("[ctx.{name}()] in a script may set [_index]")),
        };
    }
    match name == "_index" && !is_read(rest) {
        true => Err("a script sets [_index] to what is not known before it runs".to_owned()),
        false => Ok(()),
    }
}

/// A literal text at the beginning, and what follows it.
fn literal(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let (inside, rest) = text.get(1..)?.split_once(quote)?;
    (!inside.contains(['\\', '\n'])).then_some((inside, rest))
}

/// Whether what follows `ctx._index` reads it, or sets it to a text whose beginning leads to no kept name.
fn is_read(rest: &str) -> bool {
    let reads = ["==", "!=", ".", "?.", ")", ";", ",", "]", "}"];
    if rest.is_empty() || reads.iter().any(|read| rest.starts_with(read)) {
        return true;
    }
    if rest.starts_with('+') && !rest.starts_with("++") && !rest.starts_with("+=") {
        return true;
    }
    let Some(value) = rest.strip_prefix('=').and_then(literal) else { return false };
    let (begin, rest) = value;
    let open = format!("{begin}{{{{");
    match joined(rest) {
        Some(true) => is_elsewhere(&open),
        Some(false) => is_elsewhere(begin),
        None => false,
    }
}

/// Whether something is joined to a literal before its statement ends; `None`: it may be a part of something else, such as the question
/// of `… ? … : …`.
fn joined(rest: &str) -> Option<bool> {
    let rest = rest.trim_start();
    if rest.is_empty() || rest.starts_with([';', '}']) {
        return Some(false);
    }
    let mut letters = rest.strip_prefix('+')?.chars();
    let mut depth = 0_usize;
    while let Some(letter) = letters.next() {
        match letter {
            '\'' | '"' => {
                // Up to its end; one with an escape in it is not read.
                loop {
                    match letters.next()? {
                        '\\' => return None,
                        end if end == letter => break,
                        _ => {}
                    }
                }
            }
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.checked_sub(1)?,
            ';' | '}' if depth == 0 => return Some(true),
            // A comment, or a pattern: what is in it is not read.
            '/' => return None,
            '?' | ':' | '=' | '<' | '>' | '!' | '&' | '|' | '^' if depth == 0 => return None,
            _ => {}
        }
    }
    (depth == 0).then_some(true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cluster::registries::Registry;

    #[test]
    fn a_script_that_may_set_the_index_does_not_pass() {
        for source in [
            "ctx._index = '.security-7'",
            "ctx._index='.sec' + 'urity-7'",
            "ctx['_index'] = '.security-7'",
            "ctx[\"_index\"] = ctx.to",
            "ctx . _index = ctx.to",
            "ctx?._index = ctx.to",
            "ctx['_in' + 'dex'] = '.security-7'",
            "ctx[params.key] = params.to",
            "ctx['\\u005findex'] = 'x'",
            "ctx.put('_index', '.security-7')",
            "ctx.put(params.key, '.security-7')",
            "ctx.putAll(params.all)",
            "ctx.entrySet().iterator().next().setValue('.security-7')",
            "ctx.compute('_index', (k, v) -> '.security-7')",
            "ctx.replaceAll((k, v) -> '.security-7')",
            "def c = ctx; c._index = '.security-7'",
            "Map c = (Map) ctx; c.put('_index', 'x')",
            "void f(Map m) { m['_index'] = '.security-7' } f(ctx)",
            "ctx./* */_index = '.security-7'",
            "def a = /'/; ctx._index = '.security-7'; def b = /'/",
            "ctx._index += 'x'",
            "ctx._index = 'logs' == ctx.a ? '.security-7' : 'x'",
            "ctx._index = 'logs' + ';' == ctx.a ? '.security-7' : 'x'",
            "ctx._index = 'logs' + ctx.a == ctx.b ? '.security-7' : 'x'",
            "ctx._index = ctx.a",
            "ctx._index = ''",
            "ctx._index = '' + ctx.a",
            "ctx._index = '<.security-{now/d}>'",
            "metadata().index = '.security-7'",
        ] {
            let told = check_script(&json!({ "source": source }), &Registries::default());
            assert!(told.is_err(), "{source}");
            assert!(check_script(&json!(source), &Registries::default()).is_err(), "{source}");
        }
        assert!(
            check_script(&json!({"lang": "js", "source": "1"}), &Registries::default()).is_err()
        );
        assert!(check_script(&json!({}), &Registries::default()).is_err());
    }

    #[test]
    fn a_script_that_sets_what_it_names_passes() {
        for source in [
            "ctx.a = 1",
            "ctx['a.b'] = ctx.c + params.d",
            "if (ctx.source?.ip == null) { return } ctx.source.ip = null;",
            "ctx._source.remove(params.field); ctx._source[params.to] = 1",
            "ctx._source.putAll(params.all); ctx.op = 'noop'; ctx._id = params.id",
            "if (ctx.containsKey('a') && ctx.get('b') != null) { ctx.remove('a') }",
            "ctx.put('a', params.b)",
            "if (ctx._index == '.security-7') { ctx.op = 'noop' }",
            "def i = ctx._index; ctx.origin = ctx['_index'].substring(0, 3)",
            "ctx._index = 'logs-2026'",
            "ctx._index = 'logs-' + ctx.service.name",
            "ctx._index = 'metricbeat-' + (ctx._index.substring('metricbeat-'.length(), ctx._index.length())) + '-1'",
            "Debug.explain(doctx); def ctxs = 1",
        ] {
            let told = check_script(&json!({ "source": source }), &Registries::default());
            assert_eq!(told, Ok(()), "{source}");
        }
    }

    #[test]
    fn a_stored_script_is_looked_at_where_it_is_named() {
        let mut registries = Registries::default();
        for (id, source) in [("good", "ctx.a = 1"), ("bad", "ctx._index = params.to")] {
            let kept = json!({"lang": "painless", "source": source});
            registries.put(Registry::Scripts, id, kept).unwrap();
        }
        let checked = |id: &str| check_script(&json!({ "id": id }), &registries).is_ok();
        assert_eq!((checked("good"), checked("bad"), checked("later")), (true, false, true));
        assert_eq!(check_stored_script(&json!({"lang": "mustache", "source": "{{ctx}}"})), Ok(()));
    }
}

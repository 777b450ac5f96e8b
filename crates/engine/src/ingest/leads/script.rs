//! Scripts that may send a document elsewhere: those that set `_index`.

use serde_json::Value;

use super::is_elsewhere;
use crate::cluster::registries::Registries;
use crate::script::painless;

/// Where a script is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptPlace {
    /// In a processor.
    Pipeline,
    /// In `_reindex`: its `ctx` is in `params`, too.
    Reindex,
}

/// Refuses a script, as a request or a processor says it, that may set `_index`.
///
/// # Errors
/// In words: by what.
pub fn check_script(
    script: &Value,
    place: ScriptPlace,
    registries: &Registries,
) -> Result<(), String> {
    let text = |key: &str| script.get(key).and_then(Value::as_str);
    let source = script.as_str().or_else(|| text("source")).or_else(|| text("inline"));
    match (source, text("id")) {
        // Which of the two counts is not known.
        _ if script.get("source").is_some() && script.get("inline").is_some() => {
            Err("a script with two texts".to_owned())
        }
        (Some(source), None) => check_text(text("lang"), source, place),
        // One that is not there yet is looked at when it is stored.
        (None, Some(id)) => registries.script(id).map_or(Ok(()), |it| check_kept(it, place)),
        _ => Err("a script that is neither a text nor a stored one".to_owned()),
    }
}

/// Refuses a stored script, `{"lang": …, "source": …}`, that may, wherever it is used.
///
/// # Errors
/// In words: by what.
pub fn check_stored_script(script: &Value) -> Result<(), String> {
    check_kept(script, ScriptPlace::Reindex)
}

fn check_kept(script: &Value, place: ScriptPlace) -> Result<(), String> {
    let text = |key: &str| script.get(key).and_then(Value::as_str);
    match text("source") {
        _ if script.get("code").is_some() => Err("a script with [code]".to_owned()),
        Some(source) => check_text(text("lang"), source, place),
        // A template may be kept as an object.
        None if text("lang") == Some("mustache") => Ok(()),
        None => Err("a script without a text".to_owned()),
    }
}

fn check_text(lang: Option<&str>, source: &str, place: ScriptPlace) -> Result<(), String> {
    match lang {
        None | Some("painless") => {
            let passes = |begin: &str, whole: bool| match whole {
                true => is_elsewhere(begin),
                false => is_elsewhere(&format!("{begin}{{{{")),
            };
            painless::check_index(source, place == ScriptPlace::Reindex, passes)
        }
        // These make a value, and set nothing.
        Some("mustache" | "expression") => Ok(()),
        Some(lang) => Err(format!("what a script in [{lang}] sets is not known")),
    }
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
            "ctx.put('_ind' + 'ex', '.security-7')",
            "ctx.put('a' == 'b' ? 'c' : '_index', params.to)",
            "ctx.put/**/('_index', '.security-7')",
            "ctx.putAll/**/(params.m)",
            "ctx.compute //x\n ('_index', (k, v) -> params.to)",
            "(ctx._index) = '.security-7'",
            "((ctx['_index'])) = params.to",
            "ctx._index = ('.security-7')",
            "ctx._index = 'logs' + ctx.a ?: '.security-7'",
            "def a = 1 / '/; ctx._index = 1; /'",
            "def a = 'unfinished",
            "def t = 1 == 1 || params.a //x/; ctx._index = '.security-7'",
        ] {
            let told = check_script(
                &json!({ "source": source }),
                ScriptPlace::Pipeline,
                &Registries::default(),
            );
            assert!(told.is_err(), "{source}");
            assert!(
                check_script(&json!(source), ScriptPlace::Pipeline, &Registries::default())
                    .is_err(),
                "{source}"
            );
        }
        assert!(
            check_script(
                &json!({"lang": "js", "source": "1"}),
                ScriptPlace::Pipeline,
                &Registries::default()
            )
            .is_err()
        );
        assert!(check_script(&json!({}), ScriptPlace::Pipeline, &Registries::default()).is_err());
    }

    #[test]
    fn in_a_reindex_params_may_hold_the_ctx_too() {
        let checked = |source: &str, place| {
            check_script(&json!(source), place, &Registries::default()).is_ok()
        };
        for source in [
            "params.ctx._index = '.security-7'",
            "params['ctx']._index = '.security-7'",
            "params['c' + 'tx']._index = '.security-7'",
            "params[params.key]._index = '.security-7'",
            "params.get('ctx')._index = '.security-7'",
            "for (def it : params.values()) { it._index = '.security-7' }",
            "params.forEach((k, v) -> { v._index = '.security-7' })",
            "def p = params; p.ctx._index = '.security-7'",
        ] {
            assert!(!checked(source, ScriptPlace::Reindex), "{source}");
        }
        for source in ["ctx._source.a = params.b", "ctx._source.a = params['b'] + params.get('c')"]
        {
            assert!(checked(source, ScriptPlace::Reindex), "{source}");
        }
        assert!(checked("ctx.a = params[ctx.b]", ScriptPlace::Pipeline));
        let kept = json!({"lang": "painless", "source": "ctx.a = params[ctx.b]"});
        assert!(check_stored_script(&kept).is_err(), "a stored one may be used anywhere");
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
            "ctx.url = 'http://' + ctx.host",
            "// what it does\nctx.a = 1 // so\n",
            "ctx._index = 'logs-' + ctx.service.name",
            "ctx._index = 'metricbeat-' + (ctx._index.substring('metricbeat-'.length(), ctx._index.length())) + '-1'",
            "Debug.explain(doctx); def ctxs = 1",
        ] {
            let told = check_script(
                &json!({ "source": source }),
                ScriptPlace::Pipeline,
                &Registries::default(),
            );
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
        let checked = |id: &str| {
            check_script(&json!({ "id": id }), ScriptPlace::Pipeline, &registries).is_ok()
        };
        assert_eq!((checked("good"), checked("bad"), checked("later")), (true, false, true));
        assert_eq!(check_stored_script(&json!({"lang": "mustache", "source": "{{ctx}}"})), Ok(()));
    }
}

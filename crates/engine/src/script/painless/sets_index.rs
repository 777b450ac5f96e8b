//! Whether a script of a pipeline or of `_reindex` may set `ctx._index`: told from its words, without running it.
//!
//! All that such a script changes is in the map `ctx`. So it passes where each `ctx` among its words is followed by the name of a member that
//! is no `_index`, or by a call that sets none; and where `_index` is set, by a text that begins with a literal. A map that gets another name
//! (`def c = ctx`, `f(ctx)`) could be written anywhere, and a key that is made at run time may be any: such a script does not pass, nor does
//! one that is not read here.
//!
//! Source: Painless language specification, "Ingest processor context", "Reindex context"; Elasticsearch 7's scripts of updates have their
//! `ctx` in `params`, too.

use super::lexer::{Token, TokenKind, tokens};

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

/// Methods of `params` that give what one name stands for, and nothing else.
const OF_ONE_NAME: &[&str] = &["containsKey", "get", "getOrDefault"];

/// What changes what stands before it.
const ASSIGNMENTS: &[&str] =
    &["=", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "<<=", ">>=", ">>>=", "++", "--"];

/// Refuses a script that may set `_index` to a name of which `passes` does not say so; it is given how the name begins, and whether that is
/// all of it. `params_too`: the script may find its `ctx` in `params`.
///
/// # Errors
/// In words: by what.
pub(crate) fn check_index(
    source: &str,
    params_too: bool,
    passes: impl Fn(&str, bool) -> bool,
) -> Result<(), String> {
    let tokens = tokens(source).map_err(|_fault| "a script that is not read here".to_owned())?;
    if ends_in_a_comment(source, &tokens) {
        // Without the end of its line it is none to the real reader, but a division and a pattern.
        return Err("a [//] without the end of its line in a script".to_owned());
    }
    // Where a `/` is taken otherwise by another reader, what is a text here may be none there.
    let has_slash = tokens.iter().any(|token| match &token.kind {
        TokenKind::Regex(..) => true,
        TokenKind::Sign(sign) => *sign == "/",
        _ => false,
    });
    for (at, token) in tokens.iter().enumerate() {
        let rest = tokens.get(at + 1..).unwrap_or_default();
        match &token.kind {
            TokenKind::Name(name) => match name.as_str() {
                "ctx" => member(rest, &passes)?,
                "params" if params_too => parameter(rest)?,
                // Elasticsearch 8's other ways to it.
                "metadata" | "field" if is_sign(rest, 0, "(") => {
                    return Err(format!("[{name}()] in a script may set [_index]"));
                }
                _ => {}
            },
            TokenKind::Text(text) | TokenKind::Regex(text, _)
                if has_slash && text.contains("ctx") =>
            {
                return Err("[ctx] in a text beside a [/] in a script".to_owned());
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a comment up to the end of its line is the last thing in `source`, and the line has no end.
fn ends_in_a_comment(source: &str, tokens: &[Token]) -> bool {
    let last = tokens.iter().rev().find(|token| token.kind != TokenKind::End);
    let end = last.map_or(0, |token| token.at + token.raw.chars().count());
    let behind: String = source.chars().skip(end).collect();
    behind.rsplit(['\n', '\r']).next().is_some_and(|line| line.contains("//"))
}

/// Refuses what follows a `ctx` where that is not a member that is named, or sets `_index`.
fn member(rest: &[Token], passes: &impl Fn(&str, bool) -> bool) -> Result<(), String> {
    let (name, dotted, rest) = named(rest).ok_or_else(|| {
        "[ctx] in a script, without the name of a member behind it, may set [_index]".to_owned()
    })?;
    if dotted && is_sign(rest, 0, "(") {
        let puts = name == "put"
            && is_sign(rest, 2, ",")
            && text(rest, 1).is_some_and(|key| key != "_index");
        return match READING.contains(&name) || puts {
            true => Ok(()),
            false => Err(format!("[ctx.{name}()] in a script may set [_index]")),
        };
    }
    match name != "_index" || is_read(rest) || is_set_elsewhere(rest, passes) {
        true => Ok(()),
        false => Err("a script sets [_index] to what is not known before it runs".to_owned()),
    }
}

/// Refuses what follows `params` where that may be its `ctx`. By its own name that is a `ctx` like any other.
fn parameter(rest: &[Token]) -> Result<(), String> {
    let one =
        named(rest).is_some_and(|(name, dotted, rest)| match dotted && is_sign(rest, 0, "(") {
            true => {
                OF_ONE_NAME.contains(&name)
                    && text(rest, 1).is_some_and(|key| key != "ctx")
                    && (is_sign(rest, 2, ",") || is_sign(rest, 2, ")"))
            }
            false => dotted || name != "ctx",
        });
    match one {
        true => Ok(()),
        false => {
            Err("[params] in a script, without a name behind it, may be [params.ctx]".to_owned())
        }
    }
}

/// The member that is named, `.name` or `['name']`; whether by a dot; what follows it.
fn named(rest: &[Token]) -> Option<(&str, bool, &[Token])> {
    if is_sign(rest, 0, ".") || is_sign(rest, 0, "?.") {
        let TokenKind::Name(name) = &rest.get(1)?.kind else { return None };
        return Some((name, true, rest.get(2..)?));
    }
    let key = text(rest, 1).filter(|_| is_sign(rest, 0, "[") && is_sign(rest, 2, "]"))?;
    Some((key, false, rest.get(3..)?))
}

/// Whether what follows `ctx._index` sets nothing, behind all parentheses that it may stand in.
fn is_read(rest: &[Token]) -> bool {
    let behind = rest.iter().find(|token| token.kind != TokenKind::Sign(")"));
    !matches!(behind.map(|token| &token.kind), Some(TokenKind::Sign(sign)) if ASSIGNMENTS.contains(sign))
}

/// Whether what follows `ctx._index` sets it to a text, or to what is joined to one, of which `passes` says so.
fn is_set_elsewhere(rest: &[Token], passes: &impl Fn(&str, bool) -> bool) -> bool {
    let Some(begin) = text(rest, 1).filter(|_| is_sign(rest, 0, "=")) else { return false };
    let rest = rest.get(2..).unwrap_or_default();
    if ends(rest.first()) {
        return passes(begin, true);
    }
    is_sign(rest, 0, "+") && is_joined(rest) && passes(begin, false)
}

/// Whether nothing but joining stands outside of brackets before the statement ends.
fn is_joined(rest: &[Token]) -> bool {
    let mut depth = 0_usize;
    for token in rest {
        match &token.kind {
            TokenKind::End => return depth == 0,
            TokenKind::Sign("(" | "[") => depth += 1,
            TokenKind::Sign(")" | "]") => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            },
            TokenKind::Sign(";" | "}") if depth == 0 => return true,
            TokenKind::Sign("." | "?." | "+") => {}
            TokenKind::Sign(_) | TokenKind::Word(_) if depth == 0 => return false,
            _ => {}
        }
    }
    false
}

fn ends(token: Option<&Token>) -> bool {
    matches!(token.map(|it| &it.kind), None | Some(TokenKind::End | TokenKind::Sign(";" | "}")))
}

fn is_sign(rest: &[Token], at: usize, sign: &str) -> bool {
    matches!(rest.get(at).map(|it| &it.kind), Some(TokenKind::Sign(it)) if *it == sign)
}

fn text(rest: &[Token], at: usize) -> Option<&str> {
    match &rest.get(at)?.kind {
        TokenKind::Text(text) => Some(text),
        _ => None,
    }
}

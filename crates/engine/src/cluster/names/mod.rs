//! From index expressions to names: wildcards, exclusions, `_all`, date math, aliases.
//!
//! The authorizer and the engine resolve with this one function, on the same metadata snapshot and with the same `now`.
//! Source: `IndexNameExpressionResolver` of Elasticsearch 7.10 and OpenSearch 2.19.

use super::metadata::{IndexMetadata, Metadata};
use crate::exception::{Exception, ExceptionKind};
use crate::flavor::Flavor;
use crate::limits::{INDEX_EXPRESSIONS_MAX, INDEX_NAME_BYTES_MAX};
pub use crate::name_pattern::matches;
use crate::rest::{QueryParameters, Route};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What an expression that names too little or too much does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndicesOptions {
    /// A name without an index is passed over instead of refused.
    pub ignore_unavailable: bool,
    /// A pattern that matches nothing is no fault.
    pub allow_no_indices: bool,
    /// Patterns match open indices.
    pub open: bool,
    /// Patterns match closed indices.
    pub closed: bool,
    /// Patterns match hidden indices and aliases.
    pub hidden: bool,
    /// A closed index that is named is a fault.
    pub forbid_closed: bool,
    /// Names stand for indices only; an alias is a fault (`DELETE /{index}`).
    pub no_aliases: bool,
    /// The names of data streams stand for nothing.
    pub no_data_streams: bool,
    /// Whose refusals are told.
    pub flavor: Flavor,
}

/// Which indices the patterns in an API's URL match, before its query says otherwise: a word of the API's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlPatterns {
    /// Open ones; a closed one that is named is refused.
    Open,
    /// Open ones; closed ones may be named.
    OpenOrNamed,
    /// Open and closed ones.
    Any,
    /// Open and closed ones, and no data stream may stand for them: what gets an alias.
    NoStreams,
    /// Open, closed and hidden ones.
    All,
    /// Closed ones: what is to be opened.
    Closed,
    /// Open and closed ones, and no alias may stand for them: what is to be deleted.
    Concrete,
    /// All of them when the URL asks for all, else open ones, and what is missing is passed over.
    AllWhenAsked,
}

impl UrlPatterns {
    fn options(self, route: &Route) -> IndicesOptions {
        let any = IndicesOptions::ANY;
        match self {
            UrlPatterns::Open => IndicesOptions::SEARCH,
            UrlPatterns::OpenOrNamed => IndicesOptions::METADATA,
            UrlPatterns::Any => any,
            UrlPatterns::All => IndicesOptions { hidden: true, ..any },
            UrlPatterns::Closed => IndicesOptions { open: false, ..any },
            UrlPatterns::Concrete => {
                IndicesOptions { no_aliases: true, no_data_streams: true, ..any }
            }
            UrlPatterns::NoStreams => IndicesOptions { no_data_streams: true, ..any },
            UrlPatterns::AllWhenAsked => {
                let all = route.part("index").is_none_or(|list| matches!(list, "_all" | "*"));
                // A closed one that is named is there.
                let named = route.part("index").is_some_and(|list| !list.contains('*'));
                let (closed, hidden) = (all || named, all);
                IndicesOptions {
                    ignore_unavailable: true,
                    closed,
                    hidden,
                    ..IndicesOptions::METADATA
                }
            }
        }
    }
}

impl IndicesOptions {
    /// Patterns match open indices, and a closed one that is named is refused: searches.
    pub const SEARCH: IndicesOptions = IndicesOptions {
        ignore_unavailable: false,
        allow_no_indices: true,
        open: true,
        closed: false,
        hidden: false,
        forbid_closed: true,
        no_aliases: false,
        no_data_streams: false,
        flavor: Flavor::Elasticsearch710,
    };

    /// Patterns match open indices; closed ones may be named: metadata.
    pub const METADATA: IndicesOptions =
        IndicesOptions { forbid_closed: false, ..IndicesOptions::SEARCH };

    /// Patterns match open and closed indices.
    pub const ANY: IndicesOptions = IndicesOptions { closed: true, ..IndicesOptions::METADATA };

    /// The options of `route`: its API's own, with what its query says put over them.
    /// Errors: `illegal_argument_exception` for a value none of them has.
    pub fn of(route: &Route) -> Result<IndicesOptions, Exception> {
        let indices = route.api.row().indices;
        let own = indices.map_or(IndicesOptions::SEARCH, |indices| indices.patterns.options(route));
        IndicesOptions { flavor: route.flavor, ..own }.from_query(&route.query)
    }

    /// These options with what `query` says put over them.
    /// Errors: `illegal_argument_exception` for a value none of them has.
    pub fn from_query(self, query: &QueryParameters) -> Result<IndicesOptions, Exception> {
        let mut options = IndicesOptions {
            ignore_unavailable: query.flag("ignore_unavailable", self.ignore_unavailable)?,
            allow_no_indices: query.flag("allow_no_indices", self.allow_no_indices)?,
            ..self
        };
        // Nothing is ever frozen here: what is throttled is what there is not.
        query.flag("ignore_throttled", false)?;
        if let Some(words) = query.list("expand_wildcards") {
            options = options.expanding(&words)?;
        }
        // A parameter of `_stats` alone.
        if !query.flag("forbid_closed_indices", true)? {
            options.forbid_closed = false;
        }
        Ok(options)
    }

    /// These options with `expand_wildcards` being `words`.
    /// Errors: `illegal_argument_exception` for an unknown word.
    pub fn expanding(self, words: &[&str]) -> Result<IndicesOptions, Exception> {
        let mut options = IndicesOptions { open: false, closed: false, hidden: false, ..self };
        for word in words {
            match *word {
                "open" => options.open = true,
                "closed" => options.closed = true,
                "hidden" => options.hidden = true,
                "all" => (options.open, options.closed, options.hidden) = (true, true, true),
                "none" => (options.open, options.closed, options.hidden) = (false, false, false),
                other => {
                    return Err(Exception::illegal_argument(format!(
                        "No valid expand wildcard value [{other}]"
                    )));
                }
            }
        }
        Ok(options)
    }
}

/// One name that expressions came to: an index, an alias with the indices behind it, or nothing that exists.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name of the index or alias.
    pub name: String,
    /// Whether a pattern found it; otherwise it was named.
    pub wildcard: bool,
    /// Whether it is an alias.
    pub alias: bool,
    /// The index itself, or those behind the alias; none when the name does not exist.
    pub indices: Vec<Arc<IndexMetadata>>,
}

impl Named {
    /// The one index that a document API reads by this name; `None` where there is none.
    ///
    /// # Errors
    /// `illegal_argument_exception` for an alias of many.
    pub fn one_index(&self) -> Result<Option<&Arc<IndexMetadata>>, Exception> {
        match self.indices.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            many => {
                let mut names: Vec<&str> = many.iter().map(|index| index.name.as_str()).collect();
                names.sort_unstable();
                Err(Exception::illegal_argument(format!(
                    "Alias [{}] has more than one index associated with it [{}], can't execute a single index op",
                    self.name,
                    names.join(", ")
                )))
            }
        }
    }
}

/// Resolves `expressions` (each may be a comma-separated list; none, `_all` and `*` mean every index), for the authorizer.
///
/// A missing name is returned with no indices, for the authorizer to ask about before its absence is told, and a pattern
/// that matches nothing is no fault here: whether it may be one is for [`seen`] to say, when it is known what the caller
/// may touch. Errors: names that cannot be, remote clusters, too many expressions.
pub fn resolve<S: AsRef<str>>(
    metadata: &Metadata,
    expressions: &[S],
    options: IndicesOptions,
    now: Timestamp,
) -> Result<Vec<Named>, Exception> {
    let options = IndicesOptions { allow_no_indices: true, ..options };
    Ok(seen(metadata, expressions, options, now, |_| true)?.names)
}

/// What expressions came to for one caller.
#[derive(Clone, Debug)]
pub struct ResolvedNames {
    /// The names; behind each, the indices that the caller may touch.
    pub names: Vec<Named>,
    /// The expressions, as they were asked for: the only names that a refusal tells.
    asked: String,
}

/// Resolves `expressions` as [`resolve`] does, for a caller to whom an index exists only if it `sees` its uuid: a pattern
/// that matches nothing else matches nothing, and refusals name what was asked for, never what was found.
/// Errors: those of [`resolve`], and `allow_no_indices=false` with a pattern that matches nothing.
pub fn seen<S: AsRef<str>>(
    metadata: &Metadata,
    expressions: &[S],
    options: IndicesOptions,
    now: Timestamp,
    sees: impl Fn(&str) -> bool,
) -> Result<ResolvedNames, Exception> {
    let list: Vec<&str> =
        expressions.iter().flat_map(|expression| split(expression.as_ref())).collect();
    if list.len() > INDEX_EXPRESSIONS_MAX {
        return Err(Exception::illegal_argument(format!(
            "more than {INDEX_EXPRESSIONS_MAX} index expressions"
        )));
    }
    let all = [String::from("*")];
    let mut found: Vec<Named> = Vec::new();
    let mut wildcard_seen = false;
    let asked = if list.is_empty() { "_all".to_owned() } else { list.join(",") };
    let dated: Vec<String> = if list.is_empty() {
        all.into()
    } else {
        list.into_iter().map(|name| super::date_math::name(name, now)).collect::<Result<_, _>>()?
    };
    for expression in &dated {
        check_expression(expression)?;
        let pattern = if expression == "_all" { "*" } else { expression };
        if let (true, Some(excluded)) = (wildcard_seen, pattern.strip_prefix('-')) {
            exclude(&mut found, metadata, excluded, options);
            continue;
        }
        if !pattern.contains('*') {
            let mut name = named(metadata, pattern);
            if options.no_data_streams && metadata.data_stream(pattern).is_some() {
                (name.alias, name.indices) = (false, Vec::new());
            }
            name.indices.retain(|index| sees(&index.uuid));
            found.push(name);
            continue;
        }
        wildcard_seen = true;
        let mut matched = matching(metadata, pattern, options);
        matched.iter_mut().for_each(|name| name.indices.retain(|index| sees(&index.uuid)));
        matched.retain(|name| !name.indices.is_empty());
        if matched.is_empty() && !options.allow_no_indices {
            return Err(Exception::index_not_found(expression));
        }
        // Many patterns may find the same names: each is there once, so that what follows is bounded by what there is.
        let there: BTreeSet<&str> =
            found.iter().filter(|name| name.wildcard).map(|name| name.name.as_str()).collect();
        matched.retain(|name| !there.contains(name.name.as_str()));
        found.extend(matched);
    }
    Ok(ResolvedNames { names: found, asked })
}

impl ResolvedNames {
    /// The indices, each once. A name without one is `index_not_found_exception` unless a pattern found it or
    /// `ignore_unavailable` says otherwise; so is nothing at all without `allow_no_indices`.
    pub fn existing(&self, options: IndicesOptions) -> Result<Vec<Arc<IndexMetadata>>, Exception> {
        let mut indices: Vec<Arc<IndexMetadata>> = Vec::new();
        let mut known: BTreeSet<Arc<str>> = BTreeSet::new();
        for name in &self.names {
            if name.indices.is_empty() && !name.wildcard && !options.ignore_unavailable {
                return Err(Exception::index_not_found(&name.name));
            }
            if options.passes_over(name) {
                continue;
            }
            for index in &name.indices {
                check_closed(index, name, options)?;
                if index.closed && options.forbid_closed_by(name) {
                    continue;
                }
                if known.insert(Arc::clone(&index.uuid)) {
                    indices.push(Arc::clone(index));
                }
            }
        }
        if indices.is_empty() && !options.allow_no_indices {
            return Err(Exception::index_not_found(&self.asked));
        }
        Ok(indices)
    }
}

impl IndicesOptions {
    /// Whether a name is passed over in silence: an alias that may not stand for its indices, where what is not available
    /// is ignored.
    fn passes_over(self, name: &Named) -> bool {
        self.no_aliases && self.ignore_unavailable && name.alias
    }

    /// Whether a closed index found through `name` is passed over in silence.
    fn forbid_closed_by(self, name: &Named) -> bool {
        (self.forbid_closed && (name.wildcard || self.ignore_unavailable))
            || (self.ignore_unavailable && !self.closed)
    }
}

fn check_closed(
    index: &IndexMetadata,
    name: &Named,
    options: IndicesOptions,
) -> Result<(), Exception> {
    if options.no_aliases && name.alias && !name.wildcard {
        return Err(Exception::illegal_argument(format!(
            "The provided expression [{}] matches an alias, specify the corresponding concrete indices instead.",
            name.name
        )));
    }
    // A pattern that is asked for closed indices finds them, as their names do.
    let asked = !options.ignore_unavailable && (!name.wildcard || options.closed);
    if !(index.closed && options.forbid_closed && asked) {
        return Ok(());
    }
    let only_closed = name.wildcard && options.closed && !options.open && !options.hidden;
    if only_closed && options.flavor == Flavor::OpenSearch219 {
        return Err(Exception::illegal_argument(
            "To expand [CLOSE] wildcard, please set forbid_closed_indices to `false`",
        ));
    }
    Err(Exception::new(ExceptionKind::IndexClosed, "closed").on_index(&index.name, &index.uuid))
}

/// A name in which date math is read and patterns are not: the target of a document API.
/// Errors: a remote cluster's name, date math that cannot be read.
pub fn single(metadata: &Metadata, name: &str, now: Timestamp) -> Result<Named, Exception> {
    let name = super::date_math::name(name, now)?;
    if name.contains(':') {
        check_expression(&name)?;
    }
    Ok(named(metadata, &name))
}

/// A name as it is: the index, the alias, or nothing.
pub fn named(metadata: &Metadata, name: &str) -> Named {
    let (alias, indices) = match metadata.index(name) {
        Some(index) => (false, vec![Arc::clone(index)]),
        None => {
            let behind: Vec<_> = metadata.alias(name).into_iter().map(Arc::clone).collect();
            (!behind.is_empty(), behind)
        }
    };
    Named { name: name.to_owned(), wildcard: false, alias, indices }
}

fn matching(metadata: &Metadata, pattern: &str, options: IndicesOptions) -> Vec<Named> {
    let dotted = pattern.starts_with('.');
    let state = |index: &IndexMetadata| if index.closed { options.closed } else { options.open };
    let mut found = Vec::new();
    for index in metadata.indices() {
        let hidden = index.settings.is("hidden");
        let shown = !hidden || options.hidden || (dotted && index.name.starts_with('.'));
        if shown && state(index) && matches(pattern, &index.name) {
            found.push(Named {
                name: index.name.clone(),
                wildcard: true,
                alias: false,
                indices: vec![Arc::clone(index)],
            });
        }
    }
    if !options.no_data_streams {
        let streams = metadata.data_streams().filter(|stream| matches(pattern, &stream.name));
        for stream in streams {
            let behind = metadata.alias(&stream.name).into_iter().filter(|index| state(index));
            let indices: Vec<_> = behind.map(Arc::clone).collect();
            if !indices.is_empty() {
                found.push(Named {
                    name: stream.name.clone(),
                    wildcard: true,
                    alias: true,
                    indices,
                });
            }
        }
    }
    if options.no_aliases || pattern == "*" {
        // Every index is there by its own name already; hidden indices stay hidden behind their visible aliases.
        return found;
    }
    for alias in metadata.alias_names().into_iter().filter(|alias| matches(pattern, alias)) {
        let behind = metadata.alias(alias).into_iter().filter(|index| {
            let hidden =
                index.aliases.get(alias).is_some_and(|alias| alias.is_hidden == Some(true));
            state(index) && (!hidden || options.hidden || (dotted && alias.starts_with('.')))
        });
        let indices: Vec<_> = behind.map(Arc::clone).collect();
        if !indices.is_empty() {
            found.push(Named { name: alias.to_owned(), wildcard: true, alias: true, indices });
        }
    }
    found
}

fn exclude(found: &mut Vec<Named>, metadata: &Metadata, pattern: &str, options: IndicesOptions) {
    let gone: BTreeSet<Arc<str>> = if pattern.contains('*') {
        let every = IndicesOptions { open: true, closed: true, hidden: true, ..options };
        let matched = matching(metadata, pattern, every);
        matched.iter().flat_map(|name| &name.indices).map(|index| Arc::clone(&index.uuid)).collect()
    } else {
        metadata.index(pattern).map(|index| Arc::clone(&index.uuid)).into_iter().collect()
    };
    for name in found.iter_mut() {
        name.indices.retain(|index| !gone.contains(&index.uuid));
    }
    found.retain(|name| name.name != pattern && (!name.wildcard || !name.indices.is_empty()));
}

/// Splits a list at its commas, but not inside the `<…>` of date math.
fn split(list: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    list.split(move |letter| {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            _ => {}
        }
        letter == ',' && !inside
    })
    .filter(|name| !name.is_empty())
}

fn check_expression(expression: &str) -> Result<(), Exception> {
    if let Some((cluster, _)) = expression.split_once(':') {
        return Err(Exception::new(
            ExceptionKind::NoSuchRemoteCluster,
            format!("no such remote cluster: [{cluster}]"),
        ));
    }
    if expression.starts_with('_') && expression != "_all" {
        return Err(invalid(expression, "must not start with '_'."));
    }
    Ok(())
}

/// The name after `name` in a series: `logs-000007` → `logs-000008`, `<logs-{now/d}-1>` → `<logs-{now/d}-000002>`.
///
/// # Errors
/// `illegal_argument_exception` for a name without a number at its end.
pub fn next_of_series(name: &str) -> Result<String, Exception> {
    let (bare, end) = match name.strip_suffix('>') {
        Some(bare) => (bare, ">"),
        None => (name, ""),
    };
    let number = bare.rsplit_once('-').and_then(|(series, number)| {
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let next = number.parse::<u64>().ok().filter(|_| digits)?.checked_add(1)?;
        Some(format!("{series}-{next:06}{end}"))
    });
    number.ok_or_else(|| {
        Exception::illegal_argument(format!(
            "index name [{name}] does not match pattern '^.*-\\d+$'"
        ))
    })
}

/// Whether an index of this name holds a cluster's own users, roles and tokens: OpenSearch's security plugin keeps its
/// configuration in `.opendistro_security` (`plugins.security.config_index_name`'s default) and what it was before in
/// `.opensearch_security_config_versions` (OpenSearch 3), Elasticsearch 7 in `.security-7` behind the alias `.security`, and in
/// `.security-tokens-7`.
pub fn holds_security_configuration(name: &str) -> bool {
    matches!(name, ".opendistro_security" | ".opensearch_security_config_versions" | ".security")
        || name.starts_with(".security-")
}

/// What a request is refused with that reaches for such an index. It names the index no more than the caller did.
pub const SECURITY_TEXT: &str =
    "no request reaches the indices of a cluster's security configuration, whatever policies allow";

/// Refuses to make or write an index of such a name.
///
/// # Errors
/// `security_exception`.
pub fn check_is_no_security_configuration(name: &str) -> Result<(), Exception> {
    match holds_security_configuration(name) {
        true => Err(Exception::new(ExceptionKind::Security, SECURITY_TEXT)),
        false => Ok(()),
    }
}

/// Refuses a name that no index may have, in Elasticsearch's words.
pub fn validate_index_name(name: &str) -> Result<(), Exception> {
    validate(name).map_err(|what| invalid(name, &what))?;
    if name.chars().any(char::is_uppercase) {
        return Err(invalid(name, "must be lowercase"));
    }
    Ok(())
}

/// Refuses a name that no data stream may have, in OpenSearch's words.
///
/// # Errors
/// `illegal_argument_exception`.
pub fn validate_data_stream_name(name: &str) -> Result<(), Exception> {
    let fault = match validate(name) {
        Err(what) => what,
        Ok(()) if name.chars().any(char::is_uppercase) => "must be lowercase".to_owned(),
        Ok(()) if name.starts_with('.') => "must not start with '.'".to_owned(),
        Ok(()) => return Ok(()),
    };
    Err(Exception::illegal_argument(format!("data_stream [{name}] {fault}")))
}

/// Refuses a name that no alias may have, in Elasticsearch's words.
pub fn validate_alias_name(name: &str) -> Result<(), Exception> {
    validate(name).map_err(|what| {
        Exception::new(
            ExceptionKind::InvalidAliasName,
            format!("Invalid alias name [{name}]: {what}"),
        )
    })
}

fn validate(name: &str) -> Result<(), String> {
    let forbidden = [' ', '"', '*', '\\', '<', '|', ',', '>', '/', '?'];
    if name.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if name.contains(forbidden) || name.contains(char::is_control) {
        return Err(
            "must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]".to_owned()
        );
    }
    if name.contains('#') {
        return Err("must not contain '#'".to_owned());
    }
    if name.contains(':') {
        return Err("must not contain ':'".to_owned());
    }
    if name.starts_with(['_', '-', '+']) {
        return Err("must not start with '_', '-', or '+'".to_owned());
    }
    if name.len() > INDEX_NAME_BYTES_MAX {
        return Err(format!("index name is too long, ({} > {INDEX_NAME_BYTES_MAX})", name.len()));
    }
    if name == "." || name == ".." {
        return Err("must not be '.' or '..'".to_owned());
    }
    Ok(())
}

fn invalid(name: &str, what: &str) -> Exception {
    Exception::new(ExceptionKind::InvalidIndexName, format!("Invalid index name [{name}], {what}"))
        .on_index(name, "_na_")
}

#[cfg(test)]
mod tests;

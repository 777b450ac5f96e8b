//! Alias actions: concrete indices and names in each.

use engine::cluster::names::{self, IndicesOptions};
use engine::exception::{Exception, ExceptionKind};
use engine::rest::{AliasAction, AliasChange, Method, ParsedBody};
use serde_json::{Value, json};

use super::{JudgedRequest, Plan, acknowledged, printed, refused, sent};

impl JudgedRequest<'_> {
    /// All actions as one `POST /_aliases`, whichever path carried them.
    pub(super) fn aliases(&self) -> Result<Plan, Exception> {
        let ParsedBody::Aliases(actions) = &self.parsed.body else {
            return Err(Exception::illegal_argument("No action specified"));
        };
        let options = IndicesOptions::of(self.route())?;
        let mut made = Vec::new();
        let mut missing: Vec<&str> = Vec::new();
        for (position, action) in actions.iter().enumerate() {
            let sees = |uuid: &str| self.grants.item_sees(position, uuid);
            let found = names::seen(self.metadata, &action.indices, options, self.now, sees)?;
            for index in found.existing(options)? {
                match &action.change {
                    AliasChange::Add(alias) => {
                        action
                            .aliases
                            .iter()
                            .try_for_each(|name| names::validate_alias_name(name))?;
                        let mut add = alias.to_json();
                        put(&mut add, "index", index.name.as_str().into());
                        put(&mut add, "aliases", action.aliases.clone().into());
                        made.push(json!({ "add": add }));
                    }
                    AliasChange::Remove { must_exist } => {
                        let gone = removed(action, index.aliases.keys().map(String::as_str))?;
                        if gone.is_empty() && *must_exist == Some(true) {
                            return Err(not_found(&action.aliases));
                        }
                        if gone.is_empty() {
                            let named = action.aliases.iter().map(String::as_str);
                            missing.extend(named.filter(|_| *must_exist != Some(false)));
                        } else {
                            let name = index.name.as_str();
                            made.push(json!({ "remove": { "index": name, "aliases": gone } }));
                        }
                    }
                    AliasChange::RemoveIndex => {
                        made.push(json!({ "remove_index": { "index": index.name } }));
                    }
                }
            }
        }
        if made.is_empty() {
            return match missing.is_empty() {
                true => Ok(acknowledged()),
                false => Err(not_found(&missing)),
            };
        }
        let body = printed(&json!({ "actions": made }));
        let mut request = self.on_path("/_aliases".to_owned(), body)?;
        request.method = Method::Post;
        Ok(sent(request))
    }
}

/// The aliases of an index that an action takes away.
fn removed<'a>(
    action: &AliasAction,
    aliases: impl Iterator<Item = &'a str>,
) -> Result<Vec<&'a str>, Exception> {
    if action.aliases.iter().any(|pattern| pattern.starts_with('-')) {
        return Err(refused("removing aliases by an expression with an exclusion"));
    }
    let wanted = |name: &&str| {
        action.aliases.iter().any(|pattern| pattern == "_all" || names::matches(pattern, name))
    };
    Ok(aliases.filter(wanted).collect())
}

fn not_found<S: AsRef<str>>(aliases: &[S]) -> Exception {
    let list = aliases.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(",");
    Exception::new(ExceptionKind::AliasesNotFound, format!("aliases [{list}] missing"))
        .with("resource.type", "aliases")
        .with("resource.id", list)
}

fn put(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

//! The calls that a seed is: signed by an account's root, over the service's own listeners.

use client::credentials::{CredentialCache, Credentials};
use client::signed::{ClientOptions, SearchClient};
use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use server::{KnownKey, Service};

use crate::{Failure, outbound};

/// What a call came to: the status, and the text of its body.
pub(super) struct SeedAnswer {
    pub(super) status: StatusCode,
    pub(super) text: String,
}

impl SeedAnswer {
    /// The value that an XML or JSON body has under `name`, where it is a text that needs no unescaping.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.text.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(value, _)| value)
    }
}

/// The root of one account, who calls.
pub(super) struct SeedCaller<'s> {
    service: &'s Service,
    key: &'s KnownKey,
}

impl<'s> SeedCaller<'s> {
    /// The caller with this key.
    pub(super) fn new(service: &'s Service, key: &'s KnownKey) -> Self {
        Self { service, key }
    }

    /// An operation of `iam`, by the query protocol. What is there already is fine.
    pub(super) async fn iam(&self, action: &str, input: Value) -> Result<SeedAnswer, Failure> {
        let mut pairs = vec![
            ("Action".to_owned(), action.to_owned()),
            ("Version".to_owned(), "2010-05-08".to_owned()),
        ];
        flatten("", &input, &mut pairs);
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        let form = pairs.collect::<Vec<_>>().join("&");
        let to = (self.service.control_url.as_str(), "iam");
        let form_type = "application/x-www-form-urlencoded; charset=utf-8";
        let answer = self.send(to, (Method::POST, "/"), form_type, form).await?;
        let there = answer.value("Code") == Some("EntityAlreadyExists");
        if answer.status.is_success() || there {
            return Ok(answer);
        }
        let why = answer.value("Message").unwrap_or(&answer.text);
        Err(format!("{action}: {why}").into())
    }

    /// A call with a JSON body (none for `Null`) that is signed for `es`: of a domain, or of the control plane.
    pub(super) async fn es(
        &self,
        origin: &str,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<SeedAnswer, Failure> {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.send((origin, "es"), (method, path), "application/json", text).await
    }

    async fn send(
        &self,
        (origin, signs_as): (&str, &str),
        (method, path): (Method, &str),
        content_type: &'static str,
        body: String,
    ) -> Result<SeedAnswer, Failure> {
        let KnownKey { access_key_id, secret, .. } = self.key;
        let key = Credentials::new(access_key_id, secret.expose());
        let options = ClientOptions::new(origin, outbound::now)?.ca(&self.service.ca);
        let options = options.region(&self.service.region).service(signs_as);
        let client = SearchClient::open(options.credentials(CredentialCache::fixed(key))).await?;
        let answer = client.request(method, path).body(content_type, body).send().await?;
        let status = StatusCode::from_u16(answer.status())?;
        Ok(SeedAnswer {
            status,
            text: String::from_utf8_lossy(&answer.bytes().await?).into_owned(),
        })
    }
}

/// The query protocol: `Tags.member.1.Key`.
fn flatten(prefix: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    let named =
        |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                flatten(&named(name), value, pairs);
            }
        }
        Value::Array(items) => {
            for (number, item) in (1..).zip(items) {
                flatten(&named(&format!("member.{number}")), item, pairs);
            }
        }
        Value::Null => {}
        Value::String(text) => pairs.push((prefix.to_owned(), text.clone())),
        other => pairs.push((prefix.to_owned(), other.to_string())),
    }
}

/// Tags as the APIs take them.
pub(super) fn tags(tags: &std::collections::BTreeMap<String, String>) -> Value {
    let tag = |(key, value): (&String, &String)| {
        let mut tag = Map::new();
        tag.insert("Key".to_owned(), Value::String(key.clone()));
        tag.insert("Value".to_owned(), Value::String(value.clone()));
        Value::Object(tag)
    };
    tags.iter().map(tag).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_and_structures_become_dotted_names() {
        let mut pairs = Vec::new();
        flatten(
            "",
            &json!({"UserName": "a", "Tags": [{"Key": "k", "Value": "v"}], "Path": null}),
            &mut pairs,
        );
        pairs.sort();
        let pairs: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(pairs, ["Tags.member.1.Key=k", "Tags.member.1.Value=v", "UserName=a"]);
    }
}

//! `user_agent`: which program on which system a browser's line names.
//!
//! The real processor reads lines by a list of a thousand regular expressions; this one knows the browsers, robots and
//! tools that most lines are of, by their own tokens, and says `Other` of the rest.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Processor;
use crate::exception::Exception;
use crate::flavor::Flavor;
use crate::ingest::IngestDocument;
use crate::ingest::definition::ProcessorDefinition;
use crate::ingest::run::{Failure, Outcome, Run};

const PROPERTIES: &[&str] = &["name", "os", "device", "original", "version"];

#[derive(Debug)]
struct UserAgent {
    field: String,
    target: String,
    properties: BTreeSet<String>,
    ignore_missing: bool,
}

pub(super) fn create(
    definition: &mut ProcessorDefinition,
    _flavor: Flavor,
) -> Result<Box<dyn Processor>, Exception> {
    let field = definition.text("field")?;
    let target = definition.optional_text("target_field")?;
    if definition.optional_text("regex_file")?.is_some() {
        return Err(Exception::not_implemented("regex_file of user_agent"));
    }
    let ignore_missing = definition.flag("ignore_missing", false)?;
    definition.flag("ecs", true)?;
    let asked = definition.optional_texts("properties")?;
    let asked = asked.unwrap_or_else(|| PROPERTIES.iter().map(|name| (*name).to_owned()).collect());
    let properties: BTreeSet<String> = asked.iter().map(|name| name.to_lowercase()).collect();
    if let Some(unknown) = properties.iter().find(|name| !PROPERTIES.contains(&name.as_str())) {
        let reason = format!(
            "illegal property value [{unknown}]. valid values are [NAME, OS, DEVICE, ORIGINAL, VERSION]"
        );
        return Err(definition.fault(Some("properties"), &reason));
    }
    let target = target.unwrap_or_else(|| "user_agent".to_owned());
    Ok(Box::new(UserAgent { field, target, properties, ignore_missing }))
}

impl Processor for UserAgent {
    fn run(&self, document: &mut IngestDocument, _run: &mut Run<'_>) -> Result<Outcome, Failure> {
        let null = "cannot parse user-agent.";
        let Some(line) = document.text(&self.field, self.ignore_missing, null)? else {
            return Ok(Outcome::Done);
        };
        let mut told = read(line);
        told.retain(|name, _| self.properties.contains(name));
        document.set(&self.target, Value::Object(told))?;
        Ok(Outcome::Done)
    }
}

/// Programs by their token, the particular ones before those that they also claim to be: token, name.
const PROGRAMS: &[(&str, &str)] = &[
    ("Googlebot/", "Googlebot"),
    ("bingbot/", "bingbot"),
    ("YandexBot/", "YandexBot"),
    ("DuckDuckBot/", "DuckDuckBot"),
    ("Edg/", "Edge"),
    ("EdgA/", "Edge Mobile"),
    ("EdgiOS/", "Edge Mobile"),
    ("Edge/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("CriOS/", "Chrome Mobile iOS"),
    ("FxiOS/", "Firefox iOS"),
    ("HeadlessChrome/", "HeadlessChrome"),
    ("Chrome/", "Chrome"),
    ("Firefox/", "Firefox"),
    ("Trident/7.0", "IE"),
    ("MSIE ", "IE"),
    ("Opera/", "Opera"),
    ("curl/", "curl"),
    ("Wget/", "Wget"),
    ("python-requests/", "Python Requests"),
    ("PostmanRuntime/", "PostmanRuntime"),
    ("okhttp/", "okhttp"),
    ("Go-http-client/", "Go-http-client"),
    ("Apache-HttpClient/", "Apache-HttpClient"),
];

fn read(line: &str) -> Map<String, Value> {
    let mut told = Map::new();
    let mobile = line.contains("Mobile") || line.contains("Android");
    let program = PROGRAMS.iter().find_map(|(token, name)| {
        let after = line.split_once(token)?.1;
        let name = match *name {
            "Chrome" | "Firefox" if mobile => format!("{name} Mobile"),
            name => name.to_owned(),
        };
        Some((name, version(after, '.')))
    });
    let safari = || {
        let after = line.split_once("Version/").filter(|_| line.contains("Safari/"))?.1;
        let name = if mobile { "Mobile Safari" } else { "Safari" };
        Some((name.to_owned(), version(after, '.')))
    };
    let (name, number) = program.or_else(safari).unwrap_or(("Other".to_owned(), String::new()));
    told.insert("name".to_owned(), name.into());
    told.insert("original".to_owned(), line.into());
    if let Some((name, number)) = system(line) {
        let mut os = Map::new();
        os.insert("name".to_owned(), name.into());
        if !number.is_empty() {
            os.insert("full".to_owned(), format!("{name} {number}").into());
            os.insert("version".to_owned(), number.into());
        }
        told.insert("os".to_owned(), Value::Object(os));
    }
    told.insert("device".to_owned(), json!({"name": device(line)}));
    if !number.is_empty() {
        told.insert("version".to_owned(), number.into());
    }
    told
}

/// The number at the beginning of `text`, with dots for `separator`.
fn version(text: &str, separator: char) -> String {
    let number: String =
        text.chars().take_while(|c| c.is_ascii_digit() || *c == separator).collect();
    number.replace(separator, ".").trim_end_matches('.').to_owned()
}

fn system(line: &str) -> Option<(&'static str, String)> {
    let after = |token: &str| line.split_once(token).map(|(_, after)| after);
    if let Some(rest) = after("Windows NT ") {
        let number = match version(rest, '.').as_str() {
            "10.0" => "10",
            "6.3" => "8.1",
            "6.2" => "8",
            "6.1" => "7",
            "6.0" => "Vista",
            "5.1" => "XP",
            _ => "NT",
        };
        return Some(("Windows", number.to_owned()));
    }
    if line.contains("iPhone") || line.contains("iPad") {
        return Some(("iOS", after(" OS ").map(|rest| version(rest, '_')).unwrap_or_default()));
    }
    if let Some(rest) = after("Mac OS X ") {
        return Some(("Mac OS X", version(&rest.replace('_', "."), '.')));
    }
    if let Some(rest) = after("Android ") {
        return Some(("Android", version(rest, '.')));
    }
    if line.contains("CrOS") {
        return Some(("Chrome OS", String::new()));
    }
    if line.contains("Ubuntu") {
        return Some(("Ubuntu", String::new()));
    }
    line.contains("Linux").then(|| ("Linux", String::new()))
}

fn device(line: &str) -> &'static str {
    let known = [
        ("bot/", "Spider"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Macintosh", "Mac"),
        ("Android", "Generic Smartphone"),
    ];
    let found = known.iter().find(|(token, _)| line.contains(token));
    found.map_or("Other", |(_, name)| name)
}

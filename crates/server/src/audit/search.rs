//! Searching the records over the API: `GET /_countersign/audit`, from the newest back, by pages; and `GET
//! /_countersign/audit/denials`, what was denied, grouped. Asked about are the records that an account may see
//! (`audit/view.rs`), as it may see them: nobody finds by a search what it could not read.

use std::collections::HashMap;
use std::io;

use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::newest::NewestRecords;
use super::page_token::RecordsBefore;
use super::query::{AuditQuery, RecordDecision};
use super::record::AuditRecord;
use super::store::Audit;
use super::view::seen_in_scan;
use crate::guards::limits;
use crate::service::clock::Stopwatch;

/// What somebody wants to find.
pub(crate) struct AuditSearch {
    asked: AuditQuery,
    size: usize,
    token: Option<String>,
    /// The question without its place: what tokens are good for.
    question: String,
}

/// How many records a page has where nobody says it.
const SIZE: usize = 50;

impl AuditSearch {
    /// Reads the query of a search.
    ///
    /// # Errors
    /// In words: what was seen, and what was expected.
    pub(crate) fn read(query: &str) -> Result<Self, String> {
        let known = ["principal", "action", "index", "resource", "decision", "from", "until"];
        Self::of(query, &[known.as_slice(), &["size", "token"]].concat())
    }

    /// Reads the query of a listing of denials; without `from` it is about the last week before `now`.
    ///
    /// # Errors
    /// As [`AuditSearch::read`].
    pub(crate) fn read_denials(query: &str, now: Timestamp) -> Result<Self, String> {
        let known = ["principal", "action", "index", "resource", "from", "until"];
        let mut search = Self::of(query, &known)?;
        let week = now.checked_sub(SignedDuration::from_hours(7 * 24)).ok();
        search.asked.from = search.asked.from.or(week);
        Ok(search)
    }

    fn of(query: &str, known: &[&str]) -> Result<Self, String> {
        let mut search =
            Self { asked: AuditQuery::default(), size: SIZE, token: None, question: String::new() };
        let mut seen: Vec<&str> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(name) = known.iter().find(|it| **it == name) else {
                return Err(format!("unknown parameter '{name}', expected {}", known.join(", ")));
            };
            if seen.contains(name) {
                return Err(format!("parameter '{name}' is there twice, expected it once"));
            }
            seen.push(name);
            let value = value.replace('+', " ");
            let value = percent_decode_str(&value).decode_utf8();
            let value = value.map_err(|_| format!("'{name}' is not UTF-8"))?.into_owned();
            search.take(name, value)?;
            if *name != "token" && *name != "size" {
                search.question.push_str(pair);
                search.question.push('&');
            }
        }
        Ok(search)
    }

    fn take(&mut self, name: &str, value: String) -> Result<(), String> {
        let time = |value: &str| {
            value.parse::<Timestamp>().map(Some).map_err(|_| {
                format!("'{name}' is '{value}', expected a time such as 2026-11-30T00:00:00Z")
            })
        };
        let asked = &mut self.asked;
        match name {
            "principal" => asked.principal = Some(value),
            "action" => asked.action = Some(value),
            "index" => asked.index = Some(value),
            "resource" => asked.resource = Some(value),
            "from" => asked.from = time(&value)?,
            "until" => asked.until = time(&value)?,
            "token" => self.token = Some(value),
            "decision" => {
                let all =
                    [RecordDecision::Allowed, RecordDecision::Denied, RecordDecision::Refused];
                let decision = all.into_iter().find(|decision| decision.name() == value);
                let expected =
                    || format!("'decision' is '{value}', expected allowed, denied or refused");
                asked.decision = Some(decision.ok_or_else(expected)?);
            }
            _ => {
                let size = value.parse().ok();
                let size = size.filter(|size| (1..=limits::AUDIT_PAGE_RECORDS_MAX).contains(size));
                self.size = size.ok_or_else(|| {
                    let most = limits::AUDIT_PAGE_RECORDS_MAX;
                    format!("'size' is '{value}', expected a number from 1 to {most}")
                })?;
            }
        }
        Ok(())
    }

    /// A page of the records that account `reader` may see, from the newest back. It reads files: not for a thread that others wait
    /// for. When it has taken too long it ends where it is, and its token goes on from there.
    ///
    /// # Errors
    /// Where the files cannot be read. `Ok(Err(…))`: the token is none that was given for this question.
    pub(crate) fn page(&self, audit: &Audit, reader: &str) -> io::Result<Result<Value, String>> {
        let question = format!("{reader} {}", self.question);
        let before = match &self.token {
            None => RecordsBefore::ALL,
            Some(token) => match audit.page_tokens().open(&question, token) {
                Some(before) => before,
                None => return Ok(Err(NO_TOKEN.to_owned())),
            },
        };
        let watch = Stopwatch::start();
        let mut records = NewestRecords::of(audit, before, self.asked.from)?;
        let (mut found, mut bytes) = (Vec::new(), 0);
        let mut complete = true;
        let more = loop {
            if found.len() == self.size || bytes >= limits::AUDIT_PAGE_BYTES_MAX {
                break true;
            }
            if watch.elapsed() > limits::AUDIT_SEARCH_TIME {
                complete = false;
                break true;
            }
            let Some(record) = records.read()? else { break false };
            if let Some(record) = self.seen(record, reader) {
                let record = as_json(&record);
                bytes += record.to_string().len();
                found.push(record);
            }
        };
        let token = more.then(|| audit.page_tokens().seal(&question, records.place())).flatten();
        let mut told = json!({ "records": found, "complete": complete });
        if let (Some(members), Some(token)) = (told.as_object_mut(), token) {
            members.insert("nextToken".to_owned(), token.into());
        }
        Ok(Ok(told))
    }

    /// What was denied of what account `reader` may see, by caller, action and resource. All sessions of a role are one caller.
    ///
    /// # Errors
    /// Where the files cannot be read.
    pub(crate) fn denials(&self, audit: &Audit, reader: &str) -> io::Result<Value> {
        let mut records = NewestRecords::of(audit, RecordsBefore::ALL, self.asked.from)?;
        let (watch, mut groups) = (Stopwatch::start(), DenialGroups::default());
        let mut complete = true;
        while let Some(record) = records.read()? {
            if let Some(record) = self.seen(record, reader) {
                groups.add(&record);
            }
            if watch.elapsed() > limits::AUDIT_SEARCH_TIME {
                complete = false;
                break;
            }
        }
        Ok(groups.told(complete))
    }

    /// The record as `reader` may see it, if it is asked for: a search looks at nothing else of it.
    fn seen(&self, record: AuditRecord, reader: &str) -> Option<AuditRecord> {
        seen_in_scan(record, reader).filter(|record| self.asked.takes(record))
    }
}

const NO_TOKEN: &str = "'token' is none that was given for this question since the service was started, expected the nextToken of an answer";

/// A record with how it was decided, which its other members only tell together.
fn as_json(record: &AuditRecord) -> Value {
    let mut value = serde_json::to_value(record).unwrap_or_default();
    if let Some(members) = value.as_object_mut() {
        members.insert("decision".to_owned(), RecordDecision::of(record).name().into());
    }
    value
}

/// Who was denied what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct DeniedQuestion {
    principal: String,
    action: String,
    resource: String,
}

/// How often, and when last.
struct Denials {
    times: u64,
    /// Time and id of the newest record.
    last: (Option<Timestamp>, String),
}

#[derive(Default)]
struct DenialGroups {
    groups: HashMap<DeniedQuestion, Denials>,
    denials: u64,
    left_out: u64,
}

impl DenialGroups {
    fn add(&mut self, record: &AuditRecord) {
        let caller = record.context.get("aws:principalarn").and_then(|values| values.first());
        for decision in record.decisions.iter().filter(|it| it.outcome != "allowed") {
            let question = DeniedQuestion {
                principal: caller.unwrap_or(&record.principal.arn).clone(),
                action: decision.action.clone(),
                resource: decision.resource.clone(),
            };
            self.denials += 1;
            let is_full = self.groups.len() >= limits::AUDIT_DENIAL_GROUPS_MAX;
            if is_full && !self.groups.contains_key(&question) {
                self.left_out += 1;
                continue;
            }
            let newest = (record.time, record.request_id.clone());
            let new = Denials { times: 0, last: newest.clone() };
            let group = self.groups.entry(question).or_insert(new);
            group.times += 1;
            if newest.0 > group.last.0 {
                group.last = newest;
            }
        }
    }

    /// Those that came most often first; of as many the one that came last.
    fn told(self, complete: bool) -> Value {
        let mut groups: Vec<(DeniedQuestion, Denials)> = self.groups.into_iter().collect();
        groups.sort_by(|(_, a), (_, b)| (b.times, &b.last).cmp(&(a.times, &a.last)));
        let groups = groups.into_iter().map(|(question, denials)| {
            let DeniedQuestion { principal, action, resource } = question;
            let (time, id) = denials.last;
            json!({"principal": principal, "action": action, "resource": resource, "times": denials.times,
                "last": time.map(|time| time.to_string()), "requestId": id})
        });
        json!({
            "denials": self.denials,
            "groups": groups.collect::<Vec<_>>(),
            "denialsLeftOut": self.left_out,
            "complete": complete,
        })
    }
}

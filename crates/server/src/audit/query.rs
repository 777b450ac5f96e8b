//! Asking the audit's files: whose requests, which action, which index, decided how, when.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::files::{files, stamp_of};
use super::layer::Layer;
use super::record::AuditRecord;
use super::stage::Stage;
use super::store::NAMES;
use crate::guards::limits;

/// How a request was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordDecision {
    /// The policies let it through, whatever the operation then said.
    Allowed,
    /// The policies denied it, or something that its body names.
    Denied,
    /// Something else refused it: its form, its signature, a limit.
    Refused,
}

impl RecordDecision {
    /// How the request of this record was decided.
    #[must_use]
    pub fn of(record: &AuditRecord) -> Self {
        match record.layer {
            Some(Layer::Policies | Layer::Items) => Self::Denied,
            None | Some(Layer::Operation | Layer::Engine) if is_served(record) => Self::Allowed,
            _ => Self::Refused,
        }
    }

    /// Its name on the command line and in the output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Refused => "refused",
        }
    }
}

fn is_served(record: &AuditRecord) -> bool {
    matches!(record.stage, Stage::Serve | Stage::Respond)
}

/// Which records are asked for; what is `None` is not asked about. Texts may have `*` for any characters.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// The caller's ARN, its access key id or its user name.
    pub principal: Option<String>,
    /// The action, upper or lower case.
    pub action: Option<String>,
    /// An index that the request touched.
    pub index: Option<String>,
    /// A resource or an item that was asked about, as its ARN.
    pub resource: Option<String>,
    /// How it was decided.
    pub decision: Option<RecordDecision>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

impl AuditQuery {
    /// Whether a record is asked for.
    #[must_use]
    pub fn takes(&self, record: &AuditRecord) -> bool {
        let time = record.time.unwrap_or_default();
        let caller = &record.principal;
        let callers = [Some(&caller.arn), caller.access_key_id.as_ref(), caller.user_name.as_ref()];
        let actions = || {
            let decided = record.decisions.iter().map(|decision| decision.action.as_str());
            record.action.as_deref().into_iter().chain(decided)
        };
        self.from.is_none_or(|from| time >= from)
            && self.until.is_none_or(|until| time < until)
            && self.decision.is_none_or(|decision| RecordDecision::of(record) == decision)
            && any_is(&self.principal, callers.into_iter().flatten().map(String::as_str))
            && self.action.as_ref().is_none_or(|pattern| {
                let pattern = pattern.to_ascii_lowercase();
                actions().any(|action| matches(&pattern, &action.to_ascii_lowercase()))
            })
            && any_is(&self.index, resources(record).filter_map(index_of))
            && any_is(&self.resource, resources(record))
    }
}

impl AuditQuery {
    /// Whether this resource is asked for.
    pub(super) fn takes_resource(&self, resource: &str) -> bool {
        any_is(&self.resource, std::iter::once(resource))
    }
}

fn any_is<'a>(pattern: &Option<String>, mut texts: impl Iterator<Item = &'a str>) -> bool {
    pattern.as_ref().is_none_or(|pattern| texts.any(|text| matches(pattern, text)))
}

fn resources(record: &AuditRecord) -> impl Iterator<Item = &str> {
    let decided = record.decisions.iter().map(|decision| decision.resource.as_str());
    record.resources.iter().map(String::as_str).chain(decided)
}

/// The index in `arn:aws:es:REGION:ACCOUNT:domain/NAME/INDEX/…`.
fn index_of(arn: &str) -> Option<&str> {
    let (_, path) = arn.split_once(":domain/")?;
    let index = path.split('/').nth(1)?;
    (!index.is_empty() && (!index.starts_with('_') || index == "_all")).then_some(index)
}

/// Whether `text` is `pattern`, in which `*` is any characters. Linear in the text for each `*`.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// The records of an audit's files in order of time, each with its line. Lines that are no record are left out: `audit verify`
/// tells of them.
pub struct AuditRecords {
    sets: [SetRecords; 2],
}

/// The files of a set, which a service may rotate and remove meanwhile: they are listed again before each is opened.
struct SetRecords {
    folder: PathBuf,
    name: &'static str,
    /// The newest of the rotated files that was opened.
    last: Option<PathBuf>,
    /// Files that were rotated before then are passed over.
    from: Option<Timestamp>,
    /// The current file was opened: it is read to its end, whatever it is called by then.
    ends: bool,
    open: Option<BufReader<File>>,
    next: Option<(AuditRecord, String)>,
}

impl AuditRecords {
    /// Opens the audit in `folder`, or in a copy of it.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn open(folder: &Path) -> io::Result<Self> {
        std::fs::read_dir(folder)?;
        Ok(Self { sets: NAMES.map(|name| SetRecords::new(folder, name)) })
    }

    /// Without the files that have only records from before `from`.
    #[must_use]
    pub(super) fn since(mut self, from: Option<Timestamp>) -> Self {
        self.sets.iter_mut().for_each(|set| set.from = from);
        self
    }

    /// The next record, and its line.
    ///
    /// # Errors
    /// Where a file cannot be read.
    pub fn read(&mut self) -> io::Result<Option<(AuditRecord, String)>> {
        for set in &mut self.sets {
            set.fill()?;
        }
        let time = |set: &SetRecords| set.next.as_ref().map(|(record, _)| record.time);
        let [proven, unproven] = &mut self.sets;
        let first = match (time(proven), time(unproven)) {
            (Some(a), Some(b)) if b < a => unproven,
            (None, _) => unproven,
            _ => proven,
        };
        Ok(first.next.take())
    }
}

impl SetRecords {
    fn new(folder: &Path, name: &'static str) -> Self {
        Self {
            folder: folder.into(),
            name,
            last: None,
            from: None,
            ends: false,
            open: None,
            next: None,
        }
    }

    fn next_file(&mut self) -> io::Result<Option<File>> {
        if self.ends {
            return Ok(None);
        }
        // Before the others are listed: when it is rotated in between, it is among them.
        let current = open_if_there(&self.folder.join(format!("{}.jsonl", self.name)))?;
        let rotated = files(&self.folder, self.name)?.into_iter().rev();
        let last = self.last.clone();
        for path in rotated.skip_while(|path| Some(path) <= last.as_ref()) {
            // A file's name is a time that all of its records are from before of.
            if self.from.is_some() && stamp_of(&path) < self.from {
                self.last = Some(path);
                continue;
            }
            let file = open_if_there(&path)?;
            self.last = Some(path);
            if file.is_some() {
                return Ok(file);
            }
        }
        self.ends = true;
        Ok(current)
    }

    fn fill(&mut self) -> io::Result<()> {
        while self.next.is_none() {
            let Some(reader) = &mut self.open else {
                let Some(file) = self.next_file()? else { return Ok(()) };
                self.open = Some(BufReader::new(file));
                continue;
            };
            let mut line = Vec::new();
            let read = reader.take(limits::AUDIT_LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
            if read == 0 {
                self.open = None;
                continue;
            }
            let text = String::from_utf8(line).unwrap_or_default();
            let record = serde_json::from_str(&text).ok();
            self.next = record.map(|record| (record, text.trim_end().to_owned()));
        }
        Ok(())
    }
}

fn open_if_there(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        file => file.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{DecisionRecord, PrincipalRecord};

    fn record() -> AuditRecord {
        let arn = |item: &str| format!("arn:aws:es:us-east-1:123456789012:domain/dev/{item}");
        AuditRecord {
            time: Timestamp::from_second(1_000).ok(),
            stage: Stage::Authorize,
            layer: Some(Layer::Items),
            action: Some("es:ESHttpPost".into()),
            principal: PrincipalRecord {
                arn: "arn:aws:iam::123456789012:user/ann".into(),
                access_key_id: Some("AKIAEXAMPLE".into()),
                ..PrincipalRecord::default()
            },
            resources: vec![arn("_bulk")],
            decisions: vec![DecisionRecord {
                action: "es:ESHttpDelete".into(),
                resource: arn("secret/_doc/1"),
                ..DecisionRecord::default()
            }],
            ..AuditRecord::default()
        }
    }

    #[test]
    fn a_record_is_found_by_each_of_its_sides_and_by_no_other() {
        type Fill = fn(&mut AuditQuery, &str);
        let principal: Fill = |query, text| query.principal = Some(text.into());
        let action: Fill = |query, text| query.action = Some(text.into());
        let index: Fill = |query, text| query.index = Some(text.into());
        let resource: Fill = |query, text| query.resource = Some(text.into());
        for (fill, text, found) in [
            (principal, "arn:aws:iam::123456789012:user/ann", true),
            (principal, "*:user/*", true),
            (principal, "AKIAEXAMPLE", true),
            (principal, "arn:aws:iam::123456789012:user/an", false),
            (action, "es:eshttppost", true),
            (action, "es:ESHttpDel*", true),
            (action, "es:ESHttpGet", false),
            (index, "secret", true),
            (index, "sec*", true),
            (index, "_bulk", false),
            (index, "dev", false),
            (resource, "*/secret/_doc/1", true),
            (resource, "*/secret/_doc/2", false),
        ] {
            let mut query = AuditQuery::default();
            fill(&mut query, text);
            assert_eq!(query.takes(&record()), found, "{text}");
        }
    }

    #[test]
    fn a_time_is_from_and_before() {
        let at = |second| Timestamp::from_second(second).ok();
        for (from, until, found) in [
            (at(1_000), None, true),
            (at(1_001), None, false),
            (None, at(1_000), false),
            (None, at(1_001), true),
        ] {
            let query = AuditQuery { from, until, ..AuditQuery::default() };
            assert_eq!(query.takes(&record()), found, "{from:?} {until:?}");
        }
    }

    #[test]
    fn what_was_served_was_allowed_and_a_broken_signature_was_refused() {
        let of = |stage, layer| RecordDecision::of(&AuditRecord { stage, layer, ..record() });
        assert_eq!(of(Stage::Respond, None), RecordDecision::Allowed);
        assert_eq!(of(Stage::Respond, Some(Layer::Engine)), RecordDecision::Allowed);
        assert_eq!(of(Stage::Authorize, Some(Layer::Policies)), RecordDecision::Denied);
        assert_eq!(of(Stage::Authenticate, Some(Layer::Signature)), RecordDecision::Refused);
        assert_eq!(of(Stage::Authorize, None), RecordDecision::Refused);
    }
}

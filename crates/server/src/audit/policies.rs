//! The policies that denials were judged on, as they were: a record names each by the digest of its text, and the texts are kept once.
//!
//! With a data folder they are files beside the audit's, `policies/DIGEST.json`; otherwise they are in memory. Who changes policies
//! makes new ones, strangers do not; both are bounded (`limits::AUDIT_POLICIES_MAX`).

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use data_encoding::HEXLOWER;
use policy::{DocumentScope, HeldPolicy, Policy, PolicyType};

use super::chain::hash_of;
use super::record::{AuditRecord, JudgedOn, PolicyRecord};
use super::redact::shortened;
use crate::guards::limits;
use crate::service::clock::Stopwatch;
use crate::service::private_file;

/// The texts, and where they are.
pub(crate) struct PolicyTexts {
    folder: Option<PathBuf>,
    state: Mutex<KeptTexts>,
}

#[derive(Default)]
struct KeptTexts {
    /// Digests of policies that live, by where they are: a text is printed and hashed once.
    known: HashMap<usize, (Weak<Policy>, String)>,
    /// Digests and bytes of what is kept, the oldest first.
    kept: VecDeque<(String, usize)>,
    bytes: usize,
    /// Without a folder, the texts themselves.
    texts: HashMap<String, Arc<str>>,
    /// How many in a row could not be written, and when the last of them.
    failed: Option<(u32, Stopwatch)>,
}

impl KeptTexts {
    /// Whether a text may be written now. The first that follows one that failed may; while the disk stays full, each failure doubles
    /// the time until the next try: a denial costs no write that is bound to fail.
    fn may_write(&self) -> bool {
        let Some((failures, since)) = &self.failed else { return true };
        since.elapsed() >= pause_after(*failures)
    }
}

/// How long nothing is written after so many failures in a row.
fn pause_after(failures: u32) -> Duration {
    let doubled = failures.checked_sub(2).map(|more| 1_u32 << more.min(16));
    let pause = doubled.map_or(Duration::ZERO, |times| limits::AUDIT_POLICIES_PAUSE * times);
    pause.min(limits::AUDIT_POLICIES_PAUSE_MAX)
}

impl PolicyTexts {
    /// Those below `folder`, the audit's.
    ///
    /// # Errors
    /// Where the folder cannot be made or read.
    pub(super) fn open(folder: Option<&Path>) -> io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let mut state = KeptTexts::default();
        let folder = folder.map(Self::folder_of);
        if let Some(folder) = &folder {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            let mut files = Vec::new();
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.ends_with(".json.new") {
                    // Of a write that was cut off.
                    std::fs::remove_file(entry.path())?;
                    continue;
                }
                let Some(digest) = name.strip_suffix(".json") else { continue };
                let about = entry.metadata()?;
                files.push((about.modified()?, digest.to_owned(), about.len()));
            }
            files.sort();
            for (_, digest, bytes) in files {
                let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
                state.bytes = state.bytes.saturating_add(bytes);
                state.kept.push_back((digest, bytes));
            }
        }
        Ok(Self { folder, state: Mutex::new(state) })
    }

    fn folder_of(audit: &Path) -> PathBuf {
        audit.join("policies")
    }

    /// The text of this digest in the folder of an audit, whoever runs on it.
    #[must_use]
    pub(super) fn read(audit: &Path, digest: &str) -> Option<String> {
        let is_digest = digest.len() == 64 && digest.bytes().all(|it| it.is_ascii_hexdigit());
        let path = Self::folder_of(audit).join(format!("{digest}.json"));
        let text = std::fs::read_to_string(is_digest.then_some(path)?).ok()?;
        // Whoever changed it does not change what the record says.
        (digest_of(&text) == digest).then_some(text)
    }

    /// The text of this digest, where it is still kept.
    #[must_use]
    pub(crate) fn text(&self, digest: &str) -> Option<String> {
        match self.folder.as_deref().and_then(Path::parent) {
            Some(audit) => Self::read(audit, digest),
            None => self.lock().texts.get(digest).map(|text| text.to_string()),
        }
    }

    /// Writes down in a record what its denials were judged on, and keeps the policies' texts.
    pub(super) fn settle(&self, record: &mut AuditRecord) {
        // Of who proved nothing and was refused no more is kept than it takes to see that: no policy is missing.
        let is_told = !record.is_unproven();
        for decision in &mut record.decisions {
            let judged_on = decision.judged_on.take().filter(|_| is_told);
            let Some(judged_on) = judged_on else { continue };
            let JudgedOn { context, policies } = &*judged_on;
            let context: BTreeMap<String, Vec<String>> = context
                .iter()
                .map(|(key, values)| {
                    (key.to_owned(), values.iter().map(|it| shortened(it)).collect())
                })
                .collect();
            decision.documents = match judged_on.context.scope() {
                DocumentScope::Told => None,
                DocumentScope::Some => Some("some".into()),
                DocumentScope::Every => Some("every".into()),
            };
            if record.context.is_empty() {
                record.context = context;
            } else {
                let gone = record.context.keys().filter(|key| !context.contains_key(*key));
                decision.context = gone.map(|key| (key.clone(), Vec::new())).collect();
                let others = context.into_iter();
                let others = others.filter(|(key, values)| record.context.get(key) != Some(values));
                decision.context.extend(others);
            }
            for held in policies {
                let told = self.told(held);
                if !record.policies.contains(&told) {
                    record.policies.push(told);
                }
            }
        }
    }

    fn told(&self, held: &HeldPolicy) -> PolicyRecord {
        PolicyRecord {
            kind: kind_of(held.layer),
            policy: held.label.to_string(),
            level: held.level,
            digest: held.policy.as_ref().map(|policy| self.keep(policy)),
        }
    }

    /// The digest of a policy, whose text is kept from now on.
    fn keep(&self, policy: &Arc<Policy>) -> String {
        let place = Arc::as_ptr(policy).addr();
        let mut state = self.lock();
        if let Some((known, digest)) = state.known.get(&place)
            && known.upgrade().is_some_and(|known| Arc::ptr_eq(&known, policy))
        {
            return digest.clone();
        }
        let text = policy.to_string();
        let digest = digest_of(&text);
        if state.known.len() >= limits::AUDIT_POLICIES_MAX {
            state.known.retain(|_, (known, _)| known.strong_count() > 0);
            // All of them live: they are hashed again.
            if state.known.len() >= limits::AUDIT_POLICIES_MAX {
                state.known.clear();
            }
        }
        let known = (Arc::downgrade(policy), digest.clone());
        if state.kept.iter().any(|(kept, _)| *kept == digest) {
            state.known.insert(place, known);
            return digest;
        }
        match &self.folder {
            // What cannot be kept is missing when somebody asks for it, and nothing else; a later denial tries again.
            Some(_) if !state.may_write() => return digest,
            Some(folder) => {
                let path = folder.join(format!("{digest}.json"));
                if let Err(error) = private_file::write(&path, &text) {
                    let failures = state.failed.take().map_or(0, |(failures, _)| failures);
                    state.failed = Some((failures.saturating_add(1), Stopwatch::start()));
                    tracing::error!(%error, "text of a policy not kept");
                    return digest;
                }
                state.failed = None;
            }
            None => drop(state.texts.insert(digest.clone(), text.as_str().into())),
        }
        state.bytes = state.bytes.saturating_add(text.len());
        state.kept.push_back((digest.clone(), text.len()));
        self.remove_oldest(&mut state);
        state.known.insert(place, known);
        digest
    }

    fn remove_oldest(&self, state: &mut KeptTexts) {
        while state.kept.len() > limits::AUDIT_POLICIES_MAX
            || state.bytes > limits::AUDIT_POLICIES_BYTES_MAX && state.kept.len() > 1
        {
            let Some((digest, bytes)) = state.kept.pop_front() else { return };
            state.bytes = state.bytes.saturating_sub(bytes);
            state.texts.remove(&digest);
            // A policy that is still in force is kept again at its next denial.
            state.known.retain(|_, (_, known)| *known != digest);
            if let Some(folder) = &self.folder {
                let _ = std::fs::remove_file(folder.join(format!("{digest}.json")));
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, KeptTexts> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn digest_of(text: &str) -> String {
    HEXLOWER.encode(&hash_of(text.as_bytes()))
}

/// How records name a type of policy.
pub(crate) fn kind_of(policy: PolicyType) -> Cow<'static, str> {
    match policy {
        PolicyType::Trust => "trust".into(),
        other => other.as_str().into(),
    }
}

#[cfg(test)]
mod tests {
    use policy::PolicyKind;

    use super::*;

    fn policy(sid: usize) -> Arc<Policy> {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Sid": "S{sid}", "Effect": "Allow", "Action": "*", "Resource": "*"}}}}"#
        );
        Arc::new(Policy::parse(&text, PolicyKind::Identity).unwrap())
    }

    #[test]
    fn e24_a_text_is_kept_over_a_restart_and_a_changed_one_is_none() {
        let folder = std::env::temp_dir().join(format!("countersign-texts-{}", std::process::id()));
        let (first, digest) =
            (policy(1), PolicyTexts::open(Some(&folder)).unwrap().keep(&policy(1)));
        let texts = PolicyTexts::open(Some(&folder)).unwrap();
        assert_eq!(texts.text(&digest), Some(first.to_string()));
        assert_eq!(texts.keep(&first), digest);
        std::fs::write(folder.join(format!("policies/{digest}.json")), "{}").unwrap();
        assert_eq!(texts.text(&digest), None);
        assert_eq!(texts.text("../../../etc/passwd"), None);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn e24_a_text_that_could_not_be_kept_is_kept_at_the_next_denial() {
        let folder =
            std::env::temp_dir().join(format!("countersign-texts-again-{}", std::process::id()));
        let (texts, policy) = (PolicyTexts::open(Some(&folder)).unwrap(), policy(1));
        std::fs::remove_dir(folder.join("policies")).unwrap();
        let digest = texts.keep(&policy);
        assert_eq!(texts.text(&digest), None);
        std::fs::create_dir(folder.join("policies")).unwrap();
        texts.keep(&policy);
        assert_eq!(texts.text(&digest), Some(policy.to_string()));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn e24_while_nothing_can_be_written_denials_do_not_try_each_time() {
        let folder =
            std::env::temp_dir().join(format!("countersign-texts-full-{}", std::process::id()));
        let texts = PolicyTexts::open(Some(&folder)).unwrap();
        std::fs::remove_dir(folder.join("policies")).unwrap();
        (0..50).for_each(|sid| drop(texts.keep(&policy(sid))));
        let tries = texts.lock().failed.as_ref().unwrap().0;
        assert!((2..10).contains(&tries), "{tries} writes of 50");
        let milliseconds = |failures| pause_after(failures).as_millis();
        assert_eq!([1, 2, 3, 4].map(milliseconds), [0, 100, 200, 400]);
        assert_eq!([20, u32::MAX].map(milliseconds), [10_000, 10_000]);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn e24_what_a_cut_off_write_left_behind_is_removed_at_the_start() {
        let folder =
            std::env::temp_dir().join(format!("countersign-texts-left-{}", std::process::id()));
        let digest = PolicyTexts::open(Some(&folder)).unwrap().keep(&policy(1));
        let left = folder.join("policies").join(format!("{digest}.json.new"));
        std::fs::write(&left, "{").unwrap();
        let texts = PolicyTexts::open(Some(&folder)).unwrap();
        assert!(!left.exists());
        assert!(texts.text(&digest).is_some());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn e24_texts_are_bounded_and_the_newest_are_kept() {
        let texts = PolicyTexts::open(None).unwrap();
        let all: Vec<Arc<Policy>> = (0..limits::AUDIT_POLICIES_MAX + 10).map(policy).collect();
        let digests: Vec<String> = all.iter().map(|policy| texts.keep(policy)).collect();
        let state = texts.lock();
        assert_eq!((state.kept.len(), state.texts.len()), (4_096, 4_096));
        assert!(state.known.len() <= limits::AUDIT_POLICIES_MAX);
        drop(state);
        assert_eq!(texts.text(&digests[0]), None);
        assert!(texts.text(digests.last().unwrap()).is_some());
        // The oldest is kept anew when it denies again.
        assert_eq!(texts.keep(&all[0]), digests[0]);
        assert!(texts.text(&digests[0]).is_some());
    }
}

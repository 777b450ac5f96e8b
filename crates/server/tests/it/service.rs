//! A service in this process, on free ports, with what its first start made.

use std::path::PathBuf;
use std::sync::atomic::AtomicI64;

use server::AuditRecord;
use server::Clock;
use server::Settings;
use server::{Service, StartError, StartOptions};
use tokio::runtime::Runtime;

use crate::client::{Answer, Client, Key};

/// A running service.
pub(crate) struct Running {
    pub(crate) service: Option<Service>,
    runtime: Option<Runtime>,
}

impl Running {
    /// In memory.
    pub(crate) fn start() -> Self {
        Self::start_on(None)
    }

    /// On a folder, which outlives it.
    pub(crate) fn start_on(data: Option<PathBuf>) -> Self {
        Self::start_with(data, |_options| {})
    }

    /// With a clock that the test moves: it shows the system's time and so many seconds.
    pub(crate) fn start_moved() -> (Self, &'static AtomicI64) {
        let seconds = Box::leak(Box::new(AtomicI64::new(0)));
        (Self::start_by(Clock::Moved(seconds), None, |_options| {}), seconds)
    }

    /// With other options than the usual ones.
    pub(crate) fn start_with(data: Option<PathBuf>, edit: impl FnOnce(&mut StartOptions)) -> Self {
        Self::start_by(Clock::System, data, edit)
    }

    /// In memory, with a clock that stands still at the time of the start: no bucket refills, however slow the machine.
    pub(crate) fn start_standing(edit: impl FnOnce(&mut StartOptions)) -> Self {
        Self::start_by(Clock::Fixed(Clock::System.now()), None, edit)
    }

    /// With another clock, too.
    pub(crate) fn start_by(
        clock: Clock,
        data: Option<PathBuf>,
        edit: impl FnOnce(&mut StartOptions),
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        Self::start_in(runtime, clock, data, edit)
    }

    /// In memory, all of its network on the thread that asks [`Running::while_done`].
    pub(crate) fn start_on_one_thread() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self::start_in(runtime, Clock::System, None, |_options| {})
    }

    /// Serves on this thread while another does `work`.
    pub(crate) fn while_done<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        let runtime = self.runtime.as_ref().unwrap();
        runtime.block_on(async { tokio::task::spawn_blocking(work).await }).unwrap()
    }

    fn start_in(
        runtime: Runtime,
        clock: Clock,
        data: Option<PathBuf>,
        edit: impl FnOnce(&mut StartOptions),
    ) -> Self {
        let mut settings = Settings { data, ..Settings::laptop() };
        settings.control.listen = "127.0.0.1:0".into();
        settings.admin.listen = "127.0.0.1:0".into();
        settings.domains.first_port = 0;
        let mut options = StartOptions::laptop(settings, false);
        edit(&mut options);
        let start = || runtime.block_on(Service::start(&options, None, clock));
        // The port that a domain had before may be another test's for a moment.
        let is_taken = |error: &StartError| error.to_string().contains("Address already in use");
        let mut started = start();
        for _ in 0..200 {
            if !started.as_ref().is_err_and(is_taken) {
                break;
            }
            started = start();
        }
        let service = started.unwrap();
        Self { service: Some(service), runtime: Some(runtime) }
    }

    pub(crate) fn service(&self) -> &Service {
        self.service.as_ref().unwrap()
    }

    pub(crate) fn ca(&self) -> String {
        std::fs::read_to_string(&self.service().ca).unwrap()
    }

    /// The control plane, spoken to as `service`.
    pub(crate) fn control(&self, service: &str) -> Client {
        let client = Client::new(port(&self.service().control_url), &self.ca());
        Client { service: service.into(), ..client }
    }

    /// Domain `dev`.
    pub(crate) fn domain(&self) -> Client {
        Client::new(port(&self.service().domains()["dev"]), &self.ca())
    }

    /// User `developer`'s key.
    pub(crate) fn developer(&self) -> Key {
        let key = &self.service().keys.everyday;
        Key { id: key.access_key_id.clone(), secret: key.secret.clone(), token: None }
    }

    /// A call of `iam` or `sts` as `developer`; it must succeed.
    pub(crate) fn call(&self, service: &str, form: &[(&str, &str)]) -> String {
        let answer = self.query(&self.developer(), service, form);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text()
    }

    /// A call of `iam` or `sts`.
    pub(crate) fn query(&self, key: &Key, service: &str, form: &[(&str, &str)]) -> Answer {
        let version = if service == "iam" { "2010-05-08" } else { "2011-06-15" };
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        };
        let version = [("Version", version)];
        let pairs = form.iter().chain(&version);
        let body: Vec<String> =
            pairs.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let body = body.join("&");
        let client = self.control(service);
        let content_type = [("content-type", "application/x-www-form-urlencoded")];
        let headers = client.sign(key, "POST", "/", &content_type, body.as_bytes());
        client.send("POST", "/", &headers, body.as_bytes())
    }

    /// A session of a role, assumed by `developer`.
    pub(crate) fn assume(&self, role: &str) -> Key {
        let arn = format!("arn:aws:iam::123456789012:role/{role}");
        let form = [("Action", "AssumeRole"), ("RoleArn", &arn), ("RoleSessionName", "test")];
        let xml = self.call("sts", &form);
        Key {
            id: element(&xml, "AccessKeyId"),
            secret: sigv4::SecretKey::new(&element(&xml, "SecretAccessKey")),
            token: Some(element(&xml, "SessionToken")),
        }
    }

    /// A role that the account may assume and nothing else is granted to, and a session of it.
    pub(crate) fn stranger(&self) -> Key {
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}"#;
        let form = [
            ("Action", "CreateRole"),
            ("RoleName", "stranger"),
            ("AssumeRolePolicyDocument", trust),
        ];
        self.call("iam", &form);
        self.assume("stranger")
    }

    /// Sets the policy of domain `dev`; it must succeed.
    pub(crate) fn set_policy(&self, policy: &serde_json::Value) {
        let client = self.control("es");
        let body = serde_json::json!({ "AccessPolicies": policy.to_string() }).to_string();
        let target = "/2021-01-01/opensearch/domain/dev/config";
        let answer = client.signed(&self.developer(), "POST", target, body.as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// What the audit wrote down about the request of this answer.
    pub(crate) fn record(&self, answer: &Answer) -> AuditRecord {
        // Written when the entry is dropped, which is just before or just after the answer is read.
        let id = answer.request_id();
        self.newest(|record| record.request_id == id)
    }

    /// The newest audit record of this kind, as soon as it is written.
    pub(crate) fn newest(&self, kind: impl Fn(&AuditRecord) -> bool) -> AuditRecord {
        let mut found = None;
        self.eventually(|running| {
            let records = running.service().state().audit.recent();
            found = records.into_iter().find(|record| kind(record));
            found.is_some()
        });
        AuditRecord::clone(&found.expect("no such audit record"))
    }

    /// Connections that the service holds, without its two listeners.
    pub(crate) fn connections(&self) -> usize {
        self.service().state().shutdown.running() - 2
    }

    /// Looks until it is so, half a minute at most; says whether it came to be.
    pub(crate) fn eventually(&self, mut so: impl FnMut(&Self) -> bool) -> bool {
        let watch = server::Stopwatch::start();
        while watch.elapsed() < std::time::Duration::from_secs(30) {
            if so(self) {
                return true;
            }
            std::thread::yield_now();
        }
        false
    }

    /// Runs a future on the service's runtime.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        self.runtime.as_ref().unwrap().spawn(future)
    }

    /// Stops it as SIGTERM would; says whether everything finished by itself.
    pub(crate) fn stop_in_time(mut self) -> bool {
        let service = self.service.take().unwrap();
        self.runtime.as_ref().unwrap().block_on(service.stop())
    }

    /// Stops it as SIGTERM would; the folder stays.
    pub(crate) fn stop(mut self) {
        let service = self.service.take().unwrap();
        assert!(self.runtime.as_ref().unwrap().block_on(service.stop()), "not drained");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.service.take());
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The text of the first XML element of this name.
pub(crate) fn element(xml: &str, name: &str) -> String {
    let (_, rest) =
        xml.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name}: {xml}"));
    rest.split_once('<').unwrap().0.to_owned()
}

pub(crate) fn port(url: &str) -> u16 {
    url.rsplit_once(':').unwrap().1.parse().unwrap()
}

/// An empty folder for one test.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("countersign-it-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

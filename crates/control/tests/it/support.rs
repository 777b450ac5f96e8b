//! A control plane with a clock of its own, and callers that go the whole way: identify, authorize, execute.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use control::{
    ApiError, Control, ControlOptions, ControlSettings, ErrorCode, HealthStatus, IdentifiedCaller,
    Mint, MintError, ObservedDomain, ObservedHealth, Operation, OperationCall, PolicyFile,
    SEALING_KEY_BYTES, Service, SessionsCall, SessionsHolder, SessionsMeant, StorePlace,
    authorization,
};
use jiff::{Timestamp, ToSpan};
use policy::Context;
use serde_json::{Value, json};
use sigv4::SecretKey;

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const OTHER_ACCOUNT: &str = "999988887777";
pub(crate) const REGION: &str = "us-east-1";
/// How every domain is here.
pub(crate) const OBSERVED: ObservedHealth =
    ObservedHealth { status: HealthStatus::Yellow, shards: 3, unassigned: 2 };
pub(crate) const ROOT_KEY: &str = "AKIAROOTROOTROOTROOT";
pub(crate) const ROOT_SECRET: &str = "rootrootrootrootrootrootrootrootrootroot";

/// Random bytes that are the same in every run.
pub(crate) struct Counted(AtomicU64);

impl Counted {
    pub(crate) fn new() -> Counted {
        Counted(AtomicU64::new(1))
    }
}

impl Mint for Counted {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), MintError> {
        for byte in bytes {
            let n = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            *byte = (n >> 40) as u8;
        }
        Ok(())
    }
}

/// Settings under which an account has these service control policies: one list of texts for each level.
pub(crate) fn under(account: &str, levels: &[&[&Value]]) -> ControlSettings {
    let mut settings = ControlSettings::default();
    let policy = |level: usize, number: usize, text: &Value| PolicyFile {
        name: format!("level-{level}/{number}.json"),
        text: text.to_string(),
    };
    let levels = levels.iter().enumerate().map(|(level, texts)| {
        texts.iter().enumerate().map(|(number, text)| policy(level, number, text)).collect()
    });
    settings.service_control_policies.insert(account.to_owned(), levels.collect());
    settings
}

/// Credentials as a client holds them.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
}

pub(crate) struct World {
    pub(crate) control: Control,
    pub(crate) now: Timestamp,
    /// Another process may write to its store.
    pub(crate) shared: bool,
}

pub(crate) fn t0() -> Timestamp {
    "2026-01-02T03:04:05Z".parse().unwrap()
}

pub(crate) fn open(place: StorePlace, sealing: u8) -> Result<Control, control::OpenError> {
    let options = ControlOptions {
        place,
        sealing_key: [sealing; SEALING_KEY_BYTES],
        settings: ControlSettings::default(),
    };
    Control::open_with(options, Box::new(Counted::new()))
}

/// Operations that write down that they were refused: wrong guesses are counted.
const KEEPS_GUESSES: [&str; 3] = ["ChangePassword", "EnableMFADevice", "ResyncMFADevice"];

impl World {
    /// One account with a root key, in memory.
    pub(crate) fn new() -> World {
        World::with(StorePlace::Memory)
    }

    pub(crate) fn at(path: &Path) -> World {
        World::with(StorePlace::File(path.to_owned()))
    }

    pub(crate) fn with_settings(settings: ControlSettings) -> World {
        let options = ControlOptions {
            place: StorePlace::Memory,
            sealing_key: [7; SEALING_KEY_BYTES],
            settings,
        };
        World::started(Control::open_with(options, Box::new(Counted::new())).unwrap())
    }

    /// With random ids, for tests that need many: the counted ones repeat after some hundreds.
    pub(crate) fn random() -> World {
        World::random_in(StorePlace::Memory)
    }

    /// The same over a store: as another process there would have it.
    pub(crate) fn random_in(place: StorePlace) -> World {
        let sealing_key = [7; SEALING_KEY_BYTES];
        let options = ControlOptions { place, sealing_key, settings: ControlSettings::default() };
        World::started(Control::open(options).unwrap())
    }

    pub(crate) fn random_at(path: &Path) -> World {
        World::random_in(StorePlace::File(path.to_owned()))
    }

    fn with(place: StorePlace) -> World {
        World::started(open(place, 7).unwrap())
    }

    fn started(control: Control) -> World {
        let secret = SecretKey::new(ROOT_SECRET);
        control.ensure_root(ACCOUNT, Some((ROOT_KEY, &secret)), t0()).unwrap();
        World { control, now: t0(), shared: false }
    }

    pub(crate) fn later(&mut self, seconds: i64) {
        self.now = self.now.checked_add(seconds.seconds()).unwrap();
    }

    pub(crate) fn root(&self) -> Key {
        Key { id: ROOT_KEY.to_owned(), secret: ROOT_SECRET.to_owned(), token: None }
    }

    pub(crate) fn identify(&self, key: &Key) -> Result<IdentifiedCaller, control::IdentityError> {
        self.control.directory().identify(&key.id, key.token.as_deref(), self.now)
    }

    /// `operation` is `iam:CreateUser`; the caller must be allowed.
    pub(crate) fn call(&self, key: &Key, operation: &str, input: Value) -> Result<Value, ApiError> {
        let refused = |e| ApiError::new(ErrorCode::InvalidClientTokenId, format!("{e:?}"));
        let mut caller = self.identify(key).map_err(refused)?;
        self.control.prove_mfa(&mut caller, find(operation), &input, self.now, "test")?;
        self.as_caller(&caller, operation, &input)
    }

    /// The same for a caller who is identified already.
    pub(crate) fn as_caller(
        &self,
        caller: &IdentifiedCaller,
        operation: &str,
        input: &Value,
    ) -> Result<Value, ApiError> {
        let operation = find(operation);
        let context = Context::new();
        let directory = self.control.directory();
        let asked = authorization(operation, input, caller, &directory, REGION, &context)?;
        for question in asked.questions {
            let decision = question.decide(caller);
            if !decision.is_allowed() {
                return Err(question.denial(caller, &decision));
            }
        }
        let done = self.control.execute(&OperationCall {
            operation,
            input,
            caller,
            judged: directory.version(),
            context: &context,
            region: REGION,
            observer: &|domain| Some(ObservedDomain::serves(OBSERVED, &domain.unique)),
            now: self.now,
            request_id: "test",
        });
        // Whatever it was refused for, and however far it had come.
        if done.is_err() && !self.shared && !KEEPS_GUESSES.contains(&operation.name()) {
            let left = self.control.directory().version();
            assert_eq!(left, directory.version(), "{} was refused: {input}", operation.name());
        }
        done
    }

    pub(crate) fn ok(&self, key: &Key, operation: &str, input: Value) -> Value {
        self.call(key, operation, input).unwrap_or_else(|e| panic!("{operation}: {e}"))
    }

    pub(crate) fn refused(&self, key: &Key, operation: &str, input: Value) -> String {
        match self.call(key, operation, input) {
            Ok(value) => panic!("{operation} succeeded: {value}"),
            Err(error) => error.to_string(),
        }
    }

    /// On whom sessions hang.
    pub(crate) fn holder(&self, meant: &SessionsMeant) -> SessionsHolder {
        self.control.directory().sessions_holder(ACCOUNT, meant, self.now).unwrap()
    }

    /// Ends sessions as the service does for a caller who was allowed it on this holder; how many, and how many are left.
    pub(crate) fn end(
        &self,
        caller: &IdentifiedCaller,
        meant: &SessionsMeant,
        (holder, judged): (&SessionsHolder, u64),
    ) -> Result<(usize, usize), ErrorCode> {
        let ended = self.control.end_sessions(&SessionsCall {
            action: "countersign:RevokeSession",
            account: ACCOUNT,
            meant,
            holder,
            caller,
            context: &Context::new(),
            judged,
            request_id: "test",
            now: self.now,
        });
        ended.map(|it| (it.ended, it.left_out)).map_err(|error| error.code)
    }

    /// The same at once, for root.
    pub(crate) fn end_now(
        &self,
        meant: &SessionsMeant,
        holder: &SessionsHolder,
    ) -> Result<(usize, usize), ErrorCode> {
        let root = self.identify(&self.root()).unwrap();
        self.end(&root, meant, (holder, self.control.directory().version()))
    }

    /// A user with these inline policies, and its key.
    pub(crate) fn user(&self, name: &str, policies: &[Value]) -> Key {
        self.ok(&self.root(), "iam:CreateUser", json!({"UserName": name}));
        for (n, policy) in policies.iter().enumerate() {
            let input = json!({"UserName": name, "PolicyName": format!("p{n}"), "PolicyDocument": policy.to_string()});
            self.ok(&self.root(), "iam:PutUserPolicy", input);
        }
        let created = self.ok(&self.root(), "iam:CreateAccessKey", json!({"UserName": name}));
        Key {
            id: text(&created, "/AccessKey/AccessKeyId"),
            secret: text(&created, "/AccessKey/SecretAccessKey"),
            token: None,
        }
    }

    /// A role with this trust policy; its ARN.
    pub(crate) fn role(&self, name: &str, trust: &Value) -> String {
        let input = json!({"RoleName": name, "AssumeRolePolicyDocument": trust.to_string()});
        text(&self.ok(&self.root(), "iam:CreateRole", input), "/Role/Arn")
    }

    pub(crate) fn assume(&self, key: &Key, role_arn: &str, more: Value) -> Result<Key, ApiError> {
        let mut input = json!({"RoleArn": role_arn, "RoleSessionName": "s"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.call(key, "sts:AssumeRole", input).map(|output| credentials(&output))
    }
}

pub(crate) fn credentials(output: &Value) -> Key {
    Key {
        id: text(output, "/Credentials/AccessKeyId"),
        secret: text(output, "/Credentials/SecretAccessKey"),
        token: Some(text(output, "/Credentials/SessionToken")),
    }
}

pub(crate) fn find(operation: &str) -> Operation {
    let (service, name) = operation.split_once(':').unwrap();
    let service = Service::ALL.into_iter().find(|s| s.name() == service).unwrap();
    Operation::find(service, name).unwrap_or_else(|| panic!("no operation {operation}"))
}

pub(crate) fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no {pointer} in {value}"))
        .to_owned()
}

pub(crate) fn allow(action: &str, resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]})
}

pub(crate) fn deny(action: &str, resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": action, "Resource": resource}]})
}

pub(crate) fn trust(principal: &Value) -> Value {
    trust_if(principal, &json!({}))
}

pub(crate) fn trust_if(principal: &Value, condition: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}]})
}

pub(crate) fn root_of(account: &str) -> Value {
    json!({"AWS": format!("arn:aws:iam::{account}:root")})
}

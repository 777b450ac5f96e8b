//! What the fuzz target of session tokens does with its input. Shared with the tests of `control`, which
//! run the same over seeds and random changes of them, without libFuzzer.

use control::{
    Control, ControlOptions, ControlSettings, IdentityError, Operation, OperationCall,
    SEALING_KEY_BYTES, Service, StorePlace, SystemMint,
};
use serde_json::{Value, json};
use sigv4::SecretKey;

const ROOT_KEY: &str = "AKIAROOTROOTROOTROOT";

/// A control plane in memory, and a session of its root.
pub(crate) struct HeldSession {
    control: Control,
    id: String,
    token: String,
}

impl HeldSession {
    pub(crate) fn new() -> HeldSession {
        let sealing_key = [7; SEALING_KEY_BYTES];
        let options = ControlOptions {
            place: StorePlace::Memory,
            sealing_key,
            settings: ControlSettings::default(),
        };
        let control = Control::open_with(options, Box::new(SystemMint)).expect("opens in memory");
        let secret = SecretKey::new("rootrootrootrootrootrootrootrootrootroot");
        control.ensure_root("123456789012", Some((ROOT_KEY, &secret)), now()).expect("has a root");
        let root = control.directory().identify(ROOT_KEY, None, now()).expect("knows its root");
        let operation = Operation::find(Service::Sts, "GetSessionToken").expect("is built");
        let input = json!({});
        let issued = control.execute(&OperationCall {
            operation,
            input: &input,
            caller: &root,
            judged: control.directory().version(),
            context: &policy::Context::new(),
            region: "us-east-1",
            observer: &|_| None,
            now: now(),
            request_id: "fuzz",
        });
        let issued = issued.expect("gives a session");
        let text = |name: &str| {
            let value = issued.pointer(&format!("/Credentials/{name}")).and_then(Value::as_str);
            value.expect("has credentials").to_owned()
        };
        HeldSession { id: text("AccessKeyId"), token: text("SessionToken"), control }
    }

    /// The session's own token.
    pub(crate) fn own(&self) -> &str {
        &self.token
    }

    /// Any token: only the session's own opens, and only for its own key.
    pub(crate) fn token(&self, token: &str) {
        let directory = self.control.directory();
        let judged = |id: &str| directory.identify(id, Some(token), now()).err();
        let expected = (token != self.token).then_some(IdentityError::TokenDamaged);
        assert_eq!(judged(&self.id), expected, "{token}");
        assert_eq!(judged(ROOT_KEY), Some(IdentityError::TokenDamaged), "{token}");
        assert!(judged("ASIANOBODYNOBODY0000").is_some(), "{token}");
    }
}

fn now() -> jiff::Timestamp {
    "2026-01-02T03:04:05Z".parse().expect("a time")
}

//! Signing in to the console: by password with a second factor, with a provider of OpenID Connect; and acting as a role.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustls::{ServerConnection, StreamOwned};
use serde_json::{Value, json};
use server::for_tests::{Authority, loopback_names};
use server::{Clock, OidcClientSettings};

use crate::browser::{Browser, shows, start};
use crate::client::{Answer, Key};
use crate::service::{Running, element, scratch};

const ACCOUNT: &str = "123456789012";
const PASSWORD: &str = "correct-Horse-1";
const WRONG: &str = "The account, the user name, the password or the MFA code is not right.";

/// A console whose clock the test moves, on which `developer` has a password.
fn started() -> (Running, &'static AtomicI64) {
    let seconds: &'static AtomicI64 = Box::leak(Box::default());
    (started_by(Clock::Moved(seconds)), seconds)
}

fn started_by(clock: Clock) -> Running {
    let edit = |options: &mut server::StartOptions| {
        options.settings.console.listen = Some("127.0.0.1:0".to_owned());
        options.settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    };
    let running = Running::start_by(clock, None, edit);
    give_password(&running, "developer", false);
    running
}

fn give_password(running: &Running, user: &str, reset: bool) {
    let reset = reset.to_string();
    let profile = [("UserName", user), ("Password", PASSWORD), ("PasswordResetRequired", &reset)];
    running.call("iam", &[&[("Action", "CreateLoginProfile")][..], &profile].concat());
}

fn sign_in(browser: &mut Browser, user: &str, password: &str, code: &str) -> Answer {
    let fields = [("account", ACCOUNT), ("user", user), ("password", password), ("code", code)];
    browser.send_form("/sign-in", &fields)
}

fn signed_in(running: &Running, code: &str) -> Browser {
    let mut browser = Browser::new(running);
    let answer = sign_in(&mut browser, "developer", PASSWORD, code);
    assert_eq!(answer.status, 303, "{}", answer.text());
    browser
}

/// An authenticator app, written apart from the product (RFC 6238).
struct App {
    seed: Vec<u8>,
    clock: Clock,
}

impl App {
    /// The device `phone` of `developer`.
    fn of_developer(running: &Running, seconds: &'static AtomicI64) -> Self {
        let device = [("Action", "CreateVirtualMFADevice"), ("VirtualMFADeviceName", "phone")];
        let made = running.call("iam", &device);
        let shown = STANDARD.decode(element(&made, "Base32StringSeed")).unwrap();
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let values = shown.iter().map(|letter| alphabet.iter().position(|a| a == letter).unwrap());
        let bits: Vec<usize> =
            values.flat_map(|value| (0..5).rev().map(move |n| (value >> n) & 1)).collect();
        let bytes = bits.chunks_exact(8);
        let seed =
            bytes.map(|bits| bits.iter().fold(0, |byte, bit| byte * 2 + *bit as u8)).collect();
        let app = Self { seed, clock: Clock::Moved(seconds) };
        let enabled = [
            ("Action", "EnableMFADevice"),
            ("UserName", "developer"),
            ("SerialNumber", &element(&made, "SerialNumber")),
            ("AuthenticationCode1", &app.code(-1)),
            ("AuthenticationCode2", &app.code(0)),
        ];
        running.call("iam", &enabled);
        seconds.fetch_add(90, Ordering::Relaxed);
        app
    }

    fn code(&self, steps: i64) -> String {
        let step = self.clock.now().as_second() / 30 + steps;
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.seed);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let at = usize::from(tag.as_ref()[19] & 15);
        let number = u32::from_be_bytes(tag.as_ref()[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    /// A code that is none of those near now.
    fn wrong(&self) -> String {
        let near: Vec<String> = (-2..=2).map(|steps| self.code(steps)).collect();
        let mut others = ["000000", "111111", "222222", "333333", "444444", "555555"].iter();
        (*others.find(|code| near.iter().all(|it| it != *code)).unwrap()).to_owned()
    }
}

#[test]
fn a_password_opens_a_session_whose_pages_are_signed_calls_of_that_user() {
    let (running, _) = started();
    let mut browser = signed_in(&running, "");
    let record = running.newest(|record| record.listener == "sign-in");
    assert_eq!(record.action.as_deref(), Some("sts:GetSessionToken"));
    assert_eq!(record.principal.arn, "arn:aws:iam::123456789012:user/developer");
    assert_eq!(record.principal.authentication.as_deref(), Some("basic"));
    shows(&browser.get("/domains"), &["/domains/dev", "user/developer"]);
    let record = running.newest(|record| record.action.as_deref() == Some("es:DescribeDomains"));
    assert_eq!(record.principal.authentication.as_deref(), Some("signature"));
    let key = record.principal.access_key_id.unwrap();
    assert!(key.starts_with("ASIA"), "{key}");
    // Amazon's console reaches iam without a second factor.
    shows(&browser.get("/identities/users/developer"), &["user/developer", "Active"]);
}

#[test]
fn an_alias_stands_for_its_account() {
    let (running, _) = started();
    running.call("iam", &[("Action", "CreateAccountAlias"), ("AccountAlias", "my-team")]);
    let fields = [("account", "my-team"), ("user", "developer"), ("password", PASSWORD)];
    assert_eq!(Browser::new(&running).send_form("/sign-in", &fields).status, 303);
}

#[test]
fn whether_a_second_factor_was_given_is_what_policies_read() {
    let (running, seconds) = started();
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "es:*", "Resource": "*",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}]})
    .to_string();
    let put = [("Action", "PutUserPolicy"), ("UserName", "developer"), ("PolicyName", "mfa")];
    running.call("iam", &[&put[..], &[("PolicyDocument", policy.as_str())]].concat());
    shows(&signed_in(&running, "").get("/domains"), &["The domains cannot be listed"]);
    let app = App::of_developer(&running, seconds);
    shows(&signed_in(&running, &app.code(0)).get("/domains"), &["/domains/dev"]);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long a refusal takes is what is tested")]
fn e06_every_wrong_sign_in_reads_the_same_and_takes_as_long() {
    let (running, seconds) = started();
    running.call("iam", &[("Action", "CreateUser"), ("UserName", "no-password")]);
    let app = App::of_developer(&running, seconds);
    let right = app.code(0);
    let tries = [
        ("nobody", PASSWORD, right.as_str()),
        ("no-password", PASSWORD, ""),
        ("developer", "wrong", right.as_str()),
        ("developer", PASSWORD, ""),
        ("developer", PASSWORD, &app.wrong()),
        ("developer", PASSWORD, "12345"),
    ];
    let mut texts = BTreeSet::new();
    for (user, password, code) in tries {
        let begun = std::time::Instant::now();
        let answer = sign_in(&mut Browser::new(&running), user, password, code);
        assert_eq!((answer.status, answer.header("set-cookie")), (403, None), "{user} {code}");
        shows(&answer, &[WRONG]);
        texts.insert(answer.text().replace(&format!("value=\"{user}\""), ""));
        assert!(begun.elapsed().as_millis() >= 400, "{user} {code}: {:?}", begun.elapsed());
    }
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert_eq!(sign_in(&mut Browser::new(&running), "developer", PASSWORD, &right).status, 303);
}

#[test]
fn guesses_are_counted_by_user_at_an_address_and_nobody_locks_the_owner_out() {
    // Its clock stands still: no bucket refills, however slow the machine.
    let running = started_by(Clock::Fixed(Clock::System.now()));
    let mut guesser = Browser::new(&running);
    guesser.forwarded_for = Some("192.0.2.66");
    let mut limited = (0..12).map(|_| sign_in(&mut guesser, "developer", "guess", ""));
    let limited = limited.find(|answer| answer.status == 429).expect("a limit");
    assert!(limited.header("retry-after").is_some());
    assert_eq!(sign_in(&mut guesser, "developer", PASSWORD, "").status, 429);
    let mut owner = Browser::new(&running);
    owner.forwarded_for = Some("198.51.100.9");
    assert_eq!(sign_in(&mut owner, "developer", PASSWORD, "").status, 303);
}

#[test]
fn five_wrong_codes_lock_the_device_for_thirty_seconds_and_a_code_is_good_once() {
    let (running, seconds) = started();
    let app = App::of_developer(&running, seconds);
    let status =
        |code: &str| sign_in(&mut Browser::new(&running), "developer", PASSWORD, code).status;
    for _ in 0..5 {
        assert_eq!(status(&app.wrong()), 403);
    }
    assert_eq!(status(&app.code(0)), 403, "locked");
    seconds.fetch_add(31, Ordering::Relaxed);
    let code = app.code(0);
    assert_eq!((status(&code), status(&code)), (303, 403));
}

#[test]
fn a_password_that_must_be_changed_opens_nothing_else_before() {
    let (running, _) = started();
    running.call("iam", &[("Action", "CreateUser"), ("UserName", "new")]);
    give_password(&running, "new", true);
    let arn = "arn:aws:iam::aws:policy/IAMUserChangePassword";
    let attach = [("Action", "AttachUserPolicy"), ("UserName", "new"), ("PolicyArn", arn)];
    running.call("iam", &attach);
    let mut browser = Browser::new(&running);
    assert_eq!(sign_in(&mut browser, "new", PASSWORD, "").status, 303);
    let led = browser.get("/domains");
    assert_eq!(led.header("location"), Some("/password?next=%2Fdomains"));
    let page = browser.get("/password").text();
    let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
    let token = rest.split('"').next().unwrap().to_owned();
    let mut change = |old: &str| {
        let fields = [
            ("token", token.as_str()),
            ("old", old),
            ("new", "new-Horse-22"),
            ("again", "new-Horse-22"),
        ];
        browser.send_form("/password", &fields)
    };
    let refused = change("wrong");
    shows(&refused, &["The old password was incorrect."]);
    assert_eq!(change(PASSWORD).status, 303);
    assert_eq!(browser.get("/about").status, 200);
    assert_eq!(sign_in(&mut Browser::new(&running), "new", PASSWORD, "").status, 403);
}

#[test]
fn who_loses_the_login_profile_loses_the_console_at_once() {
    let (running, _) = started();
    let mut browser = signed_in(&running, "");
    shows(&browser.get("/domains"), &["/domains/dev"]);
    running.call("iam", &[("Action", "DeleteLoginProfile"), ("UserName", "developer")]);
    // Also a page that makes no call is nobody's any more.
    assert_eq!(browser.get("/switchrole").header("location"), Some("/sign-in?next=%2Fswitchrole"));
    give_password(&running, "developer", false);
    assert_eq!(browser.get("/domains").header("location"), Some("/sign-in?next=%2Fdomains"));
}

#[test]
fn a_role_that_is_gone_is_left_and_a_user_that_is_gone_leads_to_the_sign_in() {
    let running = start();
    let call = |form: &[(&str, &str)]| running.call("iam", form);
    let developer = "arn:aws:iam::123456789012:user/developer";
    let trust = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {{"AWS": "{developer}"}}, "Action": "sts:AssumeRole"}}]}}"#
    );
    let role = ("RoleName", "for-a-while");
    call(&[("Action", "CreateRole"), role, ("AssumeRolePolicyDocument", &trust)]);
    let mut browser = Browser::signed_in(&running, &running.developer());
    let form = [("account", ACCOUNT), ("roleName", "for-a-while")];
    assert_eq!(browser.post("/switchrole", &form).status, 303);
    shows(&browser.get("/about"), &["assumed-role/for-a-while/developer"]);
    call(&[("Action", "DeleteRole"), role]);
    let led = browser.get("/domains?region=us-east-1");
    assert_eq!((led.status, led.header("location")), (303, Some("/domains?region=us-east-1")));
    shows(&browser.get("/domains"), &["You no longer act as", "/domains/dev"]);

    call(&[("Action", "CreateUser"), ("UserName", "eve")]);
    let made = call(&[("Action", "CreateAccessKey"), ("UserName", "eve")]);
    let key = Key {
        id: element(&made, "AccessKeyId"),
        secret: sigv4::SecretKey::new(&element(&made, "SecretAccessKey")),
        token: None,
    };
    let mut eve = Browser::signed_in(&running, &key);
    let pane = eve.get("/domains/dev/request").text();
    let (_, rest) = pane.split_once("name=\"token\" value=\"").unwrap();
    let token = rest.split('"').next().unwrap();
    let id = key.id.as_str();
    call(&[("Action", "DeleteAccessKey"), ("UserName", "eve"), ("AccessKeyId", id)]);
    call(&[("Action", "DeleteUser"), ("UserName", "eve")]);
    let form = [("method", "GET"), ("target", "/"), ("token", token)];
    let sent = eve.send_form("/domains/dev/request", &form);
    assert_eq!(sent.status, 401, "{}", sent.text());
    shows(&sent, &["nothing was done"]);
    assert_eq!(eve.get("/about").header("location"), Some("/sign-in?next=%2Fabout"));
}

#[test]
fn a_role_is_switched_to_with_the_sessions_own_credentials_and_left_again() {
    let running = start();
    let mut browser = Browser::signed_in(&running, &running.developer());
    let role = [("account", ACCOUNT), ("roleName", "search-app"), ("displayName", "<i>Search")];
    let switched = browser.post("/switchrole", &role);
    assert_eq!(switched.status, 303, "{}", switched.text());
    let page = browser.get("/about");
    shows(&page, &["assumed-role/search-app/developer", "&lt;i&gt;Search", "Switch back"]);
    let record = running.newest(|record| record.action.as_deref() == Some("sts:AssumeRole"));
    assert_eq!(record.principal.arn, "arn:aws:iam::123456789012:user/developer");
    assert_eq!(browser.post("/switchrole", &[("do", "back")]).status, 303);
    shows(&browser.get("/about"), &["user/developer"]);
    let nobodys = [("account", ACCOUNT), ("roleName", "nobodys")];
    let refused = browser.post("/switchrole", &nobodys);
    assert_eq!(refused.status, 403);
    shows(&refused, &["sts:AssumeRole", "role/nobodys"]);
}

#[test]
fn who_is_gone_is_out_of_the_console_although_it_switched_to_a_role_that_lives_on() {
    let (running, _) = started();
    let role = [("account", ACCOUNT), ("roleName", "search-app")];
    let mut browser = signed_in(&running, "");
    assert_eq!(browser.post("/switchrole", &role).status, 303);
    shows(&browser.get("/domains"), &["assumed-role/search-app/developer"]);
    running.call("iam", &[("Action", "DeleteLoginProfile"), ("UserName", "developer")]);
    let led = browser.get("/domains");
    assert_eq!((led.status, led.header("location")), (303, Some("/sign-in?next=%2Fdomains")));

    let key = running.developer();
    let mut browser = Browser::signed_in(&running, &key);
    assert_eq!(browser.post("/switchrole", &role).status, 303);
    assert_eq!(browser.get("/about").status, 200);
    let off = [("Action", "UpdateAccessKey"), ("AccessKeyId", &key.id), ("Status", "Inactive")];
    let off = [&off[..], &[("UserName", "developer")]].concat();
    let root = running.query(&key, "iam", &off);
    assert_eq!(root.status, 200, "{}", root.text());
    assert_eq!(browser.get("/about").header("location"), Some("/sign-in?next=%2Fabout"));
}

#[test]
fn a_new_password_ends_what_the_old_one_opened() {
    let (running, _) = started();
    let mut browser = signed_in(&running, "");
    shows(&browser.get("/domains"), &["/domains/dev"]);
    let profile = [("UserName", "developer"), ("Password", "another-Horse-2")];
    running.call("iam", &[&[("Action", "UpdateLoginProfile")][..], &profile].concat());
    assert_eq!(browser.get("/domains").header("location"), Some("/sign-in?next=%2Fdomains"));
    let mut again = Browser::new(&running);
    assert_eq!(sign_in(&mut again, "developer", "another-Horse-2", "").status, 303);
    shows(&again.get("/domains"), &["/domains/dev"]);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long a refusal takes is what is tested")]
fn a_sign_in_that_cannot_be_decided_takes_as_long_as_a_wrong_one_and_counts_as_one() {
    let running = started_by(Clock::Fixed(Clock::System.now()));
    // All passwords that may be hashed at once, and all that may wait for that.
    let checks = &running.service().state().basic;
    let (mut hashed, mut waiting) = (Vec::new(), Vec::new());
    loop {
        let mut turn = Box::pin(checks.turn());
        match turn.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(turn)) => hashed.push(turn),
            Poll::Pending => waiting.push(turn),
            Poll::Ready(Err(_too_many)) => break,
        }
    }
    let mut browser = Browser::new(&running);
    let mut tried = || {
        let begun = std::time::Instant::now();
        let status = sign_in(&mut browser, "developer", PASSWORD, "").status;
        (status, begun.elapsed().as_millis() >= 400)
    };
    for number in 0..10 {
        assert_eq!(tried(), (503, true), "{number}");
    }
    assert_eq!(tried().0, 429, "too many tries");
}

#[test]
fn a_visitor_ends_its_other_sessions() {
    let running = start();
    let mut other = Browser::signed_in(&running, &running.developer());
    let mut browser = Browser::signed_in(&running, &running.developer());
    shows(&browser.get("/sessions"), &["127.0.0.1", "a browser", "End all others"]);
    assert_eq!(browser.post("/sessions", &[("session", "others")]).status, 303);
    assert_eq!((other.get("/about").status, browser.get("/about").status), (303, 200));
}

/// A provider with the authorization code flow, and what it was asked at its token endpoint.
struct Provider {
    url: String,
    /// Codes that it gave out, each with its nonce and challenge.
    codes: Arc<Mutex<Vec<(String, String, String)>>>,
}

impl Provider {
    fn start(authority: &Authority) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let tls = authority.server_config(&loopback_names(), Clock::System.now()).unwrap();
        let codes: Arc<Mutex<Vec<(String, String, String)>>> = Arc::default();
        let (issuer, given) = (url.clone(), Arc::clone(&codes));
        std::thread::spawn(move || {
            let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
            for stream in listener.incoming().map_while(Result::ok) {
                let connection = ServerConnection::new(Arc::clone(&tls)).unwrap();
                let mut stream = StreamOwned::new(connection, stream);
                let request = request(&mut stream);
                let page = answer(&issuer, &key, &given, &request).to_string();
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{page}",
                    page.len()
                );
            }
        });
        Self { url, codes }
    }

    /// What the provider's page would send the browser back with, once somebody has signed in there.
    fn signs_in(&self, address: &str, code: &str) -> String {
        let query = address.split_once('?').unwrap().1;
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(it, _)| *it == name).unwrap().1.replace("%2D", "-").replace("%5F", "_")
        };
        let entry = (code.to_owned(), value("nonce"), value("code_challenge"));
        self.codes.lock().unwrap().push(entry);
        format!("code={code}&state={}", value("state"))
    }
}

fn request(stream: &mut impl Read) -> String {
    let (mut text, mut piece) = (String::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut piece).unwrap_or(0);
        text.push_str(&String::from_utf8_lossy(&piece[..read]));
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if read == 0 {
                return text;
            }
            continue;
        };
        let lines = head.lines().filter_map(|line| line.split_once(':'));
        let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let length = lengths.next().map_or(0, |(_, value)| value.trim().parse().unwrap());
        if body.len() >= length || read == 0 {
            return text;
        }
    }
}

/// Discovery, keys, or a token for a code that is good once and only with the verifier of its challenge.
fn answer(
    issuer: &str,
    key: &EcdsaKeyPair,
    codes: &Mutex<Vec<(String, String, String)>>,
    request: &str,
) -> Value {
    let point = key.public_key().as_ref();
    if request.starts_with("GET /.well-known/") {
        return json!({"issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys")});
    }
    if request.starts_with("GET /keys") {
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        return json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "one", "x": x, "y": y}]});
    }
    let body = request.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    let value = |name: &str| {
        let mut pairs = body.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(it, _)| *it == name).map(|(_, value)| value);
        found.unwrap_or_default().replace("%2D", "-").replace("%5F", "_")
    };
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, value("code_verifier").as_bytes()));
    let mut codes = codes.lock().unwrap();
    let found = codes.iter().position(|(code, _, of)| *code == value("code") && *of == challenge);
    let Some(at) = found else { return json!({"error": "invalid_grant"}) };
    let (_, nonce, _) = codes.remove(at);
    let now = Clock::System.now().as_second();
    let claims = json!({"iss": issuer, "sub": "ann", "email": "ann@example.com", "aud": "console",
        "nonce": nonce, "iat": now, "exp": now + 600});
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&json!({"alg": "ES256", "kid": "one"})), encode(&claims));
    let signature = key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
    json!({"id_token": format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))})
}

/// A console with the provider `people`, whose `ann` may be role `web`.
fn with_provider(test: &str) -> (Running, Provider, std::path::PathBuf) {
    let data = scratch(&format!("sign-in-{test}"));
    std::fs::create_dir_all(&data).unwrap();
    let provider = Provider::start(&Authority::open(&data, Clock::System.now()).unwrap());
    let client = OidcClientSettings {
        issuer: provider.url.clone(),
        client_id: "console".to_owned(),
        role_arn: "arn:aws:iam::123456789012:role/web".to_owned(),
        ..OidcClientSettings::new()
    };
    let running = Running::start_with(Some(data.clone()), |options| {
        options.settings.console.listen = Some("127.0.0.1:0".to_owned());
        options.settings.console.oidc.insert("people".to_owned(), client);
    });
    let name = provider.url.trim_start_matches("https://").to_owned();
    running.call(
        "iam",
        &[
            ("Action", "CreateOpenIDConnectProvider"),
            ("Url", &provider.url),
            ("ClientIDList.member.1", "console"),
            ("ThumbprintList.member.1", "0123456789012345678901234567890123456789"),
        ],
    );
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Federated": format!("arn:aws:iam::123456789012:oidc-provider/{name}")},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {format!("{name}:sub"): "ann"}}}]})
    .to_string();
    let role =
        [("Action", "CreateRole"), ("RoleName", "web"), ("AssumeRolePolicyDocument", &trust)];
    running.call("iam", &role);
    (running, provider, data)
}

#[test]
fn a_person_of_a_provider_signs_in_as_the_role_of_the_settings_by_a_code_that_is_good_once() {
    let (running, provider, data) = with_provider("oidc");
    let mut browser = Browser::new(&running);
    shows(&browser.get("/sign-in"), &["href=\"/oidc/people?next=%2F\""]);
    let led = browser.get("/oidc/people?next=%2Fabout");
    let address = led.header("location").unwrap().to_owned();
    assert!(
        address.starts_with(&format!("{}/authorize?response_type=code", provider.url)),
        "{address}"
    );
    assert!(address.contains("code_challenge_method=S256"), "{address}");
    let back = provider.signs_in(&address, "c-1");
    let mut begun = browser.again(&running);
    let entered = browser.get(&format!("/oidc/people/callback?{back}"));
    assert_eq!(
        (entered.status, entered.header("refresh")),
        (200, Some("0; url=/about")),
        "{}",
        entered.text()
    );
    let about = browser.get("/about");
    shows(&about, &["assumed-role/web/ann"]);
    assert!(!about.text().contains("ann@example.com"), "an address may come to be another's");
    let record =
        running.newest(|record| record.action.as_deref() == Some("sts:AssumeRoleWithWebIdentity"));
    assert_eq!((record.listener.as_str(), record.status), ("control", 200));
    let again = begun.get(&format!("/oidc/people/callback?{back}"));
    assert_eq!(again.status, 403, "{}", again.text());
    running.stop();
    std::fs::remove_dir_all(data).unwrap();
}

#[test]
fn a_code_of_another_sign_in_or_with_another_verifier_opens_nothing() {
    let (running, provider, data) = with_provider("oidc-others");
    let mut attacker = Browser::new(&running);
    let address = attacker.get("/oidc/people").header("location").unwrap().to_owned();
    let attackers = provider.signs_in(&address, "c-attacker");
    // Another browser follows the attacker's way back: it has not begun it.
    let mut victim = Browser::new(&running);
    assert_eq!(victim.get(&format!("/oidc/people/callback?{attackers}")).status, 403);
    // Another browser's own way back, with the attacker's code: the provider wants the verifier of its challenge.
    let address = victim.get("/oidc/people").header("location").unwrap().to_owned();
    let own = provider.signs_in(&address, "c-victim").replace("c-victim", "c-attacker");
    let refused = victim.get(&format!("/oidc/people/callback?{own}"));
    assert_eq!(refused.status, 403);
    shows(&refused, &["the provider did not exchange the code"]);
    running.stop();
    std::fs::remove_dir_all(data).unwrap();
}

#[test]
fn what_providers_are_said_to_have_sent_is_counted_by_address_as_passwords_are() {
    let (running, provider, data) = with_provider("oidc-often");
    let mut browser = Browser::new(&running);
    // A bucket fills by one a second while the tries are made.
    let limited = (0..200).any(|number| {
        let address = browser.get("/oidc/people").header("location").unwrap().to_owned();
        let back = provider.signs_in(&address, "right").replace("code=right", "code=wrong");
        let answer = browser.get(&format!("/oidc/people/callback?{back}"));
        assert!(matches!(answer.status, 403 | 429), "{number}: {}", answer.text());
        answer.status == 429 && answer.header("retry-after").is_some()
    });
    assert!(limited);
    let response = ("SAMLResponse", "PHg+PC94Pg==");
    let chosen = [response, ("role", "r"), ("provider", "p")];
    for (address, form) in [("/saml", &[response][..]), ("/saml/role", &chosen)] {
        let mut statuses = (0..200).map(|_| browser.send_form(address, form).status);
        assert!(statuses.any(|status| status == 429), "{address}");
    }
    running.stop();
    std::fs::remove_dir_all(data).unwrap();
}

#[test]
fn a_provider_that_does_not_answer_keeps_nobody_else_from_a_page() {
    const ADDRESSES: [&str; 4] = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"];
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = OidcClientSettings {
        issuer: format!("https://localhost:{}", silent.local_addr().unwrap().port()),
        client_id: "console".to_owned(),
        role_arn: "arn:aws:iam::123456789012:role/web".to_owned(),
        ..OidcClientSettings::new()
    };
    let running = Running::start_with(None, |options| {
        options.settings.console.listen = Some("127.0.0.1:0".to_owned());
        options.settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        options.settings.console.oidc.insert("people".to_owned(), client);
    });
    let at = |address| {
        let mut browser = Browser::new(&running);
        browser.forwarded_for = Some(address);
        browser
    };
    let mut browser = Browser::signed_in(&running, &running.developer());
    std::thread::scope(|scope| {
        let begin = |mut browser: Browser| {
            scope.spawn(move || {
                loop {
                    match browser.get("/oidc/people").status {
                        429 => std::thread::yield_now(),
                        status => return status,
                    }
                }
            })
        };
        let begun: Vec<_> =
            ADDRESSES.into_iter().flat_map(|it| [it; 4]).map(|it| begin(at(it))).collect();
        // Where a fifth is refused, four are under way.
        for address in ADDRESSES {
            let mut fifth = at(address);
            let full = "several pages of yours are being made";
            let mut is_full = |_: &Running| fifth.get("/link/none").text().contains(full);
            assert!(running.eventually(&mut is_full), "{address}");
        }
        assert_eq!(browser.get("/about").status, 200);
        assert!(begun.iter().all(|it| !it.is_finished()), "the page waited for the provider");
        assert_eq!(sign_in(&mut at("192.0.2.5"), "nobody", PASSWORD, "").status, 403);
        drop(silent);
        assert!(begun.into_iter().all(|it| it.join().unwrap() == 503));
    });
}

/// Signed by a library that is not ours, on 2026-01-02T03:04:00Z (`control/tests/data/saml.py`).
const SAML_RESPONSE: &str = include_str!("../../../control/tests/data/saml/signxml-assertion.xml");

#[test]
fn a_person_of_a_saml_provider_sees_the_roles_that_it_offers_and_signs_in_as_one_once() {
    let (running, seconds) = started();
    let (_, certificate) = SAML_RESPONSE.split_once("<ds:X509Certificate>").unwrap();
    let certificate = certificate.split('<').next().unwrap();
    let metadata = format!(
        "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"https://idp.example/metadata\">\
         <IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><KeyDescriptor use=\"signing\">\
         <KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data>\
         </KeyInfo></KeyDescriptor></IDPSSODescriptor>{}</EntityDescriptor>",
        " ".repeat(1_000)
    );
    let provider = [("Name", "idp"), ("SAMLMetadataDocument", &metadata)];
    running.call("iam", &[&[("Action", "CreateSAMLProvider")][..], &provider].concat());
    let arn = "arn:aws:iam::123456789012:saml-provider/idp";
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Federated": arn}, "Action": "sts:AssumeRoleWithSAML"}]})
    .to_string();
    let role = [("RoleName", "saml"), ("AssumeRolePolicyDocument", &trust)];
    running.call("iam", &[&[("Action", "CreateRole")][..], &role].concat());

    let signed: jiff::Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
    let now = Clock::System.now().as_second();
    seconds.store(signed.as_second() - now, Ordering::Relaxed);
    let response = STANDARD.encode(SAML_RESPONSE);
    let mut browser = Browser::new(&running);
    browser.origin = Some("https://idp.example");
    let offered = browser.send_form("/saml", &[("SAMLResponse", &response)]);
    assert_eq!((offered.status, offered.header("set-cookie")), (200, None));
    shows(&offered, &["Sign in as saml"]);
    let changed = STANDARD.encode(SAML_RESPONSE.replacen("ann@example", "bob@example", 1));
    assert_eq!(browser.send_form("/saml", &[("SAMLResponse", &changed)]).status, 403);
    browser.origin = None;
    let role = ("role", "arn:aws:iam::123456789012:role/saml");
    let chosen = [("SAMLResponse", response.as_str()), role, ("provider", arn)];
    assert_eq!(browser.send_form("/saml/role", &chosen).status, 303);
    shows(&browser.get("/about"), &["assumed-role/saml/"]);
    let again = Browser::new(&running).send_form("/saml/role", &chosen);
    assert_eq!((again.status, again.header("set-cookie")), (400, None));
    shows(&again, &["The assertion has been used for this role already"]);
}

#[test]
fn responses_that_other_sites_send_use_up_no_tries_of_passwords() {
    let running = started_by(Clock::Fixed(Clock::System.now()));
    let mut led = Browser::new(&running);
    led.origin = Some("https://elsewhere.example");
    let limited = (0..200).any(|_| led.send_form("/saml", &[("SAMLResponse", "x")]).status == 429);
    assert!(limited);
    assert_eq!(sign_in(&mut Browser::new(&running), "developer", PASSWORD, "").status, 303);
}

#[test]
fn a_saml_response_that_is_none_offers_no_role_and_is_read_from_elsewhere_only_up_to_a_length() {
    let running = start();
    let mut browser = Browser::new(&running);
    browser.origin = Some("https://idp.example");
    let refused = browser.send_form("/saml", &[("SAMLResponse", "PHg+PC94Pg==")]);
    assert_eq!(refused.status, 403);
    shows(&refused, &["not good for any role here"]);
    let long = "a".repeat(console::limits::SAML_FORM_BYTES_MAX + 1);
    assert_eq!(browser.send_form("/saml", &[("SAMLResponse", &long)]).status, 413);
    assert_eq!(browser.send_form("/saml/role", &[("SAMLResponse", "x")]).status, 403);
}

//! One-time passwords: what they prove, and that they prove it once.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, Key, REGION, World, allow, credentials, find, root_of, text, trust_if,
};

/// An authenticator app, written apart from the product (RFC 6238).
struct App {
    serial: String,
    seed: Vec<u8>,
}

impl App {
    fn read(created: &Value) -> App {
        let shown = STANDARD.decode(text(created, "/VirtualMFADevice/Base32StringSeed")).unwrap();
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let values = shown.iter().map(|letter| alphabet.iter().position(|a| a == letter).unwrap());
        let bits: Vec<usize> =
            values.flat_map(|v| (0..5).rev().map(move |n| (v >> n) & 1)).collect();
        let seed = bits
            .chunks_exact(8)
            .map(|bits| bits.iter().fold(0, |byte, bit| byte * 2 + *bit as u8))
            .collect();
        App { serial: text(created, "/VirtualMFADevice/SerialNumber"), seed }
    }

    fn code(&self, world: &World, steps: i64) -> String {
        let step = world.now.as_second() / 30 + steps;
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.seed);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let at = usize::from(tag.as_ref()[19] & 15);
        let number = u32::from_be_bytes(tag.as_ref()[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    fn proof(&self, world: &World) -> Value {
        json!({"SerialNumber": self.serial, "TokenCode": self.code(world, 0)})
    }
}

fn with_device(world: &mut World) -> (Key, App) {
    let ann = world.user("ann", &[allow("sts:*", "*"), allow("iam:*", "*")]);
    let created =
        world.ok(&ann, "iam:CreateVirtualMFADevice", json!({"VirtualMFADeviceName": "phone"}));
    let app = App::read(&created);
    let input = json!({"UserName": "ann", "SerialNumber": app.serial,
        "AuthenticationCode1": app.code(world, -1), "AuthenticationCode2": app.code(world, 0)});
    world.ok(&ann, "iam:EnableMFADevice", input);
    world.later(60);
    (ann, app)
}

#[test]
fn a_session_with_a_code_reaches_iam() {
    let mut world = World::new();
    let (ann, app) = with_device(&mut world);
    let session = credentials(&world.ok(&ann, "sts:GetSessionToken", app.proof(&world)));
    world.ok(&session, "iam:ListUsers", json!({}));
    assert_eq!(world.identify(&session).unwrap().mfa, Some(true));
}

#[test]
fn a_code_is_good_once_and_only_near_its_time() {
    let mut world = World::new();
    let (ann, app) = with_device(&mut world);
    let proof = app.proof(&world);
    world.ok(&ann, "sts:GetSessionToken", proof.clone());
    let failed =
        "AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code. ";
    assert_eq!(world.refused(&ann, "sts:GetSessionToken", proof), failed);
    let late = app.proof(&world);
    world.later(90);
    assert_eq!(world.refused(&ann, "sts:GetSessionToken", late), failed);
}

#[test]
fn a_role_can_ask_for_a_second_factor() {
    let mut world = World::new();
    let (ann, app) = with_device(&mut world);
    let wants = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    let arn = world.role("r", &trust_if(&root_of(ACCOUNT), &wants));
    assert!(world.assume(&ann, &arn, json!({})).is_err());
    let session = world.assume(&ann, &arn, app.proof(&world)).unwrap();
    let caller = world.identify(&session).unwrap();
    assert_eq!((caller.mfa, caller.mfa_age), (Some(false), None), "the role's session proves none");
}

#[test]
fn the_age_of_the_second_factor_is_told_and_can_be_limited() {
    let mut world = World::new();
    let (ann, app) = with_device(&mut world);
    let recent = json!({"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}});
    let arn = world.role("r", &trust_if(&root_of(ACCOUNT), &recent));
    assert!(world.assume(&ann, &arn, json!({})).is_err(), "no factor has no age");
    assert!(world.assume(&ann, &arn, app.proof(&world)).is_ok(), "proved in this request: age 0");
    world.later(30);
    let session = credentials(&world.ok(&ann, "sts:GetSessionToken", app.proof(&world)));
    world.later(299);
    assert_eq!(world.identify(&session).unwrap().mfa_age, Some(299));
    assert!(world.assume(&session, &arn, json!({})).is_ok());
    world.later(1);
    assert!(world.assume(&session, &arn, json!({})).is_err());
}

#[test]
fn another_users_device_and_half_a_proof_prove_nothing() {
    let mut world = World::new();
    let (ann, app) = with_device(&mut world);
    let bob = world.user("bob", &[allow("sts:*", "*")]);
    for input in [
        app.proof(&world),
        json!({"SerialNumber": app.serial}),
        json!({"TokenCode": app.code(&world, 0)}),
        json!({"SerialNumber": app.serial, "TokenCode": "000000"}),
    ] {
        assert!(world.refused(&bob, "sts:GetSessionToken", input).contains("invalid MFA"));
    }
    assert!(
        world
            .refused(&ann, "sts:GetSessionToken", json!({"SerialNumber": app.serial}))
            .contains("invalid MFA")
    );
}

#[test]
fn a_device_in_use_is_neither_deleted_nor_enabled_again() {
    let mut world = World::new();
    let (ann, app) = with_device(&mut world);
    let device = json!({"SerialNumber": app.serial});
    let listed = world.ok(&ann, "iam:ListMFADevices", json!({}));
    assert_eq!(text(&listed, "/MFADevices/0/SerialNumber"), app.serial);
    assert!(
        world
            .refused(&ann, "iam:DeleteVirtualMFADevice", device.clone())
            .starts_with("DeleteConflict")
    );
    let user = json!({"UserName": "ann", "SerialNumber": app.serial});
    world.ok(&ann, "iam:DeactivateMFADevice", user);
    assert!(world.refused(&ann, "sts:GetSessionToken", app.proof(&world)).contains("invalid MFA"));
    world.ok(&ann, "iam:DeleteVirtualMFADevice", device);
}

#[test]
fn codes_that_do_not_follow_each_other_enable_nothing() {
    let world = World::new();
    world.user("ann", &[]);
    let created = world.ok(
        &world.root(),
        "iam:CreateVirtualMFADevice",
        json!({"VirtualMFADeviceName": "phone"}),
    );
    let app = App::read(&created);
    let input = json!({"UserName": "ann", "SerialNumber": app.serial,
        "AuthenticationCode1": app.code(&world, 0), "AuthenticationCode2": app.code(&world, 2)});
    assert!(
        world
            .refused(&world.root(), "iam:EnableMFADevice", input)
            .starts_with("InvalidAuthenticationCode")
    );
}

/// A code that is none of the device's near this time.
fn wrong_code(world: &World, app: &App) -> String {
    let near: Vec<String> = (-25..=25).map(|steps| app.code(world, steps)).collect();
    let mut numbers = (0..).map(|number| format!("{number:06}"));
    numbers.find(|code| !near.contains(code)).unwrap()
}

fn guess(world: &World, key: &Key, app: &App, code: &str) -> String {
    let input = json!({"SerialNumber": app.serial, "TokenCode": code});
    world.refused(key, "sts:GetSessionToken", input)
}

#[test]
fn after_five_wrong_codes_the_right_one_waits_thirty_seconds() {
    let mut world = World::new();
    let (ann, app) = with_device(&mut world);
    for _ in 0..5 {
        let refused = guess(&world, &ann, &app, &wrong_code(&world, &app));
        assert!(refused.ends_with("pass code. "), "{refused}");
    }
    let refused = guess(&world, &ann, &app, &app.code(&world, 0));
    expect_test::expect!["AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code. Too many wrong codes; the next attempt is accepted after 2026-01-02T03:05:35Z."]
        .assert_eq(&refused);
    world.later(29);
    assert!(guess(&world, &ann, &app, &app.code(&world, 0)).contains("Too many"));
    world.later(1);
    world.ok(&ann, "sts:GetSessionToken", app.proof(&world));
}

#[test]
fn each_wrong_code_after_the_fifth_doubles_the_wait_and_a_right_one_ends_the_count() {
    let mut world = World::new();
    let (ann, app) = with_device(&mut world);
    for seconds in [0, 0, 0, 0, 30, 60, 120, 240] {
        assert!(!guess(&world, &ann, &app, &wrong_code(&world, &app)).contains("Too many"));
        if seconds > 0 {
            world.later(seconds - 1);
            assert!(guess(&world, &ann, &app, &app.code(&world, 0)).contains("Too many"));
            world.later(1);
        }
    }
    world.ok(&ann, "sts:GetSessionToken", app.proof(&world));
    world.later(30);
    for _ in 0..4 {
        guess(&world, &ann, &app, &wrong_code(&world, &app));
    }
    world.ok(&ann, "sts:GetSessionToken", app.proof(&world));
}

#[test]
fn a_restart_forgets_no_wrong_code() {
    let folder = std::env::temp_dir().join(format!("countersign-mfa-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut world = World::at(&folder.join("state.db"));
    let (ann, app) = with_device(&mut world);
    let now = world.now;
    for _ in 0..5 {
        guess(&world, &ann, &app, &wrong_code(&world, &app));
    }
    drop(world);
    let world = World { now, ..World::at(&folder.join("state.db")) };
    assert!(guess(&world, &ann, &app, &app.code(&world, 0)).contains("Too many"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn whose_device_it_is_not_locks_nobody_out() {
    let mut world = World::new();
    let (ann, app) = with_device(&mut world);
    let bob = world.user("bob", &[allow("sts:*", "*")]);
    for _ in 0..20 {
        guess(&world, &bob, &app, &wrong_code(&world, &app));
    }
    world.ok(&ann, "sts:GetSessionToken", app.proof(&world));
}

#[test]
fn one_code_proves_one_request_even_where_the_first_was_denied() {
    let mut world = World::new();
    let (ann, app) = with_device(&mut world);
    let stranger = world.role(
        "stranger",
        &trust_if(&root_of(ACCOUNT), &json!({"StringEquals": {"sts:ExternalId": "x"}})),
    );
    let proof = app.proof(&world);
    assert!(world.assume(&ann, &stranger, proof.clone()).is_err());
    assert!(world.refused(&ann, "sts:GetSessionToken", proof).contains("invalid MFA"));
}

#[test]
fn pairs_of_codes_are_not_guessed_either() {
    let mut world = World::new();
    let (ann, app) = with_device(&mut world);
    let pair = |world: &World, first: &str, second: &str| {
        world.call(
            &ann,
            "iam:ResyncMFADevice",
            json!({"UserName": "ann", "SerialNumber": app.serial,
            "AuthenticationCode1": first, "AuthenticationCode2": second}),
        )
    };
    let wrong = wrong_code(&world, &app);
    for _ in 0..5 {
        let refused = pair(&world, &wrong, &wrong).unwrap_err().to_string();
        assert!(refused.ends_with("is not valid."), "{refused}");
    }
    let refused = pair(&world, &app.code(&world, 0), &app.code(&world, 1)).unwrap_err().to_string();
    assert!(refused.contains("Too many wrong codes"), "{refused}");
    assert!(guess(&world, &ann, &app, &app.code(&world, 0)).contains("Too many"), "the same count");
    world.later(30);
    pair(&world, &app.code(&world, 0), &app.code(&world, 1)).unwrap();
}

#[test]
fn a_device_that_is_being_enabled_is_not_guessed_at() {
    let world = World::new();
    let ann = world.user("ann", &[allow("iam:*", "*")]);
    let made =
        world.ok(&ann, "iam:CreateVirtualMFADevice", json!({"VirtualMFADeviceName": "phone"}));
    let app = App::read(&made);
    let enable = |first: &str, second: &str| {
        let input = json!({"UserName": "ann", "SerialNumber": app.serial,
            "AuthenticationCode1": first, "AuthenticationCode2": second});
        world.call(&ann, "iam:EnableMFADevice", input)
    };
    let wrong = wrong_code(&world, &app);
    for _ in 0..5 {
        assert!(enable(&wrong, &wrong).is_err());
    }
    let refused = enable(&app.code(&world, 0), &app.code(&world, 1)).unwrap_err().to_string();
    assert!(refused.contains("Too many wrong codes"), "{refused}");
}

#[test]
fn a_proof_still_counts_when_the_call_is_judged_again() {
    let mut world = World::new();
    let (ann, app) = with_device(&mut world);
    let wants = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    let arn = world.role("r", &trust_if(&root_of(ACCOUNT), &wants));
    let operation = find("sts:AssumeRole");
    let mut input = json!({"RoleArn": arn, "RoleSessionName": "s"});
    input.as_object_mut().unwrap().extend(app.proof(&world).as_object().unwrap().clone());
    let mut caller = world.identify(&ann).unwrap();
    world.control.prove_mfa(&mut caller, operation, &input, world.now, "test").unwrap();
    let judged = world.control.directory().version();
    world.user("bob", &[]);
    let (region, now, context) = (REGION, world.now, policy::Context::new());
    let call = control::OperationCall {
        operation,
        input: &input,
        caller: &caller,
        judged,
        context: &context,
        region,
        observer: &|_| None,
        now,
        request_id: "test",
    };
    world.control.execute(&call).unwrap();
}

#[test]
fn who_signs_in_to_the_console_brings_a_code_of_any_of_its_devices() {
    let mut world = World::new();
    let (ann, phone) = with_device(&mut world);
    let input = json!({"UserName": "ann", "Password": "correct-Horse-1"});
    world.ok(&ann, "iam:CreateLoginProfile", input);
    let input = json!({"VirtualMFADeviceName": "tablet"});
    let tablet = App::read(&world.ok(&ann, "iam:CreateVirtualMFADevice", input));
    let input = json!({"UserName": "ann", "SerialNumber": tablet.serial,
        "AuthenticationCode1": tablet.code(&world, -1), "AuthenticationCode2": tablet.code(&world, 0)});
    world.ok(&ann, "iam:EnableMFADevice", input);
    world.later(60);
    let asked = |world: &World, input: Value| {
        let directory = world.control.directory();
        let login = directory.login(ACCOUNT, "ann");
        let mut caller = directory.identify_sign_in(&login, world.now).unwrap();
        let operation = find("sts:GetSessionToken");
        world.control.prove_mfa(&mut caller, operation, &input, world.now, "test")?;
        world.as_caller(&caller, "sts:GetSessionToken", &input)
    };
    let failed =
        "AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code. ";
    assert_eq!(asked(&world, json!({})).unwrap_err().to_string(), failed, "without a code");
    for app in [&tablet, &phone] {
        let input = json!({"TokenCode": app.code(&world, 0)});
        let session = credentials(&asked(&world, input.clone()).unwrap());
        assert_eq!(world.identify(&session).unwrap().mfa, Some(true));
        assert!(asked(&world, input).is_err(), "a code is good once");
    }
    world.later(60);
    for _ in 0..5 {
        asked(&world, json!({"TokenCode": "000000"})).unwrap_err();
    }
    for app in [&tablet, &phone] {
        let locked = asked(&world, json!({"TokenCode": app.code(&world, 0)})).unwrap_err();
        assert!(locked.to_string().contains("Too many wrong codes"), "{locked}");
    }
}

//! F5, F6, F9: every source of AWS's chain, at a loopback stand-in of it, through `countersign
//! request` and `countersign proxy`; what they sign is read at a loopback endpoint.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::fakes::{Fake, Heard};
use crate::running::{binary, get, until_ready};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "FwoGZXIvYXdzEXAMPLETOKEN";

/// A folder of its own, gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("countersign-chain-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// The binary with nobody's credentials: no variable, no file, no metadata service.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = binary();
        command.args(arguments).env("HOME", &self.0).env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_CONFIG_FILE", self.0.join("config")).env("AWS_REGION", "us-east-1");
        command.env("AWS_SHARED_CREDENTIALS_FILE", self.0.join("credentials"));
        command
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An endpoint that answers `{}` to everything.
fn endpoint() -> Fake {
    Fake::start(|_| (200, "{}".to_owned()))
}

/// A time so many minutes from now, as AWS writes it.
fn in_minutes(minutes: i64) -> String {
    let now = server::Clock::System.now();
    (now + jiff::SignedDuration::from_mins(minutes)).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn keys(id: &str, minutes: i64) -> String {
    let end = in_minutes(minutes);
    format!(
        r#"{{"Code":"Success","AccessKeyId":"{id}","SecretAccessKey":"{SECRET}","Token":"{TOKEN}","Expiration":"{end}"}}"#
    )
}

/// An sts that answers both AssumeRole operations; the key id counts its answers.
fn sts(minutes: i64) -> Fake {
    let count = AtomicU64::new(0);
    Fake::start(move |heard| {
        let operation = if heard.body.contains("WithWebIdentity") {
            "AssumeRoleWithWebIdentity"
        } else {
            "AssumeRole"
        };
        let number = count.fetch_add(1, Ordering::SeqCst);
        let end = in_minutes(minutes);
        let body = format!(
            "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result>\
             <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn><AssumedRoleId>AROA:s\
             </AssumedRoleId></AssumedRoleUser><Credentials><AccessKeyId>ASIASTSANSWER{number}</AccessKeyId>\
             <SecretAccessKey>{SECRET}</SecretAccessKey><SessionToken>{TOKEN}</SessionToken><Expiration>{end}\
             </Expiration></Credentials></{operation}Result><ResponseMetadata><RequestId>r</RequestId>\
             </ResponseMetadata></{operation}Response>"
        );
        (200, body)
    })
}

/// Sends one request with a command's credentials and gives what arrived.
fn sent(mut command: Command, to: &Fake) -> Heard {
    let output: Output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(!said.contains(SECRET) && !said.contains(TOKEN));
    to.heard().pop().unwrap()
}

#[test]
fn f06_the_metadata_service_of_an_instance_gives_credentials() {
    let (folder, to) = (Folder::new("imds"), endpoint());
    let imds = Fake::start(|heard| match (heard.method.as_str(), heard.target.as_str()) {
        ("PUT", _) => (200, "the-imds-token".to_owned()),
        (_, target)
            if heard.headers.get("x-aws-ec2-metadata-token").map(String::as_str)
                != Some("the-imds-token") =>
        {
            (401, target.to_owned())
        }
        (_, target) if target.ends_with("/the-role") => (200, keys("ASIAFROMIMDS", 60)),
        (_, target)
            if target.ends_with("/security-credentials/") || target.ends_with("-extended/") =>
        {
            (200, "the-role".to_owned())
        }
        _ => (404, String::new()),
    });
    let mut command = folder.command(&["request", &to.url]);
    command
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &imds.url);
    let heard = sent(command, &to);
    assert_eq!(heard.key_id(), "ASIAFROMIMDS");
    assert_eq!(heard.headers["x-amz-security-token"], TOKEN);
}

#[test]
fn f06_a_containers_endpoint_gives_credentials_for_its_token_file() {
    let (folder, to) = (Folder::new("ecs"), endpoint());
    let token = folder.write("token", "the-container-token");
    let container =
        Fake::start(|heard| match heard.headers.get("authorization").map(String::as_str) {
            Some("the-container-token") => (200, keys("ASIAFROMECS", 60)),
            _ => (401, String::new()),
        });
    let mut command = folder.command(&["request", &to.url]);
    command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/v1", container.url));
    command.env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token);
    assert_eq!(sent(command, &to).key_id(), "ASIAFROMECS");
}

#[test]
fn f06_a_web_identity_token_is_exchanged_at_sts() {
    let (folder, to, sts) = (Folder::new("web"), endpoint(), sts(60));
    let token = folder.write("token", "the-web-identity-token");
    let mut command = folder.command(&["request", &to.url]);
    command.env("AWS_WEB_IDENTITY_TOKEN_FILE", token).env("AWS_ENDPOINT_URL_STS", &sts.url);
    command.env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r");
    assert_eq!(sent(command, &to).key_id(), "ASIASTSANSWER0");
    assert!(sts.heard()[0].body.contains("WebIdentityToken=the-web-identity-token"));
}

#[test]
fn f06_a_profile_with_a_role_and_a_source_profile_assumes_it() {
    let (folder, to, sts) = (Folder::new("source"), endpoint(), sts(60));
    folder.write(
        "config",
        "[profile base]\naws_access_key_id = AKIABASEBASEBASEBASE\naws_secret_access_key = s\n\
         [profile top]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n",
    );
    let mut command = folder.command(&["request", "--profile", "top", &to.url]);
    command.env("AWS_ENDPOINT_URL_STS", &sts.url);
    assert_eq!(sent(command, &to).key_id(), "ASIASTSANSWER0");
    assert_eq!(sts.heard()[0].key_id(), "AKIABASEBASEBASEBASE");
}

#[test]
fn f06_an_sso_session_gives_a_roles_credentials() {
    let (folder, to) = (Folder::new("sso"), endpoint());
    let portal = Fake::start(|heard| {
        assert_eq!(heard.headers["x-amz-sso_bearer_token"], "the-sso-token");
        let end = server::Clock::System.now().as_millisecond() + 3_600_000;
        let body = format!(
            r#"{{"roleCredentials":{{"accessKeyId":"ASIAFROMSSO","secretAccessKey":"{SECRET}","sessionToken":"{TOKEN}","expiration":{end}}}}}"#
        );
        (200, body)
    });
    folder.write(
        "config",
        "[profile corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n\
         sso_account_id = 123456789012\nsso_role_name = r\n",
    );
    // The file's name is the SHA-1 of the start URL, as the AWS CLI names it.
    let end = in_minutes(60);
    folder.write(
        ".aws/sso/cache/a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json",
        &format!(r#"{{"accessToken":"the-sso-token","expiresAt":"{end}","region":"us-east-1","startUrl":"https://corp.awsapps.com/start"}}"#),
    );
    let mut command = folder.command(&["request", "--profile", "corp", &to.url]);
    command.env("AWS_ENDPOINT_URL_SSO", &portal.url);
    assert_eq!(sent(command, &to).key_id(), "ASIAFROMSSO");
}

#[test]
fn f06_a_process_gives_credentials() {
    let (folder, to) = (Folder::new("process"), endpoint());
    let end = in_minutes(60);
    let keys = folder.write(
        "keys.json",
        &format!(r#"{{"Version":1,"AccessKeyId":"ASIAFROMPROCESS","SecretAccessKey":"{SECRET}","SessionToken":"{TOKEN}","Expiration":"{end}"}}"#),
    );
    folder.write(
        "config",
        &format!("[profile robot]\ncredential_process = cat {}\n", keys.display()),
    );
    assert_eq!(
        sent(folder.command(&["request", "--profile", "robot", &to.url]), &to).key_id(),
        "ASIAFROMPROCESS"
    );
}

#[test]
fn f06_the_environment_comes_first_and_no_source_is_said_so() {
    let (folder, to) = (Folder::new("order"), endpoint());
    folder.write(
        "credentials",
        "[default]\naws_access_key_id = AKIAOFTHEFILE\naws_secret_access_key = s\n",
    );
    assert_eq!(sent(folder.command(&["request", &to.url]), &to).key_id(), "AKIAOFTHEFILE");
    let mut both = folder.command(&["request", &to.url]);
    both.env("AWS_ACCESS_KEY_ID", "AKIAOFTHEENVIRONMENT").env("AWS_SECRET_ACCESS_KEY", SECRET);
    assert_eq!(sent(both, &to).key_id(), "AKIAOFTHEENVIRONMENT");
    let none = folder.command(&["request", "--profile", "nobody", &to.url]).output().unwrap();
    assert!(!none.status.success());
    assert!(String::from_utf8_lossy(&none.stderr).contains("no AWS credentials"));
}

/// A proxy; it ends when dropped.
struct Running {
    child: Child,
    address: String,
    admin: String,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let (child, said) = until_ready(command);
        let mut urls =
            said.split_ascii_whitespace().filter_map(|word| word.strip_prefix("http://"));
        let address = urls.next().unwrap().to_owned();
        let admin = said.split("metrics: http://").nth(1).unwrap();
        let admin =
            admin.split_ascii_whitespace().next().unwrap().trim_end_matches("/healthz").to_owned();
        Self { child, address, admin }
    }

    fn get(&self, path: &str) -> String {
        get(&self.address, path)
    }

    fn metric(&self, name: &str) -> u64 {
        let page = get(&self.admin, "/metrics");
        let line = page.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
        line.rsplit(' ').next().unwrap().parse().unwrap()
    }

    /// Stops it and gives what it said on standard error.
    fn stop(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn proxy(folder: &Folder, to: &Fake) -> Command {
    folder.command(&["proxy", "--to", &to.url, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
}

/// A container endpoint whose credentials are always due for renewal, numbered, and that can fail.
fn short_lived() -> (Fake, Arc<AtomicBool>) {
    let (count, down) = (AtomicU64::new(0), Arc::new(AtomicBool::new(false)));
    let failing = Arc::clone(&down);
    let fake = Fake::start(move |_| {
        if failing.load(Ordering::SeqCst) {
            return (500, String::new());
        }
        (200, keys(&format!("ASIANUMBER{}", count.fetch_add(1, Ordering::SeqCst)), 4))
    });
    (fake, down)
}

#[test]
fn f05_rotated_credentials_are_picked_up_before_the_old_ones_end() {
    let (folder, to, (container, _)) = (Folder::new("rotate"), endpoint(), short_lived());
    let mut command = proxy(&folder, &to);
    command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/v1", container.url));
    let running = Running::start(&mut command);
    running.get("/a");
    running.get("/b");
    let keys: Vec<String> = to.heard().iter().map(|heard| heard.key_id().to_owned()).collect();
    assert_eq!(keys, ["ASIANUMBER1", "ASIANUMBER2"], "0 was loaded at the start");
}

#[test]
fn f05_a_source_that_is_down_leaves_the_last_good_credentials() {
    let (folder, to, (container, down)) = (Folder::new("down"), endpoint(), short_lived());
    let mut command = proxy(&folder, &to);
    command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/v1", container.url));
    let running = Running::start(&mut command);
    down.store(true, Ordering::SeqCst);
    for _ in 0..5 {
        assert!(running.get("/a").starts_with("HTTP/1.1 200"));
    }
    assert!(to.heard().iter().all(|heard| heard.key_id() == "ASIANUMBER0"));
    assert_eq!(
        running.metric("countersign_proxy_credential_failures_total"),
        1,
        "not for every request"
    );
    assert!(get(&running.admin, "/readyz").starts_with("HTTP/1.1 200"));
    assert!(running.metric("countersign_proxy_credentials_expire_seconds") <= 240);
}

#[test]
fn f06_a_web_identity_token_file_that_is_replaced_is_read_again() {
    let (folder, to, sts) = (Folder::new("replaced"), endpoint(), sts(4));
    let token = folder.write("token", "first-token");
    let mut command = proxy(&folder, &to);
    command.env("AWS_WEB_IDENTITY_TOKEN_FILE", &token).env("AWS_ENDPOINT_URL_STS", &sts.url);
    command.env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r");
    let running = Running::start(&mut command);
    folder.write("token", "second-token");
    running.get("/a");
    assert_eq!(to.heard()[0].key_id(), "ASIASTSANSWER1");
    assert!(sts.heard()[0].body.contains("WebIdentityToken=first-token"));
    assert!(sts.heard()[1].body.contains("WebIdentityToken=second-token"));
}

/// The most memory that a process ever had, in KiB, as Linux tells it.
#[cfg(target_os = "linux")]
fn peak_kib(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn f07_a_long_body_costs_the_proxy_no_memory() {
    const BODY_BYTES: usize = 64 * 1024 * 1024;
    let (folder, to) = (Folder::new("long"), endpoint());
    let mut command = proxy(&folder, &to);
    command.env("AWS_ACCESS_KEY_ID", "AKIALONGBODY").env("AWS_SECRET_ACCESS_KEY", SECRET);
    let running = Running::start(&mut command);
    let before = peak_kib(&running.child);
    let mut stream = TcpStream::connect(&running.address).unwrap();
    let address = &running.address;
    let head = format!(
        "POST /_bulk HTTP/1.1\r\nHost: {address}\r\nContent-Length: {BODY_BYTES}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    for _ in 0..BODY_BYTES / 65_536 {
        stream.write_all(&[b'x'; 65_536]).unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(to.heard()[0].body.len(), BODY_BYTES);
    let grown = peak_kib(&running.child) - before;
    assert!(grown < 16 * 1024, "64 MiB through the proxy grew it by {grown} KiB");
}

#[test]
fn f09_with_logging_at_its_loudest_no_secret_is_written() {
    let (folder, to, (container, _)) = (Folder::new("loud"), endpoint(), short_lived());
    let mut command = proxy(&folder, &to);
    command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/v1", container.url));
    for name in ["RUST_LOG", "COUNTERSIGN_LOG"] {
        command.env(name, "trace");
    }
    let running = Running::start(&mut command);
    running.get("/a");
    let said = running.stop();
    for secret in [SECRET, TOKEN, "Signature=", "authorization"] {
        assert!(!said.contains(secret), "{said}");
    }
}

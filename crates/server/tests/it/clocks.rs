//! The clock of an account, which tests of who runs `dev` may move, and nobody else.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::service::Running;

/// The status and body of a request to the admin listener.
pub(crate) fn admin(running: &Running, request: &str) -> String {
    let at = running.service().admin_url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(at).unwrap();
    write!(stream, "{request}\r\nhost: {at}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn ahead(running: &Running) -> i64 {
    let got = running.call("iam", &[("Action", "CreateGroup"), ("GroupName", "now")]);
    let made: jiff::Timestamp = crate::service::element(&got, "CreateDate").parse().unwrap();
    running.call("iam", &[("Action", "DeleteGroup"), ("GroupName", "now")]);
    made.as_second() - server::Clock::System.now().as_second()
}

const MOVE: &str = "POST /accounts/123456789012/clock/86400 HTTP/1.1";

/// The header of whoever may read the files of `dev`.
pub(crate) fn test(running: &Running) -> String {
    let token = running.service().state().test_token.get().map(|token| token.expose());
    format!("\r\nx-countersign-test: {}", token.unwrap_or("1"))
}

#[test]
fn a_test_moves_the_clock_of_an_account() {
    let running = Running::start();
    assert!(ahead(&running).abs() < 60);
    assert!(admin(&running, &format!("{MOVE}{}", test(&running))).starts_with("HTTP/1.1 200 "));
    assert!((ahead(&running) - 86_400).abs() < 60);
    for (request, status) in [
        ("POST /accounts/123456789012/clock/9999999999 HTTP/1.1", "400"),
        ("POST /accounts/999988887777/clock/1 HTTP/1.1", "404"),
        ("POST /accounts/root/clock/1 HTTP/1.1", "405"),
        ("POST /accounts/123456789012/clock/soon HTTP/1.1", "405"),
        ("GET /accounts/123456789012/clock/1 HTTP/1.1", "404"),
    ] {
        let told = admin(&running, &format!("{request}{}", test(&running)));
        assert!(told.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {told}");
    }
}

#[test]
fn serve_sets_right_what_a_test_of_dev_left_moved() {
    let data = std::env::temp_dir().join(format!("countersign-clocks-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&data);
    let running = Running::start_on(Some(data.clone()));
    assert!(admin(&running, &format!("{MOVE}{}", test(&running))).starts_with("HTTP/1.1 200 "));
    running.stop();
    let running = Running::start_on(Some(data.clone()));
    assert!((ahead(&running) - 86_400).abs() < 60, "dev keeps it");
    running.stop();
    let serving = Running::start_with(Some(data.clone()), |options| {
        *options = server::StartOptions::server(options.settings.clone());
    });
    assert!(ahead(&serving).abs() < 60);
    serving.stop();
    std::fs::remove_dir_all(data).unwrap();
}

#[test]
fn without_the_token_and_in_serve_there_is_no_such_path() {
    let running = Running::start();
    assert!(admin(&running, MOVE).starts_with("HTTP/1.1 405 "), "a page in a browser");
    let other = format!("{MOVE}\r\nx-countersign-test: {}", "0".repeat(64));
    assert!(admin(&running, &other).starts_with("HTTP/1.1 405 "), "another user of the machine");
    let serving = Running::start_with(None, |options| {
        *options = server::StartOptions::server(options.settings.clone());
    });
    assert!(admin(&serving, &format!("{MOVE}{}", test(&running))).starts_with("HTTP/1.1 405 "));
}

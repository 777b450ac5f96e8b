//! The example program in Rust (`examples/quickstart.rs`), against a service in this process.

use client::credentials::{CredentialCache, Credentials};
use client::signed::{ClientOptions, SearchClient};

use crate::service::Running;

#[path = "../../../../examples/quickstart.rs"]
#[allow(dead_code, reason = "its main is for people")]
mod program;

#[test]
fn the_rust_program_puts_books_into_an_index_and_finds_them() {
    let running = Running::start();
    let (service, key) = (running.service(), &running.service().keys.everyday);
    let key = Credentials::new(&key.access_key_id, key.secret.expose());
    let options = ClientOptions::new(&service.domains()["dev"], || server::Clock::System.now());
    let options = options.unwrap().region(&service.region).ca(&service.ca);
    let options = options.credentials(CredentialCache::fixed(key));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut printed = Vec::new();
    runtime
        .block_on(async {
            let client = SearchClient::open(options).await?;
            program::run(&client, &mut printed).await
        })
        .unwrap();
    let expected = "3 books are in the index
2 are about programs, 1295.0 pages of them:
  2: Programming Rust
  1: The Rust Programming Language
an index that is not there: 404 index_not_found_exception
";
    assert_eq!(String::from_utf8(printed).unwrap(), expected);
}

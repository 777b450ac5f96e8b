//! Quotas: what a principal, an address and a domain may have under way and open at once, and whom a denied caller takes nothing
//! from (decision 0194). By counts: clocks stand, and what runs is held.

use serde_json::Value;
use server::PoolBounds;

use crate::client::{Answer, Key};
use crate::service::Running;
use crate::shares::{Stuck, holder, send};

const ACCOUNT: &str = "123456789012";
const APP: &str = "arn:aws:iam::123456789012:role/search-app";
const SEARCH: &str = "/_search";

/// Says 429 as Elasticsearch does, with what was seen and which setting it is.
#[track_caller]
fn rejected(answer: &Answer, says: &[&str]) {
    assert_eq!(answer.status, 429, "{}", answer.text());
    let body = answer.json();
    let kind = body["error"]["type"].as_str().unwrap();
    assert!(kind.contains("rejected_execution_exception"), "{body}");
    let reason = body["error"]["reason"].as_str().unwrap();
    assert!(says.iter().all(|it| reason.contains(it)), "{reason}");
}

/// Calls of the role's take all the turns that it has.
fn stuck(running: &Running) -> Stuck {
    let share = PoolBounds::default().running_per_principal;
    let stuck = Stuck::begin(running, (0..share).map(|_| holder(ACCOUNT, APP)));
    let pool = running.service().state().pool.clone();
    assert!(running.eventually(|_| pool.calls().0 == share));
    stuck
}

/// Waits until so many calls wait for their turn.
fn waiting(running: &Running, calls: usize) {
    let pool = running.service().state().pool.clone();
    assert!(running.eventually(|_| pool.calls().1 == calls), "{:?}", pool.calls());
}

#[test]
fn g08_a_principal_with_enough_searches_under_way_reads_429_and_others_are_served() {
    let running = Running::start_with(None, |options| {
        options.settings.limits.searches_per_principal = 2;
    });
    let (domain, app) = (running.domain(), running.assume("search-app"));
    let held = stuck(&running);
    let _both = [send(&domain, &app, SEARCH, b"{}"), send(&domain, &app, "/_count", b"{}")];
    waiting(&running, 2);
    let page = br#"{"scroll_id":"c2Nyb2xs"}"#;
    let says =
        ["[2] are under way", "[1] more", "there may be [2]", "limits.searches_per_principal"];
    for (target, body) in
        [(SEARCH, &b"{}"[..]), ("/_search/scroll", page), ("/_msearch", b"{}\n{}\n")]
    {
        rejected(&domain.signed(&app, "POST", target, body), &says);
    }
    // Another session of the role is the same principal; another principal is not.
    rejected(&domain.signed(&running.assume("search-app"), "POST", SEARCH, b"{}"), &says);
    assert_eq!(domain.signed(&running.developer(), "POST", SEARCH, b"{}").status, 200);
    drop(held);
    waiting(&running, 0);
    assert!(running.eventually(|_| domain.signed(&app, "POST", SEARCH, b"{}").status == 200));
}

#[test]
fn g08_an_address_and_a_domain_with_enough_searches_under_way_are_told_which_it_is() {
    type Edit = fn(&mut server::Settings);
    let cases: [(Edit, &str); 2] = [
        (|settings| settings.limits.searches_per_address = 1, "limits.searches_per_address"),
        (|settings| settings.limits.searches_per_domain = 1, "limits.searches_per_domain"),
    ];
    for (edit, says) in cases {
        let running = Running::start_with(None, |options| edit(&mut options.settings));
        let (domain, app) = (running.domain(), running.assume("search-app"));
        let _held = stuck(&running);
        let _one = send(&domain, &app, SEARCH, b"{}");
        waiting(&running, 1);
        rejected(&domain.signed(&running.developer(), "POST", SEARCH, b"{}"), &[says]);
        // What is no search is served.
        assert_eq!(domain.signed(&running.developer(), "GET", "/", b"").status, 200);
    }
}

#[test]
fn g08_bytes_of_bodies_under_way_are_counted_for_their_principal() {
    let running = Running::start_with(None, |options| {
        options.settings.limits.bytes_in_flight_per_principal = 100_000;
    });
    let (domain, app) = (running.domain(), running.assume("search-app"));
    let document = |bytes: usize| format!("{{\"text\":\"{}\"}}", "x".repeat(bytes)).into_bytes();
    let held = stuck(&running);
    let _one = send(&domain, &app, "/books/_doc", &document(90_000));
    waiting(&running, 1);
    let refused = domain.signed(&app, "POST", "/books/_doc", &document(20_000));
    rejected(
        &refused,
        &["bytes of bodies", "there may be [100000]", "limits.bytes_in_flight_per_principal"],
    );
    let others = domain.signed(&running.developer(), "POST", "/books/_doc", &document(20_000));
    assert_eq!(others.status, 201, "{}", others.text());
    drop(held);
    // One body is always accepted.
    let large = || domain.signed(&app, "POST", "/books/_doc", &document(200_000)).status == 201;
    assert!(running.eventually(|_| large()));
}

#[test]
fn g08_who_is_denied_uses_up_nothing_of_the_domains_rate() {
    let running = Running::start_standing(|options| {
        options.settings.limits.requests_per_second_per_domain = 5;
    });
    let (domain, key, stranger) = (running.domain(), running.developer(), running.stranger());
    let body = b"{\"index\":{\"_index\":\"books\"}}\n{}\n";
    for _ in 0..20 {
        // By its URL, without credentials, and in its turn.
        assert_eq!(domain.signed(&stranger, "GET", "/books/_search", b"").status, 403);
        assert_eq!(domain.anonymous("GET", "/books/_search", b"").status, 403);
        assert_eq!(domain.signed(&stranger, "POST", "/_bulk", body).status, 403);
    }
    for _ in 0..5 {
        assert_eq!(domain.signed(&key, "GET", "/", b"").status, 200);
    }
    let refused = domain.signed(&key, "GET", "/", b"");
    assert_eq!(refused.status, 429);
    assert!(refused.text().contains("Too many requests to this domain"), "{}", refused.text());
}

#[test]
fn g08_who_is_denied_still_uses_up_its_own_rate_and_its_addresss() {
    type Edit = fn(&mut server::Settings);
    let cases: [(Edit, &str); 2] = [
        (|settings| settings.limits.requests_per_second_per_principal = 5, "of this principal"),
        (|settings| settings.limits.requests_per_second_per_address = 5, "from this address"),
    ];
    for (edit, says) in cases {
        let running = Running::start_standing(|options| edit(&mut options.settings));
        let (domain, stranger) = (running.domain(), running.stranger());
        let ask = || domain.signed(&stranger, "GET", "/books/_search", b"");
        assert_eq!((0..5).map(|_| ask().status).collect::<Vec<_>>(), [403; 5]);
        let refused = ask();
        assert_eq!(refused.status, 429);
        assert!(refused.text().contains(says), "{}", refused.text());
    }
}

/// Opens one cursor of a kind.
fn opens(running: &Running, key: &Key, target: &str) -> Answer {
    let body: &[u8] = if target.contains("_pit") { b"" } else { b"{}" };
    running.domain().signed(key, "POST", target, body)
}

#[test]
fn g10_open_scrolls_points_in_time_and_searches_are_bounded_for_each_principal() {
    let running = Running::start_with(None, |options| {
        options.settings.limits.cursors_per_principal = 3;
    });
    let (key, app) = (running.developer(), running.assume("search-app"));
    let made = running.domain().signed(&key, "PUT", "/books/_doc/1?refresh=true", b"{}");
    assert_eq!(made.status, 201, "{}", made.text());
    let kinds = [
        "/books/_search?scroll=1m&size=1",
        "/books/_pit?keep_alive=1m",
        "/books/_async_search?keep_on_completion=true",
    ];
    let says = ["There are [3] already", "there may be [3]", "limits.cursors_per_principal"];
    for target in kinds {
        let statuses: Vec<u16> = (0..3).map(|_| opens(&running, &app, target).status).collect();
        assert_eq!(statuses, [200; 3], "{target}");
        rejected(&opens(&running, &app, target), &says);
        // Another session of the role is the same principal.
        rejected(&opens(&running, &running.assume("search-app"), target), &says);
        assert_eq!(opens(&running, &key, target).status, 200, "{target}");
    }
    let closed = running.domain().signed(&app, "DELETE", "/_search/scroll/_all", b"").json();
    assert_eq!(closed["num_freed"], Value::from(3));
    assert_eq!(opens(&running, &app, kinds[0]).status, 200, "its places are free again");
}

#[test]
fn g10_open_scrolls_are_bounded_for_each_address_whoever_opens_them() {
    let running = Running::start_with(None, |options| {
        options.settings.limits.cursors_per_address = 2;
    });
    let (key, app) = (running.developer(), running.assume("search-app"));
    running.domain().signed(&key, "PUT", "/books/_doc/1?refresh=true", b"{}");
    let target = "/books/_search?scroll=1m&size=1";
    assert_eq!([&key, &app].map(|key| opens(&running, key, target).status), [200, 200]);
    rejected(&opens(&running, &app, target), &["limits.cursors_per_address"]);
}

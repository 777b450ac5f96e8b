//! The bodies of the fuzz targets over seeds, random changes of them, and random text: what `cargo test`
//! can do of fuzzing on any machine. `SIGV4_PROPERTY_CASES` sets how many cases each test tries.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::hand::{Hand, KEY_ID};
use crate::properties::config;

#[path = "../../../../fuzz/bodies/signatures.rs"]
mod bodies;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_head_is_believed_or_makes_a_panic(
        seed in any::<Index>(),
        changes in vec(change(), 0..8),
        random in vec(any::<u8>(), 0..60),
    ) {
        let seeds = heads();
        let seed = seed.get(&seeds);
        bodies::head(&changed(seed, &changes));
        bodies::head(&random);
    }

    #[test]
    fn what_is_left_of_a_query_after_stripping_is_anonymous(
        seed in any::<Index>(),
        changes in vec(change(), 0..8),
        random in "(&?(X-Amz-[A-Za-z]{0,9}|%[0-9a-fA-F]{0,2}|\\PC{0,4})=?\\PC{0,6}){0,6}",
    ) {
        let seeds = queries();
        let seed = seed.get(&seeds).as_bytes();
        bodies::query(&String::from_utf8_lossy(&changed(seed, &changes)));
        bodies::query(&random);
    }

    #[test]
    fn whatever_can_be_signed_is_verified_in_its_form(
        path in "(/|\\PC|%[0-9a-fA-F]{0,2}|\\.){0,12}",
        query in "(&|=|\\+|\\PC|%[0-9a-fA-F]{0,2}|[a-c]){0,16}",
        body in vec(any::<u8>(), 0..40),
        form in any::<u8>(),
    ) {
        bodies::canonical(&path, &query, &body, form);
    }
}

/// Signed requests of both forms, as the body reads a head.
fn heads() -> Vec<Vec<u8>> {
    let requests = [
        Hand::get("/books/_search", "q=rust&size=1").signed(),
        Hand::get("/", "").with("Connection", "close").with("X-Amz-Security-Token", "t").signed(),
        Hand::get("/a%20b", "a=%zz").presigned("60"),
        Hand::get("/", "").authorized("Basic dXNlcjpwYXNz"),
    ];
    let head = |request: &Hand| {
        // Somebody else's signature: the body's verifier must never believe one.
        let mut head =
            format!("{}\n{}\n{}", request.method, request.path, request.query).into_bytes();
        for (name, value) in &request.headers {
            head.extend([b"\n", name.as_bytes(), b":", value].concat());
        }
        head
    };
    requests.iter().map(head).collect()
}

fn queries() -> [String; 3] {
    [
        Hand::get("/", "q=a%20b&size=1").presigned("60").query,
        format!("X%2DAmz%2DCredential={KEY_ID}&x-amz-signature&AWSAccessKeyId=1"),
        "X-Amz-Security-Token=a+b&X-Amz-Content-Sha256=&+X-Amz-Date=1".to_owned(),
    ]
}

/// One change: where, how, and with which byte.
fn change() -> impl Strategy<Value = (Index, u8, u8)> {
    (any::<Index>(), 0..5_u8, any::<u8>())
}

fn changed(seed: &[u8], changes: &[(Index, u8, u8)]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for (place, kind, byte) in changes {
        let place = place.index(bytes.len() + 1);
        match kind {
            0 => bytes.insert(place, *byte),
            1 => drop(bytes.drain(place..(place + 1).min(bytes.len()))),
            2 => bytes.truncate(place),
            3 => bytes.extend_from_within(place..(place + usize::from(*byte)).min(bytes.len())),
            _ => bytes.iter_mut().skip(place).take(1).for_each(|old| *old ^= 1 << (byte % 8)),
        }
    }
    bytes
}

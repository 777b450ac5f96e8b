//! `wrapper`.

use crate::cases::search;
use crate::library::films;

#[test]
fn a_query_is_unwrapped() {
    search!(films(), {"query": {"wrapper": {"query": "eyJ0ZXJtIjp7ImdlbnJlIjoiZHJhbWEifX0="}}, "_source": false});
}

#[test]
fn no_query_is_refused() {
    search!(films(), {"query": {"wrapper": {}}});
}

//! The console: pages for a browser, made from what the caller's own API calls answer.
//!
//! A page asks the control plane and the domains by requests ([`ApiCall`]) that the [`Service`] signs with the credentials of
//! whoever signed in, and sends through the same walk as any other request. There is no other way to anything, so the console
//! can do what its caller could do by API, and nothing else (decision 0196).
//!
//! Values in, values out: this crate knows neither sockets, nor clocks, nor the engine. A page is a file below `pages/`, named
//! as its address; `routes.rs` is the one table of them. Text becomes HTML in `maud`'s templates only, which escape it.

mod answer;
mod api;
mod assets;
mod attempts;
mod charts;
mod cli;
mod connecting;
#[cfg(test)]
mod every_form;
mod facade;
mod html;
mod http;
mod iam;
mod layout;
pub mod limits;
mod pages;
mod policies;
mod routes;
mod sessions;
mod signing_in;
#[cfg(test)]
mod testing;
mod visit;

pub use answer::{Asker, Console, WaitsFor};
pub use facade::{
    Api, ApiAnswer, ApiCall, ApiPath, Destination, OidcAnswer, OidcAttempt, Pending, Presented,
    Service, SignInRefused, SignedIn, Visitor,
};
pub use http::{Method, Request, Response};
pub use routes::{RouteRow, TABLE as ROUTES};
pub use sessions::SessionTimes;

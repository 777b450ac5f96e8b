//! The two files beside the pages. Both are ours; nothing is loaded from anywhere else.

use crate::http::Response;

/// The address of the style sheet: another one with each version.
pub(crate) const STYLE: &str = concat!("/assets/", env!("CARGO_PKG_VERSION"), "/console.css");
/// The address of the script.
pub(crate) const SCRIPT: &str = concat!("/assets/", env!("CARGO_PKG_VERSION"), "/console.js");
/// The address of the icon.
pub(crate) const ICON: &str = concat!("/assets/", env!("CARGO_PKG_VERSION"), "/icon.svg");

/// The file at an address.
pub(crate) fn find(path: &str) -> Option<Response> {
    let (content_type, text) = match path {
        STYLE => ("text/css; charset=utf-8", include_str!("../assets/console.css")),
        SCRIPT => ("text/javascript; charset=utf-8", include_str!("../assets/console.js")),
        ICON => ("image/svg+xml", include_str!("../assets/icon.svg")),
        _ => return None,
    };
    Some(Response::new(200, content_type, text).with("cache-control", "max-age=600"))
}

//! Scripts: how requests write them, which languages there are, where they are kept.
//!
//! A [`ScriptRequest`] is what a request says; `ScriptRequest::compile` makes a `Script` of it, once. A `Machine`
//! runs it as often as it is wanted:
//!
//! ```text
//! let script = ScriptRequest::parse(json)?.compile(&context::FIELD, work)?;
//! let mut machine = Machine::new(work, now);
//! let mut document = SegmentDocument::new(snapshot, segment);
//! document.seek(doc);
//! let value = script.run(&mut machine, &[("doc", GivenVariable::Document)], Some(&mut document))?.json()?;
//! ```
//!
//! Every run is bounded in steps, memory and depth, and ends when its request is called off. What a script sees of a
//! document is what its `ScriptDocument` (`document.rs`) shows: the caller's view.

pub(crate) mod columns;
pub(crate) mod document;
pub(crate) mod mustache;
pub(crate) mod painless;
pub(crate) mod request;

pub(crate) use columns::SegmentDocument;
pub(crate) use painless::context::{self, ScriptContext};
pub(crate) use painless::lucene::EXPRESSION_CONTEXTS;
pub(crate) use painless::{GivenVariable, Machine, moving_functions};
pub(crate) use request::Script;
pub use request::ScriptRequest;

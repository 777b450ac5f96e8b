//! The IAM policy language: may this principal do this, and why?
//!
//! A [`Policy`] is parsed once, strictly; several become a compiled [`PolicySet`]; [`evaluate`]
//! answers an [`AccessRequest`] from the [`Policies`] that bear on it, and [`explain`] says why.
//! Nothing here does input or output, reads a clock, or knows anything of HTTP.
//!
//! ```
//! use policy::{
//!     AccessRequest, Context, Policies, Policy, PolicyKind, PolicySet, Principal, evaluate,
//! };
//!
//! let policy = Policy::parse(
//!     r#"{"Version": "2012-10-17",
//!         "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": "es:ESHttpGet",
//!                        "Resource": "arn:aws:es:us-east-1:123456789012:domain/logs/*"}]}"#,
//!     PolicyKind::Identity,
//! )?;
//! let identity = PolicySet::single("reader", policy);
//! let principal = Principal::user("arn:aws:iam::123456789012:user/ann");
//! let context = Context::new();
//! let request = AccessRequest {
//!     principal: &principal,
//!     action: "es:ESHttpGet",
//!     resource: "arn:aws:es:us-east-1:123456789012:domain/logs/_search",
//!     resource_account: None,
//!     context: &context,
//! };
//! let decision = evaluate(&Policies { identity: &identity, ..Policies::NONE }, &request);
//! assert!(decision.is_allowed());
//! # Ok::<(), policy::ParseError>(())
//! ```

mod action;
mod arn;
mod checks;
pub mod compare;
mod condition;
mod context;
#[cfg(test)]
#[expect(clippy::string_slice, reason = "test code: a panic is a failing test")]
mod differential;
mod document;
mod effect;
mod evaluate;
mod explain;
pub mod generate;
mod index;
mod json;
mod kind;
mod limits;
pub mod lint;
mod parse;
mod partial;
mod pattern;
mod prepared;
mod principal;
mod print;
#[cfg(test)]
#[expect(clippy::string_slice, reason = "test code: a panic is a failing test")]
mod reference;
pub mod repair;
mod request;
mod residual;
mod resource;
pub mod roles;
mod set;
pub mod simulation;
mod statement;
pub mod template;
mod variables;

pub use arn::{Arn, ArnError};
pub use checks::{Check, CheckEffect, checks};
pub use condition::{is_date as is_condition_date, is_operator as is_condition_operator};
pub use context::{Context, DocumentScope};
pub use document::{ParseError, Policy, Version};
pub use effect::Effect;
pub use evaluate::{Decision, HeldPolicy, Outcome, Policies, PolicyType, Reason, evaluate};
pub use explain::{
    ConsideredPolicy, Explanation, FailedClause, NamedReason, NearMiss, ReasonedDecision,
    evaluate_with_reasons, explain,
};
pub use kind::{PolicyKind, ResourcePolicyKind};
pub use limits::{DOMAIN_POLICY_BYTES_MAX, POLICY_BYTES_MAX};
pub use parse::{DomainRules, ParseOptions, UnsupportedKeys};
pub use partial::residual;
pub use principal::{CallerKind, Principal, PrincipalName};
pub use request::AccessRequest;
pub use residual::{DocumentCondition, DocumentValue, Residual};
pub use set::PolicySet;

//! IAM Access Analyzer's checks of policy texts, made of `policy::lint` and `policy::compare`: nothing is stored, and nothing is asked of
//! the directory. The analyzers, findings and previews of its API are not built.
//!
//! <https://docs.aws.amazon.com/access-analyzer/latest/APIReference/>

pub(crate) mod checks;
pub(crate) mod validate;

//! The question that all three evaluators are asked: may this user read this index, where each of
//! N statements allows one index, to members of a team who come from an office?

use policy::{
    AccessRequest, Context, ParseOptions, Policies, Policy, PolicyKind, PolicySet, Principal,
};

/// The caller.
pub const USER: &str = "arn:aws:iam::123456789012:user/ann";
/// The action.
pub const ACTION: &str = "es:ESHttpGet";
/// The numbers of statements that are tried.
pub const SIZES: [usize; 6] = [1, 10, 100, 1_000, 10_000, 100_000];

/// The resource pattern of a statement.
pub fn pattern(statement: usize) -> String {
    format!("arn:aws:es:us-east-1:123456789012:domain/logs/index-{statement:06}/*")
}

/// A resource that one statement covers: the one in the middle.
pub fn resource(statements: usize) -> String {
    pattern(statements / 2).replace('*', "_search")
}

/// The statements as a policy document.
pub fn document(statements: usize) -> String {
    let statements: Vec<String> = (0..statements)
        .map(|at| {
            format!(
                r#"{{"Effect":"Allow","Action":"{ACTION}","Resource":"{}","Condition":{{"StringEquals":{{"aws:PrincipalTag/team":"red"}},"IpAddress":{{"aws:SourceIp":"203.0.113.0/24"}}}}}}"#,
                pattern(at)
            )
        })
        .collect();
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

/// Parsed, with the size limit of documents lifted.
pub fn parsed(statements: usize) -> Policy {
    let options = ParseOptions { bytes_max: Some(usize::MAX), ..ParseOptions::default() };
    Policy::parse_with(&document(statements), PolicyKind::Identity, &options).expect("a policy")
}

/// Everything that one evaluation borrows.
pub struct Question {
    identity: PolicySet,
    principal: Principal,
    context: Context,
    resource: String,
}

impl Question {
    /// A question against so many statements.
    pub fn new(statements: usize) -> Question {
        let mut context = Context::new();
        context.describe(&Principal::user(USER));
        context.set("aws:PrincipalTag/team", "red").set("aws:SourceIp", "203.0.113.7");
        Question {
            identity: PolicySet::single("bench", parsed(statements)),
            principal: Principal::user(USER),
            context,
            resource: resource(statements),
        }
    }

    /// Asks it.
    pub fn ask(&self) -> bool {
        let request = AccessRequest {
            principal: &self.principal,
            action: ACTION,
            resource: &self.resource,
            resource_account: None,
            context: &self.context,
        };
        let policies = Policies { identity: &self.identity, ..Policies::NONE };
        policy::evaluate(&policies, &request).is_allowed()
    }
}

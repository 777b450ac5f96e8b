//! `/domains/{domain}/who-can`: what each user and role of the account may do with indices, by the policies that the caller may read.

use std::sync::Arc;

use maud::{Markup, html};
use policy::{
    AccessRequest, Context, Explanation, Policies, Policy, PolicyKind, PolicySet, Principal,
    ResourcePolicyKind, explain,
};
use serde_json::Value;

use crate::api::{self, Problem, is, list, text};
use crate::facade::Pending;
use crate::html::{Field, badge, refused};
use crate::http::encoded;
use crate::iam;
use crate::layout::Page;
use crate::limits::{MATRIX_INDICES_MAX, MATRIX_PRINCIPALS_MAX};
use crate::pages::identities::parts::document;
use crate::visit::{Reply, Visit};

/// What is asked: what it is called, the action, the path behind the domain's ARN.
const ASKED: [(&str, &str, &str); 5] = [
    ("Search", "es:ESHttpPost", "INDEX/_search"),
    ("Read", "es:ESHttpGet", "INDEX/_doc/1"),
    ("Write", "es:ESHttpPut", "INDEX/_doc/1"),
    ("Bulk", "es:ESHttpPost", "INDEX/_bulk"),
    ("Delete it", "es:ESHttpDelete", "INDEX"),
];

/// A user or role with what speaks for it.
struct Holder {
    arn: String,
    principal: Principal,
    identity: PolicySet,
    boundary: Option<PolicySet>,
    /// Whether every policy that speaks for it was told and read.
    complete: bool,
}

/// What is asked about: the domain's policy and everybody of the account.
struct Asked {
    policy: Option<PolicySet>,
    holders: Vec<Holder>,
    /// Whether the domain has fine-grained access control.
    has_roles: bool,
}

/// Policies as they are found, and whether all of them were.
struct Found {
    policies: Vec<(String, Arc<Policy>)>,
    complete: bool,
}

impl Found {
    fn new(complete: bool) -> Self {
        Self { policies: Vec::new(), complete }
    }

    fn add(&mut self, policy: Option<(String, Arc<Policy>)>) {
        self.complete &= policy.is_some();
        self.policies.extend(policy);
    }
}

/// Shows the matrix.
pub(crate) fn show<'a>(visit: &'a Visit<'a>) -> Pending<'a, Reply> {
    Box::pin(async move {
        let domain = visit.name("domain");
        let mut indices = visit.query.words("index");
        if indices.is_empty() {
            indices.push("an-index");
        }
        let more = indices.len().saturating_sub(MATRIX_INDICES_MAX);
        indices.truncate(MATRIX_INDICES_MAX);
        let named = indices.join(" ");
        let found = read(visit).await;
        let status = found.as_ref().map_or_else(|problem| problem.status, |_| 200);
        let hint = "Names as they stand in a request's path, with spaces between them.";
        let fault =
            (more > 0).then(|| format!("Seen {more} more; expected at most {MATRIX_INDICES_MAX}."));
        let field =
            Field { name: "index", label: "Indices", hint, value: &named, fault: fault.as_deref() };
        let content = html! {
            (super::domain::tabs(domain, "who-can"))
            section {
                form method="get" action=(visit.path) { (field.line()) button.quiet type="submit" { "Ask" } }
            }
            @match &found {
                Ok(asked) => {
                    @for index in &indices { (matrix(visit, asked, index)) }
                    (what_is_left_out(asked))
                },
                Err(problem) => (refused("Who can do what is not shown to you", problem)),
            }
        };
        let above =
            [("/domains".to_owned(), "Domains"), (format!("/domains/{}", encoded(domain)), domain)];
        Page { title: &format!("{domain}: who can"), above: &above, content }
            .with_status(visit, status)
    })
}

/// The domain's policy and everybody of the account.
async fn read(visit: &Visit<'_>) -> Result<Asked, Problem> {
    let path = api::of_domain(visit.name("domain"), "/config");
    let config = api::json(visit, api::opensearch(visit, "GET", &path, None)).await?;
    let kind = PolicyKind::Resource(ResourcePolicyKind::Domain);
    let own_text = text(&config, "/DomainConfig/AccessPolicies/Options");
    let policy = Policy::parse(own_text, kind).ok();
    let details =
        iam::call(visit, "GetAccountAuthorizationDetails", &[("MaxItems", "1000")]).await?;
    let complete =
        text(&details, "/IsTruncated") != "true" && (policy.is_some() || own_text.is_empty());
    let users = list(&details, "/UserDetailList").iter().map(|user| {
        let arn = text(user, "/Arn");
        holder(&details, user, "/UserPolicyList", Principal::user(arn), complete)
    });
    let roles = list(&details, "/RoleDetailList").iter().map(|role| {
        let arn = text(role, "/Arn");
        let session = format!(
            "{}/who-can",
            arn.replacen(":iam:", ":sts:", 1).replacen(":role/", ":assumed-role/", 1)
        );
        holder(&details, role, "/RolePolicyList", Principal::assumed_role(session, arn), complete)
    });
    let holders = users.chain(roles).take(MATRIX_PRINCIPALS_MAX + 1).collect();
    let has_roles = is(&config, "/DomainConfig/AdvancedSecurityOptions/Options/Enabled");
    let policy = policy.map(|policy| PolicySet::single("access policy", policy));
    Ok(Asked { policy, holders, has_roles })
}

fn holder(
    details: &Value,
    of: &Value,
    inline: &str,
    principal: Principal,
    complete: bool,
) -> Holder {
    let mut found = Found::new(complete);
    own(of, inline, &mut found);
    attached(details, of, &mut found);
    for name in list(of, "/GroupList").iter().filter_map(Value::as_str) {
        let groups = list(details, "/GroupDetailList").iter();
        let mut groups = groups.filter(|group| text(group, "/GroupName") == name);
        let Some(group) = groups.next() else {
            found.complete = false;
            continue;
        };
        own(group, "/GroupPolicyList", &mut found);
        attached(details, group, &mut found);
    }
    let boundary = text(of, "/PermissionsBoundary/PermissionsBoundaryArn");
    let boundary = (!boundary.is_empty()).then(|| managed(details, boundary));
    Holder {
        arn: text(of, "/Arn").to_owned(),
        principal,
        identity: PolicySet::new(found.policies),
        complete: found.complete && !matches!(boundary, Some(None)),
        boundary: boundary.map(PolicySet::new),
    }
}

/// The policies of its own.
fn own(of: &Value, at: &str, found: &mut Found) {
    for policy in list(of, at) {
        let parsed = parsed(text(policy, "/PolicyDocument"));
        found.add(parsed.map(|parsed| (text(policy, "/PolicyName").to_owned(), parsed)));
    }
}

fn attached(details: &Value, of: &Value, found: &mut Found) {
    for policy in list(of, "/AttachedManagedPolicies") {
        found.add(managed(details, text(policy, "/PolicyArn")));
    }
}

/// The version in force of a managed policy.
fn managed(details: &Value, arn: &str) -> Option<(String, Arc<Policy>)> {
    let found = list(details, "/Policies").iter().find(|policy| text(policy, "/Arn") == arn)?;
    let versions = list(found, "/PolicyVersionList").iter();
    let mut in_force = versions.filter(|version| text(version, "/IsDefaultVersion") == "true");
    let parsed = parsed(text(in_force.next()?, "/Document"))?;
    Some((text(found, "/PolicyName").to_owned(), parsed))
}

fn parsed(encoded: &str) -> Option<Arc<Policy>> {
    Policy::parse(&document(encoded), PolicyKind::Identity).ok().map(Arc::new)
}

fn matrix(visit: &Visit<'_>, asked: &Asked, index: &str) -> Markup {
    let policy = asked.policy.as_ref();
    html! {
        section {
            h2 { (index) }
            div.wide tabindex="0" role="region" aria-label={ "Who can do what with " (index) } {
                table {
                    thead { tr { th scope="col" { "Principal" } @for (called, ..) in ASKED { th scope="col" { (called) } } } }
                    tbody {
                        @for holder in asked.holders.iter().take(MATRIX_PRINCIPALS_MAX) {
                            tr {
                                th.words scope="row" { (holder.arn.rsplit(':').next().unwrap_or_default()) }
                                @for (_, action, path) in ASKED { td { (cell(visit, policy, holder, action, &path.replace("INDEX", index))) } }
                            }
                        }
                    }
                }
            }
            @if asked.holders.len() > MATRIX_PRINCIPALS_MAX { p.quiet { "There are more: these are the first " (MATRIX_PRINCIPALS_MAX) "." } }
        }
    }
}

fn what_is_left_out(asked: &Asked) -> Markup {
    html! {
        section {
            @if asked.has_roles {
                p { (badge("warn", "Roles")) " This domain has fine-grained access control: a request that is allowed here must also be allowed by its roles. "
                    "A caller's own are at " code { "GET /_plugins/_security/authinfo" } "." }
            }
            p.hint {
                "Decided by the evaluator that decides requests, with the access policy, identity policies and permissions boundaries, for a "
                "request of which nothing else is known: what is allowed only from an address is No, and the cell names what it asks for. "
                "Policies of the operator above the account, and roles of fine-grained access control, can take away from this."
            }
        }
    }
}

fn cell(
    visit: &Visit<'_>,
    policy: Option<&PolicySet>,
    holder: &Holder,
    action: &str,
    path: &str,
) -> Markup {
    if !holder.complete {
        return html! {
            details.why {
                summary { (badge("warn", "Not decided")) }
                p { "Not every policy that speaks for it was told to this page." }
            }
        };
    }
    let domain = visit.name("domain");
    let resource =
        format!("arn:aws:es:{}:{}:domain/{domain}/{path}", visit.region(), visit.account);
    let mut context = Context::new();
    context.describe(&holder.principal);
    let request = AccessRequest {
        principal: &holder.principal,
        action,
        resource: &resource,
        resource_account: Some(&visit.account),
        context: &context,
    };
    let policies = Policies {
        identity: &holder.identity,
        resource: policy,
        permissions_boundary: holder.boundary.as_ref(),
        ..Policies::NONE
    };
    let explanation = explain(&policies, &request);
    let allowed = explanation.decision.is_allowed();
    html! {
        details.why {
            summary { (badge(if allowed { "good" } else { "" }, if allowed { "Yes" } else { "No" })) }
            (why(&explanation, action, &resource))
        }
    }
}

fn why(explanation: &Explanation, action: &str, resource: &str) -> Markup {
    html! {
        p { code { (action) } " on " code { (resource) } }
        @for reason in &explanation.by {
            p { "By statement " (reason.sid.clone().unwrap_or_else(|| reason.statement.to_string())) " of " (reason.name) "." }
        }
        @if explanation.by.is_empty() { p { "Nothing allows it." } }
        @for miss in explanation.nearest_misses.iter().take(1) {
            @for clause in &miss.failed {
                p { "Nearest: " (miss.statement.name) ", " (clause.element) ": expected " (clause.expected) ", seen " (clause.seen) "." }
            }
        }
        @if !explanation.missing.is_empty() { p { "Not known here: " (explanation.missing.join(", ")) } }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Fake;

    const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"App","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/app"},"Action":"es:ESHttpPost","Resource":"arn:aws:es:us-east-1:123456789012:domain/books/*"}]}"#;
    const DETAILS: &str = "<UserDetailList><member><UserName>ann</UserName><Arn>arn:aws:iam::123456789012:user/ann</Arn>\
        <GroupList><member>readers</member></GroupList></member></UserDetailList>\
        <GroupDetailList><member><GroupName>readers</GroupName><GroupPolicyList><member><PolicyName>reading</PolicyName>\
        <PolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22es%3AESHttpGet%22%2C%22Resource%22%3A%22%2A%22%7D%7D</PolicyDocument>\
        </member></GroupPolicyList></member></GroupDetailList>\
        <RoleDetailList><member><RoleName>app</RoleName><Arn>arn:aws:iam::123456789012:role/app</Arn></member></RoleDetailList>";

    fn fake() -> Fake {
        Fake::default()
            .answers(
                "/books/config",
                json!({"DomainConfig": {"AccessPolicies": {"Options": POLICY}}}),
            )
            .says("GetAccountAuthorizationDetails", DETAILS)
    }

    #[test]
    fn each_cell_is_decided_and_says_by_what() {
        let page = fake().get("/domains/books/who-can?index=shelf");
        page.shows(&["user/ann", "role/app", "domain/books/shelf/_search"]);
        page.shows(&[
            "By statement App of access policy.",
            "By statement 0 of reading.",
            "Nothing allows it.",
        ]);
        let yes = page.text().matches(">Yes<").count();
        assert_eq!(yes, 3, "ann reads; the role searches and sends bulks");
    }

    #[test]
    fn what_was_not_told_in_full_is_not_decided() {
        let truncated = format!("{DETAILS}<IsTruncated>true</IsTruncated>");
        let missing = DETAILS.replace(
            "<RoleName>app</RoleName>",
            "<RoleName>app</RoleName><AttachedManagedPolicies><member><PolicyArn>arn:aws:iam::123456789012:policy/gone</PolicyArn></member></AttachedManagedPolicies>",
        );
        for (details, undecided) in [(truncated, 10), (missing, 5)] {
            let page = fake()
                .says("GetAccountAuthorizationDetails", &details)
                .get("/domains/books/who-can?index=shelf");
            assert_eq!(page.text().matches(">Not decided<").count(), undecided);
        }
    }

    #[test]
    fn several_indices_are_decided_each_for_itself_and_too_many_are_told() {
        let page = fake().get("/domains/books/who-can?index=shelf+attic");
        page.shows(&["domain/books/shelf/_search", "domain/books/attic/_search", "<h2>attic</h2>"]);
        page.lacks(&["This domain has fine-grained"]);
        let page = fake().get("/domains/books/who-can?index=a+b+c+d+e+f+g");
        page.shows(&["Seen 2 more; expected at most 5."]);
        page.lacks(&["domain/books/f/_search"]);
    }

    #[test]
    fn where_roles_decide_too_the_page_says_so() {
        let config = json!({"DomainConfig": {
            "AccessPolicies": {"Options": POLICY}, "AdvancedSecurityOptions": {"Options": {"Enabled": true}}
        }});
        let page = fake().answers("/books/config", config).get("/domains/books/who-can");
        page.shows(&["This domain has fine-grained access control"]);
    }

    #[test]
    fn who_may_not_read_identities_is_told_so() {
        let page = fake()
            .denies("GetAccountAuthorizationDetails", "no iam:GetAccountAuthorizationDetails")
            .get("/domains/books/who-can");
        page.shows(&["not shown to you", "no iam:GetAccountAuthorizationDetails"]);
        page.lacks(&["By statement", "Search"]);
    }
}

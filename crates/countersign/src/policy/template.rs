//! `countersign policy template`: a policy to start from.

use std::io::Write;

use ::policy::template::{
    DomainArn, allow_ips, allow_principals, deny_all, open, per_index_team, read_only,
    write_only_index,
};
use clap::ValueEnum;

use crate::Failure;

/// Print a policy to start from.
///
/// The first four are a domain's access policies, as the console offers them; the last three are
/// identity policies for users and roles.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  countersign policy template allow-principals --domain dev \\
      --principal arn:aws:iam::123456789012:role/search-app
  countersign policy template read-only > read-only.json")]
pub(crate) struct TemplateArgs {
    /// The template.
    template: Template,
    /// The domain's name.
    #[arg(long, default_value = "dev")]
    domain: String,
    /// The domain's region.
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// The domain's account.
    #[arg(long, default_value = "123456789012")]
    account: String,
    /// allow-principals: a role, user or account to allow; may be repeated.
    #[arg(long, value_name = "ARN", required_if_eq("template", "allow-principals"))]
    principal: Vec<String>,
    /// allow-ips: an address or CIDR range to allow; may be repeated.
    #[arg(long, value_name = "CIDR", required_if_eq("template", "allow-ips"))]
    ip: Vec<String>,
    /// write-only-index: the index.
    #[arg(long, required_if_eq("template", "write-only-index"))]
    index: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Template {
    /// Access policy: allow these roles, users or accounts.
    AllowPrincipals,
    /// Access policy: allow everyone from these addresses.
    AllowIps,
    /// Access policy: allow everyone.
    Open,
    /// Access policy: deny everyone.
    DenyAll,
    /// Identity policy: read and search the domain.
    ReadOnly,
    /// Identity policy: add documents to one index.
    WriteOnlyIndex,
    /// Identity policy: use the indices whose names begin with the caller's tag `team`.
    PerIndexTeam,
}

/// Prints the policy. The result is parsed before it is printed: what a flag put into it may
/// have made it malformed.
pub(crate) fn run(args: &TemplateArgs, out: &mut impl Write) -> Result<(), Failure> {
    let domain = DomainArn::new(&args.region, &args.account, &args.domain);
    let text = match args.template {
        Template::AllowPrincipals => {
            allow_principals(&domain, args.principal.iter().map(String::as_str))
        }
        Template::AllowIps => allow_ips(&domain, args.ip.iter().map(String::as_str)),
        Template::Open => open(&domain),
        Template::DenyAll => deny_all(&domain),
        Template::ReadOnly => read_only(&domain),
        Template::WriteOnlyIndex => {
            write_only_index(&domain, args.index.as_deref().unwrap_or_default())
        }
        Template::PerIndexTeam => per_index_team(&domain),
    };
    ::policy::Policy::parse(&text, args.template.kind())?;
    writeln!(out, "{text}")?;
    Ok(())
}

impl Template {
    fn kind(self) -> ::policy::PolicyKind {
        match self {
            Template::AllowPrincipals | Template::AllowIps | Template::Open | Template::DenyAll => {
                ::policy::PolicyKind::Resource(::policy::ResourcePolicyKind::Domain)
            }
            Template::ReadOnly | Template::WriteOnlyIndex | Template::PerIndexTeam => {
                ::policy::PolicyKind::Identity
            }
        }
    }
}

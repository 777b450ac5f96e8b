//! `countersign domain import`: the configuration of a domain of Amazon's, made anew here. Its data is not copied.

use std::io::Write;

use http::Method;
use serde_json::{Value, json};

use super::amazon::{self, Wanted};
use super::control_plane::ControlPlane;
use crate::Failure;
use crate::outbound::Signing;

/// Make a domain of Amazon's anew here: its configuration, access policy and tags, read through the API. What is refused here,
/// what is kept without effect and what differs afterwards is told. Data is not copied.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  countersign domain import --from-amazon books --region eu-west-1 --dry-run
  countersign domain import --from-amazon books --region eu-west-1 --profile production \\
    --endpoint https://localhost:9443 --here-profile countersign --ca my-data/ca-bundle.pem")]
pub(crate) struct ImportArgs {
    /// The domain at Amazon
    #[arg(long, value_name = "NAME")]
    from_amazon: String,
    /// Its name here; by default the same
    #[arg(long = "as", value_name = "NAME")]
    called: Option<String>,
    /// Where Amazon's API is; by default <https://es.REGION.amazonaws.com>
    #[arg(long, value_name = "URL")]
    amazon_endpoint: Option<String>,
    /// The control plane's URL here; not needed for a dry run
    #[arg(long, value_name = "URL", required_unless_present = "dry_run")]
    endpoint: Option<String>,
    /// The profile of the shared AWS configuration files for the control plane here; --profile is for Amazon
    #[arg(long, value_name = "PROFILE")]
    here_profile: Option<String>,
    /// Tell what would be made and what not, and make nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    signing: Signing,
}

const API: &str = "/2021-01-01/opensearch/domain";

/// What the API tells of a domain.
struct Described {
    arn: String,
    config: Value,
    tags: Value,
    packages: Vec<String>,
}

/// Does it.
pub(crate) async fn run(args: &ImportArgs) -> Result<(), Failure> {
    let name = &args.from_amazon;
    let amazon = amazon_at(args).await?;
    let described = describe(&amazon, name).await?;
    let called = args.called.as_deref().unwrap_or(name);
    let (here, own) = match (&args.endpoint, args.dry_run) {
        (Some(endpoint), false) => {
            let signing = args.signing.with_profile(args.here_profile.clone());
            let here = ControlPlane::open(Some(endpoint), &signing).await?;
            let own = arn_here(&here, endpoint, &signing, (&described.arn, called)).await?;
            (Some(here), own)
        }
        _ => (None, format!("{}{called}", prefix(&described.arn))),
    };
    let mut wanted = amazon::wanted(called, &described.config, (&described.arn, &own));
    if described.tags.as_array().is_some_and(|tags| !tags.is_empty())
        && let Some(input) = wanted.input.as_object_mut()
    {
        input.insert("TagList".to_owned(), described.tags.clone());
    }
    for package in &described.packages {
        wanted.refused.push(format!(
            "package {package}: its file is not told by the API; upload it here (CreatePackage, AssociatePackage)"
        ));
    }
    let differences = match &here {
        Some(here) => make(here, called, &mut wanted).await?,
        None => Vec::new(),
    };
    report(args, &own, &wanted, &differences)
}

/// The ARN up to the name.
fn prefix(arn: &str) -> &str {
    arn.rfind('/').and_then(|at| arn.get(..=at)).unwrap_or(arn)
}

async fn amazon_at(args: &ImportArgs) -> Result<ControlPlane, Failure> {
    let url = match &args.amazon_endpoint {
        Some(url) => url.clone(),
        None => {
            let region = args.signing.region();
            let region = region.ok_or(
                "no region: give --region, or set AWS_REGION, so that Amazon's endpoint is known",
            )?;
            format!("https://es.{region}.amazonaws.com")
        }
    };
    ControlPlane::open(Some(&url), &args.signing).await
}

/// Asks for everything that the API tells of the domain.
async fn describe(amazon: &ControlPlane, name: &str) -> Result<Described, Failure> {
    let ask = async |path: String, query: String| -> Result<Value, Failure> {
        let answer = amazon.ask(Method::GET, &path, &query, None).await?;
        if answer.status.is_success() {
            return Ok(answer.body);
        }
        let (url, status) = (&amazon.url, answer.status.as_u16());
        Err(format!("{url} answers {status} to GET {path}: {}", answer.told()).into())
    };
    let status = ask(format!("{API}/{name}"), String::new()).await?;
    let arn = status.pointer("/DomainStatus/ARN").and_then(Value::as_str);
    let arn = arn.ok_or("the API tells no ARN of the domain")?.to_owned();
    let config = ask(format!("{API}/{name}/config"), String::new()).await?;
    let query = format!(
        "arn={}",
        percent_encoding::utf8_percent_encode(&arn, percent_encoding::NON_ALPHANUMERIC)
    );
    let tags = ask("/2021-01-01/tags/".to_owned(), query).await?;
    let packages = ask(format!("/2021-01-01/domain/{name}/packages"), String::new()).await?;
    let packages = packages.get("DomainPackageDetailsList").and_then(Value::as_array).cloned();
    let named = |package: &Value| Some(package.get("PackageName")?.as_str()?.to_owned());
    Ok(Described {
        arn,
        config: config.get("DomainConfig").cloned().unwrap_or_default(),
        tags: tags.get("TagList").cloned().unwrap_or_default(),
        packages: packages.unwrap_or_default().iter().filter_map(named).collect(),
    })
}

/// The ARN that the domain gets here: of the caller's account.
async fn arn_here(
    here: &ControlPlane,
    endpoint: &str,
    signing: &Signing,
    (there, name): (&str, &str),
) -> Result<String, Failure> {
    let answer = here.ask(Method::GET, &format!("{API}/{name}"), "", None).await?;
    if answer.status.is_success() {
        let url = &here.url;
        return Err(
            format!("{url} has a domain {name} already: give another name with --as NAME").into()
        );
    }
    let sts = ControlPlane::open(Some(endpoint), &signing.signed_as("sts")).await?;
    let account = sts.account().await?;
    let region = there.split(':').nth(3).unwrap_or_default();
    Ok(format!("arn:aws:es:{region}:{account}:domain/{name}"))
}

/// Makes the domain; leaves out what is refused when it is asked for. Where it differs then from what was asked for.
async fn make(
    here: &ControlPlane,
    name: &str,
    wanted: &mut Wanted,
) -> Result<Vec<String>, Failure> {
    loop {
        let made = here.ask(Method::POST, API, "", Some(&wanted.input)).await?;
        if made.status.is_success() {
            break;
        }
        let told = made.told();
        let named = wanted.input.as_object().and_then(|input| {
            let optional =
                input.keys().filter(|key| !["DomainName", "EngineVersion"].contains(&key.as_str()));
            optional.filter(|key| is_about(&told, key)).max_by_key(|key| key.len()).cloned()
        });
        match (named, made.status.as_u16()) {
            (Some(member), 400 | 409) => {
                if let Some(input) = wanted.input.as_object_mut() {
                    input.remove(&member);
                }
                wanted.refused.push(format!("{member}: {told}"));
            }
            (_, status) => {
                return Err(format!("{} refuses the domain with {status}: {told}", here.url).into());
            }
        }
    }
    let told = here.ask(Method::GET, &format!("{API}/{name}/config"), "", None).await?;
    let config = told.body.get("DomainConfig").cloned().unwrap_or_default();
    Ok(amazon::differences(&wanted.input, &config))
}

/// Whether a refusal is about a member.
fn is_about(told: &str, member: &str) -> bool {
    let words = match member {
        "AccessPolicies" => ["policy", "policies", "Policy"].as_slice(),
        "VPCOptions" => ["VPC", "subnet", "Subnet"].as_slice(),
        "EncryptionAtRestOptions" => {
            ["ncryption at rest", "ncryptionAtRest", "storage_encrypted"].as_slice()
        }
        "TagList" => ["tag", "Tag"].as_slice(),
        _ => [].as_slice(),
    };
    let small = member.get(..1).map(str::to_lowercase).unwrap_or_default();
    let spoken = format!("{small}{}", member.get(1..).unwrap_or_default());
    told.contains(member) || told.contains(&spoken) || words.iter().any(|word| told.contains(word))
}

/// How data comes here, which is not the API's to tell.
const DATA: &[&str] = &[
    "its data is not copied: what is there stays there",
    "reindex from remote: POST _reindex on the domain here, with source.remote.host = the domain at Amazon, through `countersign proxy` \
     with credentials for it (docs/operating/moving.md)",
    "or write it here from where it came: the source of truth of most search indices is elsewhere",
];

fn report(
    args: &ImportArgs,
    arn: &str,
    wanted: &Wanted,
    differences: &[String],
) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    if args.json {
        let report = json!({"arn": arn, "made": !args.dry_run, "input": wanted.input,
            "refused": wanted.refused, "kept": wanted.kept, "differences": differences});
        writeln!(out, "{report}")?;
        return Ok(());
    }
    let verb = if args.dry_run { "would be made" } else { "made" };
    writeln!(out, "{verb}: {arn}")?;
    let sections: [(&str, &[String]); 3] = [
        ("refused here", &wanted.refused),
        ("kept, without effect here", &wanted.kept),
        ("different here", differences),
    ];
    for (title, lines) in sections {
        for line in lines {
            writeln!(out, "{title}: {line}")?;
        }
    }
    for line in DATA {
        writeln!(out, "data: {line}")?;
    }
    Ok(())
}

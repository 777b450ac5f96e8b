//! `docs/reference/policy.md`: every command shown there is run here, and what it printed is what
//! the page shows. `UPDATE_EXPECT=1 cargo test -p countersign` rewrites it.

use clap::Parser;

use super::{PolicyArgs, run_into};

/// Each section: a heading, a sentence, and the arguments after `countersign policy`.
const SECTIONS: &[(&str, &str, &[&str])] = &[
    (
        "template",
        "A policy to start from: four access policies of a domain as the console offers them \
         (`allow-principals`, `allow-ips`, `open`, `deny-all`) and three identity policies \
         (`read-only`, `write-only-index`, `per-index-team`).",
        &[
            "template",
            "allow-principals",
            "--domain",
            "dev",
            "--principal",
            "arn:aws:iam::123456789012:role/search-app",
        ],
    ),
    (
        "lint",
        "Finds what is wrong with a policy that parses. `--format json` and `--format sarif` are for \
         machines. It fails when a finding is an error or a security warning.",
        &["lint", "examples/policies/mistakes.json"],
    ),
    (
        "simulate",
        "Shows what would be decided, and why, with the same evaluator that enforces policies. A denial names the nearest misses and the context keys that were absent.",
        &[
            "simulate",
            "--principal",
            "arn:aws:iam::123456789012:user/ann",
            "--action",
            "es:ESHttpPut",
            "--resource",
            "arn:aws:es:us-east-1:123456789012:domain/dev/docs/_doc/1",
            "--identity-policy",
            "examples/policies/read-docs.json",
        ],
    ),
    (
        "simulate --resource-control-policy",
        "Policies of the organisation and of VPC endpoints bind whoever asks. A statement that denies is named with its policy.",
        &[
            "simulate",
            "--principal",
            "arn:aws:iam::210987654321:user/eve",
            "--action",
            "es:ESHttpGet",
            "--resource",
            "arn:aws:es:us-east-1:123456789012:domain/dev/docs/_doc/1",
            "--identity-policy",
            "examples/policies/read-docs.json",
            "--resource-control-policy",
            "examples/policies/perimeter.json",
        ],
    ),
    (
        "simulate --matrix",
        "A table of principals and actions: `allow`, `deny` for an explicit deny, `-` for nothing that \
         allows.",
        &[
            "simulate",
            "--matrix",
            "--principal",
            "arn:aws:sts::123456789012:assumed-role/search-app/s",
            "--principal",
            "arn:aws:iam::123456789012:user/ann",
            "--principal",
            "anonymous",
            "--action",
            "es:ESHttpGet",
            "--action",
            "es:DescribeDomain",
            "--resource",
            "arn:aws:es:us-east-1:123456789012:domain/dev/_search",
            "--resource-policy",
            "examples/policies/allow-search-app.json",
            "--domain",
        ],
    ),
    (
        "simulate --batch",
        "One question per line, one answer per line, in the same order. A malformed line is answered with its error; the run goes on, and ends with exit code 1.",
        &["simulate", "--batch", "examples/policies/questions.jsonl"],
    ),
    (
        "simulate --replay",
        "Which recorded decisions would be others under a new policy: in place of the domain's access policy if it names principals, else of the caller's identity policies. What the other policies said is in the records; where they do not tell enough, that is told. It fails when anything would change or is not known.",
        &[
            "simulate",
            "--replay",
            "examples/policies/audit.jsonl",
            "--with",
            "examples/policies/read-logs-of-january.json",
        ],
    ),
    (
        "diff",
        "Does the new policy allow more than the old one? Decided exactly, with automata, and proven by a request that shows the difference.
Of a policy that names principals this is so whatever the callers' own policies are: it is asked of callers whose own policies allow everything, and of callers of the
resource's account who have none, or whose boundary allows nothing. In that account a policy that names a user or a role instead of the account (`:root`) lets it in without a policy
of its own: that is more, and the request that shows it says `(without a policy of its own)`.",
        &["diff", "examples/policies/read-docs.json", "examples/policies/read-docs-wider.json"],
    ),
    (
        "who-can",
        "Lists every kind of caller that these policies allow to do something.",
        &[
            "who-can",
            "es:ESHttpGet",
            "arn:aws:es:us-east-1:123456789012:domain/dev/docs/_search",
            "--resource-policy",
            "examples/policies/allow-search-app.json",
            "--domain",
        ],
    ),
    (
        "who-can --roles",
        "With the roles of a domain with fine-grained access control: both must allow. The folder has what the domain says of them:
`for it in roles rolesmapping actiongroups internalusers; do countersign request GET /_plugins/_security/api/$it > FOLDER/$it.json; done`. A role's patterns are
compared with the name in the path: what is behind an alias is not known here. Who is allowed for some documents or fields alone is told for which (`partly` with `--json`).",
        &[
            "who-can",
            "es:ESHttpGet",
            "arn:aws:es:us-east-1:123456789012:domain/dev/docs/_search",
            "--resource-policy",
            "examples/policies/everyone.json",
            "--domain",
            "--roles",
            "examples/roles",
        ],
    ),
    (
        "generate",
        "The least policy that would have allowed what a principal was allowed to do, from audit \
         records. Wildcards that would shorten it are proposed on standard error and used only with `--wildcards`: `INDEX/*` for several paths of an index, `NAME-*` for \
         several indices of one series, whose names differ in a date or a number at their end (`logs-2026-11-30`, `logs-000001`), or else behind \
         their last `-`. With `--fields` statements name the fields that were touched (`es:Field`). Records tell these of requests on which policies or roles ask for \
         fields ([how to have them](../operating/who-sees-what.md#which-fields-a-program-uses)); a resource of which a request did not tell is named on standard error and not narrowed.",
        &[
            "generate",
            "examples/policies/audit.jsonl",
            "--principal",
            "arn:aws:iam::123456789012:user/ann",
        ],
    ),
];

/// The same question over the API, which no command of this page can show.
const REPLAY_OF_A_SERVICE: &str = "
## Replay over the API

`POST /_countersign/replay` on the control plane's listener answers `simulate --replay` from the service's own records, for consoles. The request is
signed for the service `es`; its caller needs `countersign:ReplayAudit` on `*`, and is answered from the records that its account may read. The body:

| member | |
|---|---|
| `policy` | the new policy: a JSON object, or its text. It takes the place of the domain's access policy if it names principals, else of the callers' identity policies |
| `replaces` | `resource` or `identity`, where its statements do not tell whose place it takes: a policy without statements |
| `principal` | only requests of this ARN; `*` stands for any characters |
| `resource` | only decisions on this resource; `*` stands for any characters |
| `from`, `until` | only requests from then on, and before then; without `from` those of the last seven days |

The response:

| member | |
|---|---|
| `replaces` | `resource` or `identity`: whose place the policy took |
| `records`, `decisions`, `same` | how many records were read, how many decisions they hold, and how many of these stay as they were |
| `changes` | the others: `becomes` is `denied`, `allowed` or `unknown` with its `why`; `principal`, `action`, `resource`, and how many `times`. At most 2,000 kinds |
| `changesLeftOut` | decisions of more kinds than that |
| `complete`, `last` | `false` when reading took longer than 20 seconds: records after the time `last` were not read; ask for these `from` there |

400 names what is wrong with the body, 403 is a denial, 429 says that too many read the audit at the same time. Nothing is changed.
";

#[derive(Parser)]
struct PageCommand {
    #[command(flatten)]
    args: PolicyArgs,
}

#[test]
fn the_page_shows_what_the_commands_print() {
    expect_test::expect_file!["../../../../docs/reference/policy.md"].assert_eq(&page());
}

fn page() -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
    let mut page = String::from(
        "<!-- generated by crates/countersign/src/policy/page.rs; do not edit -->\n\
         # countersign policy\n\n\
         Policies checked, simulated, compared and written. Every command here was run, from the \
         repository's root,\nby the test that makes this page. How decisions are made: \
         [policies](../internals/policies.md).\n",
    );
    for (heading, sentence, arguments) in SECTIONS {
        let shown: Vec<String> = arguments.iter().map(|it| quoted(it)).collect();
        let actual = arguments.iter().map(|it| match it.strip_prefix("examples/") {
            Some(_) => format!("{root}{it}"),
            None => (*it).to_owned(),
        });
        let command =
            PageCommand::try_parse_from(std::iter::once("policy".to_owned()).chain(actual));
        let mut out = Vec::new();
        let ended = run_into(&command.unwrap().args, &mut out);
        let printed = String::from_utf8(out).unwrap().replace(root, "");
        page.push_str(&format!("\n## {heading}\n\n{sentence}\n\n```console\n"));
        page.push_str(&format!("$ countersign policy {}\n{printed}", shown.join(" ")));
        if let Err(failure) = ended {
            page.push_str(&format!("countersign: {failure}\n$ echo $?\n1\n"));
        }
        page.push_str("```\n");
    }
    page.push_str(REPLAY_OF_A_SERVICE);
    page.push_str("\n## What lint finds\n\n| code | severity | meaning |\n|---|---|---|\n");
    for (code, severity, meaning) in ::policy::lint::CHECKS {
        page.push_str(&format!("| `{code}` | {} | {meaning} |\n", severity.as_str()));
    }
    page
}

fn quoted(argument: &str) -> String {
    if argument.contains(['*', ' ', '$']) { format!("'{argument}'") } else { argument.to_owned() }
}

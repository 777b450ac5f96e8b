//! The schema of records as a page: `docs/reference/audit-records.md` is made from it, and a test compares it with the records.

use std::fmt::Write;

/// Members that stand in one row, and what is said of them.
type MemberRow = (&'static [&'static str], &'static str);

/// The members of a record; the last of them are of its line, see `audit/chain.rs`.
pub(super) const RECORD: &[MemberRow] = &[
    (&["version"], "*always*: 1"),
    (&["time"], "*always*: when the head of the request had arrived, UTC"),
    (&["requestId"], "*always*: what `x-amzn-RequestId` said"),
    (
        &["listener"],
        "*always*: `control`, `sign-in` (the console's, by password), `domain/NAME`, `workload` or `service`",
    ),
    (
        &["peer", "clientAddress"],
        "*always*: address and port of the other end; the client's address, which a trusted proxy may name",
    ),
    (
        &["method", "path", "query"],
        "as sent, shortened, without secrets; on the control listener a closed list of parameters",
    ),
    (&["userAgent", "opaqueId"], "what the client calls itself and the request: no evidence"),
    (
        &["stage"],
        "*always*: how far it came: `parse`, `authenticate`, `identify`, `route`, `authorize`, `serve`, `respond`",
    ),
    (&["principal"], "*always*: who asked, as below"),
    (&["action"], "the IAM action"),
    (
        &["resources", "resourcesLeftOut"],
        "the resources that were asked about, *always*, at most 100, and how many more there were",
    ),
    (
        &["fields", "fieldsLeftOut"],
        "where policies ask for `es:Field`, or roles for fields: those that queries, sorts, aggregations and scripts found, and those of the hits, and of documents that were read by their ids or written, at most 100; `true` when there were more",
    ),
    (
        &["decisions", "decisionsLeftOut"],
        "what the policies said, *always*, the request's own decision first, then those of denied items, at most 20; and how many more there were",
    ),
    (
        &["context", "policies"],
        "of a denial: what was known of the request, condition keys with their values; every policy that was considered, as below",
    ),
    (
        &["account"],
        "whose record it is: a domain's owner; absent on other listeners, where it is the caller's",
    ),
    (&["signatureForm"], "which form of the signature matched"),
    (
        &["refusal", "layer", "refusalKind"],
        "why it was refused, in one line; which layer refused it; a stable name of the refusal",
    ),
    (&["reason"], "what the client was not told"),
    (
        &["serviceReason"],
        "why the service did it by itself: `first start`, `workload`, `provisioning`, `settings`, `host`, `migration`, `audit`",
    ),
    (
        &["requestsLeftOut"],
        "refused requests of one address that this record counts and that have none of their own",
    ),
    (
        &["status"],
        "*always*: the answer's HTTP status; 499: the client left before it; 0: about to run (`audit.on_failure = \"refuse\"`)",
    ),
    (
        &["durationMicros", "bytesIn", "bytesOut"],
        "*always*: from the head to the answer; bytes of the body as sent; bytes of the answer's body",
    ),
    (
        &["lost"],
        "records before this one that could not be written; counted in memory: forgotten when the service is killed before it writes again",
    ),
    (
        &["sequence", "previous", "hash"],
        "the chain: the record's number, from 1 without gaps; in the first record of a file the hash before it; the record's hash",
    ),
];

/// The members of `principal`.
pub(super) const PRINCIPAL: &[MemberRow] = &[
    (&["arn"], "*always*: the ARN that policies name; `anonymous` without credentials"),
    (
        &["account", "kind"],
        "the identity's account; *always*: `user`, `assumed-role`, `root`, `federated-user`, `anonymous` or `service`",
    ),
    (&["accessKeyId", "userName"], "what the request claimed"),
    (&["authentication"], "`signature`, `presigned` or `basic`"),
    (
        &["proven"],
        "*always*: the signature or the password is right; otherwise the rest is only a claim",
    ),
];

/// The members of each of `decisions`.
pub(super) const DECISION: &[MemberRow] = &[
    (
        &["outcome"],
        "*always*: `allowed`, `implicitDeny` or `explicitDeny`. It is what the policies said, and not that it was done: what was refused for another reason, or with the whole request, was not (`status`, `refusal`)",
    ),
    (&["action", "resource", "resourceAccount"], "what was asked, about what, and whose that is"),
    (
        &["by"],
        "*always*: the statements that decided: `kind`, `policy`, `statement` (from 0), `sid`",
    ),
    (&["considered"], "*always*: every policy that was considered: its kind and name"),
    (
        &["nearMisses"],
        "statements that nearly decided otherwise: as in `by`, and `failed`, the clause that did not match",
    ),
    (&["missing"], "condition keys that statements asked for and the request did not have"),
    (&["text"], "the denial as the client read it"),
    (
        &["context"],
        "of a denial: condition keys that are other than in the record's `context`; without values where it has none",
    ),
    (
        &["documents"],
        "of a denial: whether `some` documents of an index would have done or `every` one had to be allowed",
    ),
    (
        &["resourceSideHidden"],
        "to a reader of another account: the resource's own policies are left out",
    ),
];

/// The members of each of `policies`.
pub(super) const POLICY: &[MemberRow] = &[
    (
        &["kind", "policy"],
        "*always*: as in `by`; no name where a layer that must allow has no policy",
    ),
    (&["level"], "the level of the organisation, from 0; which endpoint's"),
    (
        &["digest"],
        "SHA-256 of its text as it was; `policies/DIGEST.json` beside the audit's files is that text",
    ),
];

const INTRODUCTION: &str = "One JSON object a line, the same members whatever became of the request; a member without a value is left out, but for those marked
*always*. This is version 1 of the schema. New members may appear in it; when one goes, or means something else, the version changes. How
files are kept, verified and searched: [the audit](../operating/serve.md#the-audit).";

const CHAIN: &str = "`hash` is SHA-256 over the hash before it (32 bytes; zeros before record 1) and the bytes of the line up to `,\"hash\":`, in hexadecimal digits.
`audit.jsonl` and `unproven.jsonl`, each with its rotated files, are a chain each, which goes on from file to file and from start to start.
Lines that have no `hash` are from before there was a chain.

`digests.jsonl` (and `digests.old.jsonl`, which was begun before it) has a line for each digest: `version`, `number` from 1 without gaps, `time`,
for `audit` and `unproven` the numbers of the `first` record that is kept and of the `last` one on disk with its `hash`, `previous`, the SHA-256 of
the line before (without its end), `key`, the Ed25519 public key, and `signature`, over the bytes of the line up to `,\"signature\":`. Digest 1 is of
no record. The key is `audit.key` in the data folder or the file that `audit.key_file` names: 32 bytes, the seed of RFC 8032.";

/// The page.
pub(super) fn page() -> String {
    let mut page =
        "<!-- generated by crates/server/src/audit/schema.rs; do not edit -->\n# Audit records\n\n"
            .to_owned();
    page.push_str(INTRODUCTION);
    for (title, rows) in [
        ("", RECORD),
        ("`principal`:\n\n", PRINCIPAL),
        ("Each of `decisions`:\n\n", DECISION),
        ("Each of `policies`:\n\n", POLICY),
    ] {
        let _ = write!(page, "\n\n{title}| member | |\n|---|---|\n");
        for (names, text) in rows {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let _ = writeln!(page, "| {} | {text} |", names.join(", "));
        }
        page.truncate(page.trim_end().len());
    }
    let _ = write!(page, "\n\n## The chain\n\n{CHAIN}\n");
    page
}

use super::tree::Tree;
use super::*;

/// Judges the files with one rule and gives what it says, one complaint a line.
fn says(rule: fn(&Tree) -> Vec<Complaint>, files: &[(&str, &str)]) -> String {
    rule(&Tree::of(files)).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

mod this_house {
    use super::*;

    fn keeps(name: &str) {
        let tree = Tree::read(&crate::root()).unwrap();
        let (_, rule) = RULES.iter().find(|(rule, _)| *rule == name).unwrap();
        let complaints: Vec<String> = rule(&tree).iter().map(ToString::to_string).collect();
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }

    /// One test for each rule, and a check that none was forgotten.
    macro_rules! keeps {
        ($($test:ident: $rule:literal),+ $(,)?) => {
            $(#[test]
            fn $test() {
                keeps($rule);
            })+

            #[test]
            fn every_rule_has_its_test() {
                let tested = [$($rule),+];
                assert_eq!(RULES.iter().map(|(rule, _)| *rule).collect::<Vec<_>>(), tested);
            }
        };
    }

    keeps! {
        dependencies_point_one_way: "dependencies point one way",
        libraries_stay_in_their_rooms: "libraries stay in their rooms",
        pure_crates_stay_small: "pure crates stay small",
        versions_are_written_once: "versions are written once",
        every_library_has_its_reason: "every library has its reason",
        decision_records_are_numbered_uniquely: "decision records are numbered uniquely",
        decision_records_are_in_the_index: "decision records are in the index",
        functions_fit_on_a_screen: "functions fit on a screen",
        no_path_of_one_machine: "no path of one machine",
        no_registry_host: "no registry host",
        nothing_left_unfinished: "nothing left unfinished",
        files_stay_small: "files stay small",
        every_link_resolves: "every link resolves",
        architecture_names_what_exists: "ARCHITECTURE.md names what exists",
        sources_name_pages_that_exist: "sources name pages that exist",
        generated_pages_name_their_generator: "generated pages name their generator",
        mutations_apply: "mutations apply",
    }
}

#[test]
fn a_crate_that_knows_one_above_it_is_reported() {
    let manifest = "[package]\nname = \"policy\"\n[dependencies]\nserver.workspace = true\nserde.workspace = true\n";
    assert_eq!(
        says(manifests::direction, &[("crates/policy/Cargo.toml", manifest)]),
        "crates/policy/Cargo.toml: `policy` may not know `server`: ARCHITECTURE.md says who may know whom"
    );
}

#[test]
fn direction_holds_in_dev_dependencies_too() {
    let manifest = "[dev-dependencies]\ncontrol.workspace = true\n";
    assert!(
        says(manifests::direction, &[("crates/sigv4/Cargo.toml", manifest)])
            .contains("may not know `control`")
    );
}

#[test]
fn a_crate_without_a_row_is_reported() {
    assert!(says(manifests::direction, &[("crates/utils/Cargo.toml", "")]).contains("add its row"));
}

#[test]
fn tantivy_outside_the_engine_is_reported() {
    let manifest = "[dependencies]\ntantivy.workspace = true\n";
    assert_eq!(
        says(manifests::rooms, &[("crates/control/Cargo.toml", manifest)]),
        "crates/control/Cargo.toml: `control` may not name `tantivy`: only engine may"
    );
    assert_eq!(says(manifests::rooms, &[("crates/engine/Cargo.toml", manifest)]), "");
}

#[test]
fn every_hyper_crate_has_the_same_room() {
    let manifest = "[dependencies.hyper-util]\nworkspace = true\n";
    assert!(
        says(manifests::rooms, &[("crates/control/Cargo.toml", manifest)]).contains("`hyper-util`")
    );
}

#[test]
fn a_judge_may_name_what_only_judges_may() {
    let manifest = "[dev-dependencies]\naws-sigv4.workspace = true\n";
    assert_eq!(says(manifests::rooms, &[("crates/sigv4/Cargo.toml", manifest)]), "");
}

#[test]
fn a_seventh_dependency_of_a_pure_crate_is_reported() {
    let manifest = "[dependencies]\na.workspace = true\nb.workspace = true\nc.workspace = true\nd.workspace = true\n\
                    e.workspace = true\nf.workspace = true\ng.workspace = true\n[dev-dependencies]\nh.workspace = true\n";
    assert!(
        says(manifests::size, &[("crates/sigv4/Cargo.toml", manifest)])
            .contains("7 direct dependencies, at most 6")
    );
    assert_eq!(says(manifests::size, &[("crates/server/Cargo.toml", manifest)]), "");
}

#[test]
fn a_version_in_a_crate_is_reported() {
    let manifest =
        "[dependencies]\nserde = \"1\"\nbytes.workspace = true\nflate2 = { workspace = true }\n";
    assert_eq!(
        says(manifests::versions, &[("crates/server/Cargo.toml", manifest)]),
        "crates/server/Cargo.toml: `serde` states its own version: write `serde.workspace = true`"
    );
}

#[test]
fn a_library_without_a_reason_is_reported() {
    let root = "[workspace.dependencies]\npolicy = { path = \"crates/policy\" }\nserde = \"1\"\nzip = \"3\"\n[profile.dev]\nx = 1\n";
    let record = "- `serde`: records to JSON and back.";
    assert_eq!(
        says(
            decisions::libraries,
            &[("Cargo.toml", root), ("docs/decisions/0002-libraries.md", record)]
        ),
        "Cargo.toml: `zip` has no line in docs/decisions/0002-libraries.md: say why it was chosen"
    );
}

#[test]
fn a_number_used_twice_is_reported() {
    let files = [
        ("docs/decisions/0001-a.md", ""),
        ("docs/decisions/0001-b.md", ""),
        ("docs/decisions/notes.md", ""),
    ];
    assert_eq!(
        says(decisions::numbers, &files),
        "docs/decisions/0001-b.md: its number is taken by docs/decisions/0001-a.md\n\
         docs/decisions/notes.md: a decision record is named NNNN-title.md"
    );
}

fn function(lines: usize) -> String {
    format!(
        "impl X {{\n    pub(crate) fn long(\n        a: u8,\n    ) -> u8 {{\n{}    }}\n}}\n",
        "        a;\n".repeat(lines - 4)
    )
}

#[test]
fn a_record_that_is_not_in_the_index_is_reported_with_its_row() {
    let index = "| [0001](0001-a.md) | One | decided | 2026-11-23 | first |\n";
    let files = [
        ("docs/decisions/0001-a.md", "# 0001 One\n"),
        ("docs/decisions/0002-b.md", "# 0002 Two\n"),
        ("docs/decisions/0003-c.md", "# Three\n"),
        ("docs/decisions/README.md", index),
    ];
    assert_eq!(
        says(decisions::index, &files),
        "docs/decisions/0002-b.md: docs/decisions/README.md has no row for it: \
         add `| [0002](0002-b.md) | Two | decided | DATE | … |`\n\
         docs/decisions/0003-c.md:1: a decision record begins with `# NNNN Title`, saw `Three`"
    );
}

#[test]
fn a_function_of_71_lines_is_reported_and_one_of_70_is_not() {
    assert_eq!(
        says(functions::length, &[("a.rs", &function(71))]),
        "a.rs:2: function of 71 lines, at most 70: split it, or say `// long: why` above it"
    );
    assert_eq!(says(functions::length, &[("a.rs", &function(70))]), "");
}

#[test]
fn an_exemption_needs_a_reason() {
    let with = |comment: &str| {
        function(90).replace("    pub(crate)", &format!("{comment}\n    #[test]\n    pub(crate)"))
    };
    assert_eq!(
        says(functions::length, &[("a.rs", &with("    // long: one row for each operation"))]),
        ""
    );
    assert!(
        says(functions::length, &[("a.rs", &with("    // long:"))])
            .contains("function of 90 lines")
    );
}

#[test]
fn a_signature_without_a_body_has_no_length() {
    let text = format!("trait T {{\n    fn f(&self) -> u8;\n{}}}\n", "    // x\n".repeat(90));
    assert_eq!(says(functions::length, &[("a.rs", &text)]), "");
}

#[test]
fn a_machine_path_is_reported_and_the_tail_of_a_longer_one_is_not() {
    let path = concat!("/wo", "rk/house");
    assert_eq!(
        says(marks::machine_paths, &[("a.md", &format!("x\nsee {path}/a"))]),
        format!("a.md:2: `{path}/a` is a path of one machine: make it relative")
    );
    assert_eq!(
        says(marks::machine_paths, &[("a.md", &format!("home{path} and https://host{path}"))]),
        ""
    );
}

#[test]
fn a_registry_host_is_reported_outside_lock_files() {
    let host = concat!("pypi", ".org");
    assert!(says(marks::registry_hosts, &[("a.txt", host)]).contains("is a registry's host"));
    assert_eq!(says(marks::registry_hosts, &[("Cargo.lock", host)]), "");
}

#[test]
fn an_unfinished_mark_is_reported_as_a_word_only() {
    let mark = concat!("XX", "X");
    assert!(
        says(marks::unfinished, &[("a.rs", &format!("// {mark}: later"))]).contains("unfinished")
    );
    assert_eq!(says(marks::unfinished, &[("a.rs", &format!("let A{mark} = 1;"))]), "");
    assert_eq!(says(marks::unfinished, &[("a.md", mark)]), "");
}

#[test]
fn a_file_over_512_kib_is_reported() {
    let text = "x".repeat(512 * 1024 + 1);
    assert_eq!(
        says(marks::size, &[("a", &text)]),
        "a: 513 KiB, at most 512 KiB: make it, do not commit it"
    );
    assert_eq!(says(marks::size, &[("a", text.get(1..).unwrap())]), "");
}

#[test]
fn a_broken_link_is_reported_and_code_is_not_read() {
    let page = "[a](../README.md) [b](gone.md#part) [c](https://example.com) [d](#here)\n```\n[e](nowhere)\n```\n";
    assert_eq!(
        says(links::relative, &[("docs/page.md", page), ("README.md", "")]),
        "docs/page.md:1: broken link to `gone.md#part`"
    );
}

#[test]
fn a_link_that_leaves_the_tree_is_broken() {
    assert!(says(links::relative, &[("README.md", "[x](../shared/a.md)")]).contains("broken link"));
}

#[test]
fn architecture_naming_a_missing_file_is_reported() {
    let page =
        "| why? | `crates/a/src/lib.rs`, then `crates/a/src/gone.rs` | `Permit`, `crates/*` |";
    assert_eq!(
        says(links::architecture, &[("ARCHITECTURE.md", page), ("crates/a/src/lib.rs", "")]),
        "ARCHITECTURE.md:1: `crates/a/src/gone.rs` does not exist: the page must stay true"
    );
}

#[test]
fn a_source_naming_a_missing_page_is_reported() {
    let source = concat!("//! Told in `docs", "/a.md` and docs", "/gone.md.\n");
    assert_eq!(
        says(links::from_sources, &[("a.rs", source), ("docs/a.md", "")]),
        concat!("a.rs:1: `docs", "/gone.md` does not exist: the page must stay true")
    );
}

#[test]
fn a_reference_page_without_its_generator_is_reported() {
    let files = [
        ("docs/reference/a.md", "# Written by hand"),
        ("docs/reference/b.md", "<!-- generated by crates/b/src/lib.rs: do not edit -->"),
        ("crates/b/src/lib.rs", ""),
    ];
    let said = says(links::generated, &files);
    assert!(said.starts_with("docs/reference/a.md:1: a generated page opens with"), "{said}");
    assert!(!said.contains("b.md"), "{said}");
}

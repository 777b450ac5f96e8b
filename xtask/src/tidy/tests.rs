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
        manifests_are_toml: "manifests are TOML",
        dependencies_point_one_way: "dependencies point one way",
        libraries_stay_in_their_rooms: "libraries stay in their rooms",
        pure_crates_stay_small: "pure crates stay small",
        versions_are_written_once: "versions are written once",
        every_library_has_its_reason: "every library has its reason",
        decision_records_are_numbered_uniquely: "decision records are numbered uniquely",
        decision_records_are_in_the_index: "decision records are in the index",
        functions_fit_on_a_screen: "functions fit on a screen",
        the_servers_rooms_know_what_they_may: "the server's rooms know what they may",
        no_phase_knows_the_spine: "no phase knows the spine",
        only_one_file_can_run_operations: "only one file can run operations",
        a_module_stands_in_its_folder: "a module stands in its folder",
        circles_of_modules_stay_small: "circles of modules stay small",
        a_types_name_says_of_what: "a type's name says of what",
        architecture_walks_as_the_spine_does: "ARCHITECTURE.md walks as the spine does",
        a_skipped_test_says_so_to_its_runner: "a skipped test says so to its runner",
        no_path_of_one_machine: "no path of one machine",
        no_registry_is_chosen: "no registry is chosen",
        nothing_left_unfinished: "nothing left unfinished",
        files_stay_small: "files stay small",
        every_link_resolves: "every link resolves",
        architecture_names_what_exists: "ARCHITECTURE.md names what exists",
        sources_name_pages_that_exist: "sources name pages that exist",
        generated_pages_name_their_generator: "generated pages name their generator",
        mutations_apply: "mutations apply",
        error_texts_are_on_their_page: "error texts are on their page",
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
fn a_path_of_one_machine_is_reported_and_the_tail_of_a_longer_one_is_not() {
    let tree = |text: &str| Tree::of(&[("a.md", text)]).beside("/acme/");
    let said = |text: &str| {
        marks::machine_paths(&tree(text)).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let home = concat!("/ho", "me/ann/notes");
    for path in ["/acme/house", home] {
        let complaint = format!("a.md:2: `{path}` is a path of one machine: make it relative");
        assert_eq!(said(&format!("x\nsee {path}")), [complaint]);
        assert!(said(&format!("up{path} and https://host{path}")).is_empty());
    }
    assert!(said("/etc/countersign").is_empty());
}

#[test]
fn a_chosen_registry_is_reported_outside_lock_files() {
    let choice = concat!("--index", "-url http://mirror/simple");
    assert!(says(marks::registries, &[("a.txt", choice)]).contains("chooses a registry"));
    assert_eq!(says(marks::registries, &[("Cargo.lock", choice)]), "");
}

#[test]
fn a_skip_that_is_printed_is_reported_on_one_line_and_on_two() {
    let one = concat!("fn t() {\n    eprintln!(\"sk", "ipped: no server\");\n}\n");
    let two = concat!("    println!(\n        \"sk", "ipped\"\n    );\n");
    let files = [("a.rs", one), ("b.rs", two), ("d.rs", "fn f() {}\n")];
    let said = says(marks::printed_skips, &files);
    let [first, second] = said.lines().collect::<Vec<_>>()[..] else { panic!("{said:?}") };
    assert!(first.starts_with("a.rs:2: a skipped test says so to the runner: mark it `#[ignore"));
    assert!(second.starts_with("b.rs:1: "), "{second}");
}

/// A file of crate `server`.
fn server(name: &str) -> String {
    format!("crates/server/src/{name}")
}

#[test]
fn a_room_that_knows_one_above_it_is_reported() {
    let (targets, walk) = (server("targets/mod.rs"), server("walk/mod.rs"));
    let files =
        [(targets.as_str(), "use crate::walk::Step;\n"), (walk.as_str(), "use crate::targets;\n")];
    assert_eq!(
        says(rooms::rooms, &files),
        "crates/server/src/targets/mod.rs:1: `targets` may not know `walk` (it may know no other): hand it what it needs as a value, \
         or move what both need into a room below both"
    );
}

#[test]
fn a_file_outside_of_the_rooms_is_reported() {
    let file = server("drawer.rs");
    assert!(says(rooms::rooms, &[(&file, "")]).contains("`drawer` is not in tidy's table"));
}

#[test]
fn what_a_permit_guards_is_named_in_one_file_alone() {
    let (backends, walk) = (server("service/backends.rs"), server("walk/serve/mod.rs"));
    let naming = "use engine::{Engine, Owner};\nfn f() { control::Control::open(&engine::View::everything()) }\n";
    assert_eq!(says(rooms::wrapped, &[(&backends, naming)]), "");
    let why = "is named outside of `service::backends`: nothing runs without a permit, so call what that module offers";
    assert_eq!(
        says(rooms::wrapped, &[(&walk, naming)]),
        format!(
            "{walk}:2: `control::Control::open` {why}\n{walk}:1: `engine::Engine` {why}\n\
             {walk}:2: `engine::View::everything` {why}"
        )
    );
    assert!(says(rooms::wrapped, &[(&walk, "use engine::*;\n")]).contains("`engine::*`"));
    // Another crate's type of the same name, and what else those crates have, are free.
    let others = "use base64::Engine as _;\nuse control::ApiError;\nuse engine::rest::Api;\n";
    assert_eq!(says(rooms::wrapped, &[(&walk, others)]), "");
}

#[test]
fn a_phase_that_knows_the_spine_is_reported_and_one_that_knows_another_is_not() {
    let (spine, parse, route) =
        (server("walk/mod.rs"), server("walk/parse.rs"), server("walk/route.rs"));
    let files = [
        (spine.as_str(), "mod parse;\nuse parse::Call;\n"),
        (parse.as_str(), "\nuse crate::walk::Step;\n"),
        (route.as_str(), "use super::parse::Call;\n"),
    ];
    assert_eq!(
        says(rooms::spine, &files),
        "crates/server/src/walk/parse.rs:2: a phase knows the spine `walk`: what phases share stands in a module of its own below it"
    );
}

#[test]
fn a_walk_that_is_told_otherwise_is_reported() {
    let page = "# A\n## The walk\n\n```\nlet a = one()?;  // first\nlet c = three(a)?;\n```\n";
    let spine = "/// Doc.\nasync fn walk(\n    x: u8,\n) -> R {\n    let a = one()?;\n    // why\n    let b = two(a)?;\n}\n";
    let said = |page: &str| {
        says(walk::told, &[("ARCHITECTURE.md", page), ("crates/server/src/walk/mod.rs", spine)])
    };
    assert_eq!(
        said(page),
        "ARCHITECTURE.md:6: the walk is told as `let c = three(a)?;`, crates/server/src/walk/mod.rs does \
         `let b = two(a)?;`: tell it as it is done"
    );
    assert_eq!(said(&page.replace("let c = three", "let b = two")), "");
    assert!(said(&page.replace("let c = three(a)?;\n", "")).contains("is told as ``"));
}

#[test]
fn a_module_beside_its_folder_is_reported() {
    let files = [
        ("crates/a/src/one.rs", ""),
        ("crates/a/src/one/inner.rs", ""),
        ("crates/a/src/two/mod.rs", ""),
        ("crates/a/src/two/inner.rs", ""),
    ];
    assert_eq!(
        says(rooms::folders, &files),
        "crates/a/src/one.rs: its submodules are in `crates/a/src/one/`: move it there, as `mod.rs`"
    );
}

#[test]
fn a_circle_is_reported_with_its_modules() {
    let files = [
        ("crates/sigv4/src/a.rs", "use crate::b::B;\n"),
        ("crates/sigv4/src/b.rs", "use crate::c::C;\n"),
        ("crates/sigv4/src/c.rs", "use crate::a::A;\nuse crate::d::D;\n"),
        ("crates/sigv4/src/d.rs", ""),
    ];
    assert_eq!(
        says(rooms::circles, &files),
        "crates/sigv4: 3 modules know each other in a circle, at most 1 may: a, b, c. \
         Move what two of them share into a module that knows neither"
    );
}

#[test]
fn a_circle_that_became_smaller_lowers_its_bound() {
    let files = [
        ("crates/engine/src/a.rs", "use crate::b::B;\n"),
        ("crates/engine/src/b.rs", "use crate::a::A;\n"),
    ];
    let said = says(rooms::circles, &files);
    let wanted =
        "xtask/src/tidy/rooms.rs: the largest circle of `engine` has 2 modules: lower its ";
    assert!(said.starts_with(wanted) && said.ends_with(" in CIRCLES"), "{said}");
}

#[test]
fn a_walk_that_no_page_tells_is_reported() {
    let spine = "async fn walk(x: X) -> Y {\n    parse(x)\n}\n";
    let said = says(walk::told, &[("crates/server/src/walk/mod.rs", spine)]);
    assert!(said.starts_with("ARCHITECTURE.md: the walk is told as ``"), "{said}");
}

#[test]
fn a_type_name_in_three_modules_is_reported_and_in_two_is_not() {
    let files = [
        ("crates/a/src/one.rs", "pub struct Args;\nenum Kind {}\n"),
        ("crates/a/src/two.rs", "\nstruct Args;\nstruct Kind;\n"),
        ("crates/a/src/three.rs", "type Args = u8;\n"),
        ("crates/b/src/lib.rs", "struct Kind;\n"),
    ];
    let said = rooms::repeated_beyond(&Tree::of(&files), &[]);
    let said: Vec<String> = said.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "crates/a/src/one.rs:1: 3 modules of `a` declare a type `Args` (crates/a/src/three.rs, crates/a/src/two.rs too): \
         let the name say of what it is"
        ]
    );
}

#[test]
fn a_name_on_the_list_that_is_not_repeated_is_reported() {
    let tree = Tree::of(&[("crates/a/src/one.rs", "struct Args;\n")]);
    let said = rooms::repeated_beyond(&tree, &[("a", "Args")]);
    assert_eq!(
        said.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "xtask/src/tidy/rooms.rs: `Args` of `a` is not repeated any more: take it off the list REPEATED"
        ]
    );
}

#[test]
fn a_manifest_that_is_no_toml_is_reported() {
    let said = says(manifests::readable, &[("crates/a/Cargo.toml", "[package\n")]);
    assert!(said.starts_with("crates/a/Cargo.toml: not TOML: "), "{said}");
}

#[test]
fn a_dependency_of_one_system_only_is_one() {
    let manifest = "[target.'cfg(unix)'.dependencies]\ntantivy.workspace = true\n";
    assert!(
        says(manifests::rooms, &[("crates/control/Cargo.toml", manifest)]).contains("`tantivy`")
    );
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

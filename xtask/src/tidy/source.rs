//! The modules of a crate, the types that each declares, the modules of its own crate that each names. What only tests
//! see is left out.

use std::collections::{BTreeMap, BTreeSet};

use super::tokens::{self, Token};

/// One module that is a file.
pub(crate) struct Module {
    /// Its file.
    pub(crate) file: String,
    /// Each type that it declares, with its line.
    pub(crate) types: Vec<(usize, String)>,
    /// The other modules that it names, each with the first line that does. Its own submodules are left out: a module is
    /// made of them.
    pub(crate) names: BTreeMap<String, usize>,
    /// The paths into other crates that it names, `engine::rest::Api`, each with the first line that does.
    pub(crate) outside: BTreeMap<String, usize>,
}

/// The modules of a crate by their paths, `walk::parse`; the root's is empty.
pub(crate) type Modules = BTreeMap<String, Module>;

/// The crates by their names.
pub(crate) type Crates = BTreeMap<String, Modules>;

/// Reads the crates of `crates/`, and `xtask`, from Rust files: each one's path and text.
pub(crate) fn read<'a>(sources: impl Iterator<Item = (&'a str, &'a str)>) -> Crates {
    let mut files: BTreeMap<&str, BTreeMap<String, (&str, Vec<Token<'_>>)>> = BTreeMap::new();
    for (file, text) in sources {
        let Some((krate, inside)) = place(file) else { continue };
        files.entry(krate).or_default().insert(module_path(inside), (file, tokens::read(text)));
    }
    files.into_iter().map(|(krate, files)| (krate.to_owned(), modules(files))).collect()
}

/// The crate of a source file, and its path below `src/`.
fn place(file: &str) -> Option<(&str, &str)> {
    match file.strip_prefix("xtask/src/") {
        Some(inside) => Some(("xtask", inside)),
        None => file.strip_prefix("crates/")?.split_once("/src/"),
    }
}

/// `walk/parse.rs` and `walk/parse/mod.rs` are `walk::parse`.
fn module_path(inside: &str) -> String {
    let mut parts: Vec<&str> = inside.trim_end_matches(".rs").split('/').collect();
    let is_folders_own = parts.last() == Some(&"mod");
    let is_root = parts.len() == 1 && parts.iter().all(|name| ["lib", "main"].contains(name));
    if is_folders_own || is_root {
        parts.pop();
    }
    parts.join("::")
}

fn modules(files: BTreeMap<String, (&str, Vec<Token<'_>>)>) -> Modules {
    let mut code = BTreeMap::new();
    let mut tests = BTreeSet::new();
    for (path, (file, tokens)) in files {
        let (mut tokens, in_files) = tokens::without_tests(&tokens);
        tokens.retain(|token| !token.is_string());
        tests.extend(in_files.into_iter().map(|name| join(&path, name)));
        code.insert(path, (file, tokens));
    }
    let below = |path: &str, root: &str| path == root || is_inside(path, root);
    code.retain(|path, _| !tests.iter().any(|test| below(path, test)));
    let known: BTreeSet<String> = code.keys().cloned().collect();
    let read = |(path, (file, tokens)): (String, (&str, Vec<Token<'_>>))| {
        let (types, names) = (types(&tokens), names(&path, &tokens, &known));
        let outside = outside(&path, &tokens, &known);
        let module = Module { file: file.to_owned(), types, names, outside };
        (path, module)
    };
    code.into_iter().map(read).collect()
}

/// Whether a module is one of `root`'s submodules.
pub(crate) fn is_inside(path: &str, root: &str) -> bool {
    root.is_empty() && !path.is_empty()
        || path.strip_prefix(root).is_some_and(|rest| rest.starts_with("::"))
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}::{name}") }
}

/// The types that a file declares outside of blocks.
fn types(tokens: &[Token<'_>]) -> Vec<(usize, String)> {
    const KEYWORDS: &[&str] = &["struct", "enum", "union", "trait", "type"];
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for (keyword, name) in tokens.iter().zip(tokens.iter().skip(1)) {
        match keyword.text {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            word if depth == 0 && KEYWORDS.contains(&word) && name.is_word() => {
                found.push((name.line, name.text.to_owned()));
            }
            _ => {}
        }
    }
    found
}

/// The other modules that a module names: by `crate::`, `super::`, `self::`, or through a submodule of its own.
fn names(path: &str, tokens: &[Token<'_>], known: &BTreeSet<String>) -> BTreeMap<String, usize> {
    let parent = path.rsplit_once("::").map_or("", |(parent, _)| parent);
    let mut found = BTreeMap::new();
    for (at, token) in beginnings(tokens) {
        let base = match token.text {
            "crate" => String::new(),
            "super" => parent.to_owned(),
            "self" => path.to_owned(),
            word if known.contains(&join(path, word)) => join(path, word),
            _ => continue,
        };
        let mut paths = Vec::new();
        use_tree(tokens, at + 2, &base, &mut paths);
        for named in paths {
            let module = longest(&named, known);
            if module != path && !module.is_empty() && !is_inside(&module, path) {
                found.entry(module).or_insert(token.line);
            }
        }
    }
    found
}

/// The paths into other crates: those that begin with a name that is no submodule of this module.
fn outside(path: &str, tokens: &[Token<'_>], known: &BTreeSet<String>) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let mut read_to = 0;
    for (at, token) in beginnings(tokens) {
        // `rest::Api` in `engine::{rest::Api}` has been read with it.
        if at < read_to {
            continue;
        }
        let mut paths = Vec::new();
        read_to = use_tree(tokens, at + 2, token.text, &mut paths);
        let is_own = ["crate", "super", "self"].contains(&token.text)
            || known.contains(&join(path, token.text));
        if is_own || !token.text.starts_with(char::is_lowercase) {
            continue;
        }
        for named in paths {
            found.entry(named).or_insert(token.line);
        }
    }
    found
}

/// Where paths begin: the words before the first `::`, each with its place.
fn beginnings<'a>(tokens: &'a [Token<'a>]) -> impl Iterator<Item = (usize, &'a Token<'a>)> {
    tokens.iter().enumerate().filter(|(at, token)| {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let is_middle = before.is_some_and(|before| before.text == "::");
        token.is_word() && !is_middle && tokens.get(at + 1).is_some_and(|next| next.text == "::")
    })
}

/// The module that a path begins with.
fn longest(path: &str, known: &BTreeSet<String>) -> String {
    let mut path = path;
    while !known.contains(path) {
        path = path.rsplit_once("::").map_or("", |(parent, _)| parent);
        if path.is_empty() {
            break;
        }
    }
    path.to_owned()
}

/// Reads `a::{b, c::d}` from `at` on; gives the place behind it.
fn use_tree(tokens: &[Token<'_>], at: usize, base: &str, paths: &mut Vec<String>) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    match text(at) {
        "{" => {
            let mut at = at + 1;
            loop {
                match text(at) {
                    "" => return at,
                    "}" => return at + 1,
                    "," => at += 1,
                    _ => {
                        let behind = use_tree(tokens, at, base, paths);
                        // Whatever it is, it is no tree of names.
                        if behind == at {
                            return at;
                        }
                        at = behind;
                    }
                }
            }
        }
        "super" => {
            let parent = base.rsplit_once("::").map_or("", |(parent, _)| parent);
            use_tree(tokens, at + 2, parent, paths)
        }
        name => {
            let path = join(base, name);
            if text(at + 1) == "::" {
                return use_tree(tokens, at + 2, &path, paths);
            }
            paths.push(path);
            // `a as b`
            if text(at + 1) == "as" { at + 3 } else { at + 1 }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;

    fn module(text: &str) -> (Vec<String>, Vec<String>) {
        let tree = Tree::of(&[
            ("crates/a/src/lib.rs", ""),
            ("crates/a/src/one.rs", ""),
            ("crates/a/src/two/mod.rs", ""),
            ("crates/a/src/two/inner.rs", ""),
            ("crates/a/src/three/mod.rs", text),
            ("crates/a/src/three/own.rs", ""),
        ]);
        let module = &tree.crates()["a"]["three"];
        let types = module.types.iter().map(|(_, name)| name.clone()).collect();
        (types, module.names.keys().cloned().collect())
    }

    #[test]
    fn a_tree_of_names_is_read_to_its_leaves() {
        let (_, names) = module("use crate::{one::{A, B as C}, two::inner, self};\n");
        assert_eq!(names, ["one", "two::inner"]);
    }

    #[test]
    fn a_path_in_the_middle_of_code_counts_as_much() {
        let (_, names) = module("fn f() -> u8 { super::one::g(super::two::inner::H { x: 1 }) }\n");
        assert_eq!(names, ["one", "two::inner"]);
    }

    #[test]
    fn submodules_comments_strings_and_tests_do_not_count() {
        let text = "//! crate::one\nmod own;\nuse own::X;\nconst A: &str = \"crate::one\"; const B: char = '\"';\n\
            const R: &str = r#\"\"crate::one\"#; /* crate::one */ fn f<'a>(_: &'a str) {}\n\
            #[cfg(test)]\nmod tests {\n    use crate::one::Z;\n    struct T { x: u8 }\n}\nuse crate::two::Y;\n";
        assert_eq!(module(text), (vec![], vec!["two".to_owned()]));
    }

    #[test]
    fn a_path_into_another_crate_is_read_to_its_leaves_and_one_of_this_crate_is_none() {
        let text = "use engine::{Engine, rest::Api as B};\nuse crate::{two::A};\nuse own::X;\n\
            // control::Comment\nfn f() { control::Control::open(String::new()) }\n";
        let tree = Tree::of(&[
            ("crates/a/src/lib.rs", ""),
            ("crates/a/src/one.rs", text),
            ("crates/a/src/one/own.rs", ""),
        ]);
        let outside = &tree.crates()["a"]["one"].outside;
        assert_eq!(
            outside.keys().collect::<Vec<_>>(),
            ["control::Control::open", "engine::Engine", "engine::rest::Api"]
        );
    }

    #[test]
    fn types_are_those_of_the_file_and_not_of_its_blocks() {
        let text = "pub(crate) struct A;\nenum B { C }\ntrait D { type E; }\ntype F = u8;\nfn f() { struct G; }\n";
        assert_eq!(module(text).0, ["A", "B", "D", "F"]);
    }
}

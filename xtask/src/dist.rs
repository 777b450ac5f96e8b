//! `cargo xtask dist`: the binary as it is shipped, with its symbols in a file beside it.
//!
//! The profile `dist` optimises the whole program at once (docs/decisions/0170-the-shipped-binary.md). It is linked twice: what a start
//! of the first one and its first requests run lies together in the second, so that both read and hold few pages of the program
//! (docs/decisions/0171-what-a-start-runs-lies-together.md). binutils then cut it in two: the program, and what only debuggers, profilers and
//! the backtrace of a panic read. Where the second file lies beside the first, they find it by its name (`.gnu_debuglink`).

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::console;

pub(crate) fn command(root: &Path, _: &[String]) -> Result<(), String> {
    console::step(
        "building with the profile `dist`: about ten minutes, most of them for one program at the end",
    );
    let folder = crate::test::target(root).join("dist");
    let keep_parts = format!("link-arg=-Wl,--reproduce={}", folder.join("parts.tar").display());
    let what = ["--profile", "dist", "--package", "countersign", "--bin", "countersign"];
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    run(
        Command::new("cargo").args(["rustc", "--locked"]).args(what).args([
            "--",
            "-C",
            &keep_parts,
        ]),
        root,
    )?;
    console::step("starting it, to see what a start and the first requests run");
    let order = folder.join("order.txt");
    let functions = run_by_a_start(&folder)?.join("\n");
    fs::write(&order, functions).map_err(|error| format!("{}: {error}", order.display()))?;
    console::step("linking it again, with that in one place");
    let linked = link_again(&folder)?;
    ship(&folder.join("shipped"), &linked)
}

/// Cuts the program from its symbols.
fn ship(shipped: &Path, linked: &Path) -> Result<(), String> {
    fs::create_dir_all(shipped).map_err(|error| format!("{}: {error}", shipped.display()))?;
    let objcopy = || Command::new("objcopy");
    run(objcopy().arg("--only-keep-debug").arg(linked).arg("countersign.debug"), shipped)?;
    let cut = ["--strip-all", "--add-gnu-debuglink=countersign.debug"];
    run(objcopy().args(cut).arg(linked).arg("countersign"), shipped)?;
    for name in ["countersign", "countersign.debug"] {
        let path = shipped.join(name);
        let size =
            fs::metadata(&path).map_err(|error| format!("{}: {error}", path.display()))?.len();
        let tenths = size / 100_000;
        console::line(&format!("{}  {}.{} MB", path.display(), tenths / 10, tenths % 10));
    }
    Ok(())
}

/// The first requests of a new service, which most of those that follow resemble: method, path, body.
const FIRST_REQUESTS: [(&str, &str, &str); 6] = [
    ("GET", "/", ""),
    ("PUT", "/books/_doc/1?refresh=true", r#"{"title":"Frankenstein","year":1818}"#),
    ("GET", "/books/_doc/1", ""),
    (
        "POST",
        "/_bulk?refresh=true",
        "{\"index\":{\"_index\":\"books\",\"_id\":\"2\"}}\n{\"title\":\"Dracula\"}\n",
    ),
    ("POST", "/books/_search", r#"{"query":{"match":{"title":"dracula"}}}"#),
    ("GET", "/_cat/indices", ""),
];

/// The symbols of the functions that `countersign dev` runs before it is ready, the first start of an empty folder, and for its
/// first requests.
fn run_by_a_start(folder: &Path) -> Result<Vec<String>, String> {
    let (data, counted) = (folder.join("start"), folder.join("start.callgrind"));
    let _ = fs::remove_dir_all(&data);
    let mut start = Command::new("valgrind");
    start.args(["--tool=callgrind", "--demangle=no", "--quiet"]);
    start.arg(format!("--callgrind-out-file={}", counted.display()));
    start.arg(folder.join("countersign")).arg("dev").arg("--data").arg(&data);
    start.args(["--control", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--port", "0"]);
    let mut started =
        start.stdout(Stdio::piped()).spawn().map_err(|error| absent(&start, &error))?;
    let mut printed =
        started.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines);
    let is_ready = printed.by_ref().map_while(Result::ok).any(|line| line.trim() == "ready");
    let asked = if is_ready {
        ask(folder, &data)
    } else {
        Err("the binary did not get ready under valgrind".to_owned())
    };
    run(Command::new("kill").arg(started.id().to_string()), folder)?;
    started.wait().map_err(|error| format!("valgrind: {error}"))?;
    let _ = fs::remove_dir_all(&data);
    asked?;
    let text = fs::read(&counted).map_err(|error| format!("{}: {error}", counted.display()))?;
    Ok(functions(&String::from_utf8_lossy(&text)))
}

/// Sends the first requests to the service of this folder, with its own `countersign request`.
fn ask(folder: &Path, data: &Path) -> Result<(), String> {
    let environment = data.join("env");
    let exported = fs::read_to_string(&environment)
        .map_err(|error| format!("{}: {error}", environment.display()))?;
    let exported =
        exported.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
    let exported: HashMap<&str, &str> = exported.collect();
    let endpoint = exported.get("COUNTERSIGN_ENDPOINT").copied().unwrap_or_default();
    for (method, path, body) in FIRST_REQUESTS {
        let mut request = Command::new(folder.join("countersign"));
        request.envs(&exported).stdout(Stdio::null());
        request.args(["request", "--fail", "-X", method]);
        if !body.is_empty() {
            request.args(["-d", body]);
        }
        run(request.arg(format!("{endpoint}{path}")), folder)?;
    }
    Ok(())
}

/// The functions of the program itself in a file of callgrind's. Names are written once, `(7) name`, and stand as `(7)` after.
fn functions(counted: &str) -> Vec<String> {
    let (mut files, mut names) = (HashMap::new(), HashMap::new());
    let (mut own, mut found) = (false, Vec::new());
    for line in counted.lines() {
        let Some((key, value)) = line.split_once("=(") else { continue };
        let Some((number, given)) = value.split_once(')') else { continue };
        let known = match key {
            "ob" | "cob" => &mut files,
            "fn" | "cfn" => &mut names,
            _ => continue,
        };
        if let Some(given) = given.strip_prefix(' ') {
            known.insert(number.to_owned(), given.to_owned());
        }
        let name = known.get(number).cloned().unwrap_or_default();
        match key {
            "ob" => own = name.ends_with("/countersign"),
            // `'2` behind a name: called by itself. Code without a symbol is named by its place.
            "fn" if own
                && name.starts_with(|first: char| first.is_alphabetic() || first == '_') =>
            {
                found.push(name.split('\'').next().unwrap_or_default().to_owned());
            }
            _ => {}
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Links the parts of the program anew, the functions of `order.txt` first.
fn link_again(folder: &Path) -> Result<PathBuf, String> {
    let parts = folder.join("parts");
    let _ = fs::remove_dir_all(&parts);
    run(Command::new("tar").args(["-xf", "parts.tar"]), folder)?;
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).current_dir(folder).output();
    let sysroot = sysroot.map_err(|error| format!("rustc: {error}"))?.stdout;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&sysroot).trim());
    let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let mut link = Command::new(sysroot.join("lib/rustlib").join(host).join("bin/gcc-ld/ld.lld"));
    // What the parts name by an absolute path lies beside them (`--chroot .`), so ours are relative.
    link.args(["@response.txt", "--symbol-ordering-file", "../order.txt"]);
    link.args(["--no-warn-symbol-ordering", "-o", "../ordered"]);
    run(&mut link, &parts)?;
    let _ = fs::remove_dir_all(&parts);
    Ok(folder.join("ordered"))
}

/// Runs a program to its end.
fn run(command: &mut Command, folder: &Path) -> Result<(), String> {
    let ended = command.current_dir(folder).status().map_err(|error| absent(command, &error))?;
    let program = command.get_program().to_string_lossy();
    if ended.success() { Ok(()) } else { Err(format!("{program} ended with {ended}")) }
}

/// Why a program does not run, and where there is one.
fn absent(command: &Command, error: &std::io::Error) -> String {
    let program = command.get_program().to_string_lossy();
    let package = match &*program {
        "objcopy" => "; Debian's package `binutils` has it",
        "valgrind" => "; Debian's package `valgrind` has it",
        _ => "",
    };
    format!("{program} cannot be started: {error}{package}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_of_the_program_alone_are_ordered() {
        let counted = "ob=(1) /usr/lib/libc.so.6\nfn=(1) malloc\n3 4\nob=(2) /t/dist/countersign\nfl=(1) a.rs\nfn=(2) main\n\
                       1 2\ncob=(1)\ncfn=(1)\ncalls=1 1\n1 9\ncfn=(3) later\ncalls=1 1\n1 9\n\nfn=(3)\n1 1\nfn=(4) again'2\nfn=(5) 0x1234\nfn=(6) (below main)\n";
        assert_eq!(functions(counted), ["again", "later", "main"]);
    }
}

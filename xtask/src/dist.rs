//! `cargo xtask dist`: the binary as it is shipped, with its symbols in a file beside it.
//!
//! The profile `dist` optimises the whole program at once (docs/decisions/0170-the-shipped-binary.md). binutils then cut it in two: the program,
//! and what only debuggers, profilers and the backtrace of a panic read. Where the second file lies beside the first, they find
//! it by its name (`.gnu_debuglink`).

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::console;

pub(crate) fn command(root: &Path, _: &[String]) -> Result<(), String> {
    console::step(
        "building with the profile `dist`: about ten minutes, most of them for one program at the end",
    );
    run(
        Command::new("cargo").args([
            "build",
            "--locked",
            "--profile",
            "dist",
            "--package",
            "countersign",
        ]),
        root,
    )?;
    let folder = crate::test::target(root).join("dist");
    let (built, shipped) = (folder.join("countersign"), folder.join("shipped"));
    fs::create_dir_all(&shipped).map_err(|error| format!("{}: {error}", shipped.display()))?;
    let objcopy = || {
        let mut command = Command::new("objcopy");
        command.current_dir(&shipped);
        command
    };
    run(objcopy().arg("--only-keep-debug").arg(&built).arg("countersign.debug"), &shipped)?;
    let cut = ["--strip-all", "--add-gnu-debuglink=countersign.debug"];
    run(objcopy().args(cut).arg(&built).arg("countersign"), &shipped)?;
    for name in ["countersign", "countersign.debug"] {
        let path = shipped.join(name);
        let size =
            fs::metadata(&path).map_err(|error| format!("{}: {error}", path.display()))?.len();
        let tenths = size / 100_000;
        console::line(&format!("{}  {}.{} MB", path.display(), tenths / 10, tenths % 10));
    }
    Ok(())
}

/// Runs a program to its end.
fn run(command: &mut Command, folder: &Path) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let ended = command.current_dir(folder).status().map_err(|error| {
        let package =
            if program == "objcopy" { "; Debian's package `binutils` has it" } else { "" };
        format!("{program} cannot be started: {error}{package}")
    })?;
    if ended.success() { Ok(()) } else { Err(format!("{program} ended with {ended}")) }
}

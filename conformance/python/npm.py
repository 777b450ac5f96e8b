"""Programs in JavaScript, installed under `target/` as their lock file says."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALL_SECONDS_MAX = 300


def installed(sources, *more):
    """The folder with the program of `sources` and what it needs; skips the test where Node, or another tool it names, is not installed."""
    tools = ["node", "npm", *more]
    # Debian 12 has Node 18, which these clients refuse, so `.ci/run` cannot install it; it says so in its first lines.
    if missing := [tool for tool in tools if not shutil.which(tool)]:
        pytest.skip(f"not installed: {', '.join(missing)} (this project needs Node 20 only for its judges in JavaScript)")
    folder = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "judges" / sources.name
    folder.mkdir(parents=True, exist_ok=True)
    lock, stamp = (sources / "package-lock.json").read_bytes(), folder / "installed.json"
    for source in sources.iterdir():
        shutil.copy(source, folder)
    if not stamp.exists() or stamp.read_bytes() != lock:
        install = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel", "error"]
        subprocess.run(install, cwd=folder, check=True, stdin=subprocess.DEVNULL, timeout=INSTALL_SECONDS_MAX)
        stamp.write_bytes(lock)
    return folder

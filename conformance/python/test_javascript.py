"""JavaScript clients: aws4 under Node's own https, and opensearch-js with its signer."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from client_tests import *  # noqa: F403: the tests themselves
from client_tests import ask

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "conformance" / "javascript"
INSTALL_SECONDS_MAX = 300


@pytest.fixture(scope="module")
def folder():
    """The clients, installed under `target/` as the lock file says."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed")
    folder = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "judges" / "javascript"
    folder.mkdir(parents=True, exist_ok=True)
    lock, stamp = (SOURCES / "package-lock.json").read_bytes(), folder / "installed.json"
    for source in SOURCES.iterdir():
        shutil.copy(source, folder)
    if not stamp.exists() or stamp.read_bytes() != lock:
        install = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel", "error"]
        subprocess.run(install, cwd=folder, check=True, stdin=subprocess.DEVNULL, timeout=INSTALL_SECONDS_MAX)
        stamp.write_bytes(lock)
    return folder


@pytest.fixture(params=["aws4", "opensearch-js"])
def send(request, folder):
    return ask(request.param, ["node", str(folder / "client.mjs")])

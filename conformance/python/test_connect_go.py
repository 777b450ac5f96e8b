"""`examples/connect/opensearch.go`, built with the versions of `conformance/go`."""

import os
import shutil
import subprocess

import pytest

from connect_tests import *  # noqa: F403: the tests themselves
from npm import ROOT

BUILD_SECONDS_MAX = 900


@pytest.fixture(scope="module")
def command():
    if not shutil.which("go"):
        pytest.skip("go is not installed (only `cargo xtask judges --all` asks for it)")
    folder = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "judges" / "connect-go"
    folder.mkdir(parents=True, exist_ok=True)
    for file in ("conformance/go/go.mod", "conformance/go/go.sum", "examples/connect/opensearch.go"):
        shutil.copy(ROOT / file, folder)
    build = ["go", "build", "-o", "connect", "."]
    subprocess.run(build, cwd=folder, check=True, stdin=subprocess.DEVNULL, timeout=BUILD_SECONDS_MAX)
    return [folder / "connect"]

"""`examples/connect/opensearch.rs`, built as a program of `conformance/rust`."""

import os
import subprocess

import pytest

from connect_tests import *  # noqa: F403: the tests themselves
from npm import ROOT

SOURCES = ROOT / "conformance" / "rust"
BUILD_SECONDS_MAX = 1800


@pytest.fixture(scope="module")
def command():
    folder = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "judges" / "rust"
    build = ["cargo", "build", "--quiet", "--locked", "--bin", "connect", "--target-dir", str(folder)]
    subprocess.run(build, cwd=SOURCES, check=True, stdin=subprocess.DEVNULL, timeout=BUILD_SECONDS_MAX)
    return [folder / "debug" / "connect"]

"""`examples/connect/Connect.java`, run with the libraries of `conformance/java`."""

import os
import shutil

import pytest

from connect_tests import *  # noqa: F403: the tests themselves
from npm import ROOT
from test_java import SOURCES
from test_java import run as built


@pytest.fixture(scope="module")
def command():
    if missing := [tool for tool in ("java", "javac", "mvn") if not shutil.which(tool)]:
        pytest.skip(f"not installed: {', '.join(missing)} (only `cargo xtask judges --all` asks for it)")
    folder = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "judges" / "java"
    libraries, stamp, pom = folder / "lib", folder / "installed.xml", (SOURCES / "pom.xml").read_bytes()
    if not stamp.exists() or stamp.read_bytes() != pom:
        shutil.rmtree(folder, ignore_errors=True)
        built(["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={libraries}"])
        stamp.write_bytes(pom)
    return ["java", "-cp", f"{libraries}/*", ROOT / "examples" / "connect" / "Connect.java"]

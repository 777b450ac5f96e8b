"""Java clients: the signer of the AWS SDK for Java 2 under the SDK's own HTTP client, and opensearch-java."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import matrix
from driver import Driver
from matrix import *  # noqa: F403: the tests themselves
from matrix import Client

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "conformance" / "java"
BUILD_SECONDS_MAX = 900


@pytest.fixture(scope="module")
def driver():
    """The clients, built under `target/`; Maven fetches what pom.xml names."""
    missing = [tool for tool in ("java", "javac", "mvn") if not shutil.which(tool)]
    # Not a judge of every change: whoever asks for it has Java, and `.ci/run` needs none.
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (only `cargo xtask judges --all` asks for it)")
    folder = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "judges" / "java"
    libraries, stamp, pom = folder / "lib", folder / "installed.xml", (SOURCES / "pom.xml").read_bytes()
    if not stamp.exists() or stamp.read_bytes() != pom:
        shutil.rmtree(folder, ignore_errors=True)
        run(["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={libraries}"])
        stamp.write_bytes(pom)
    programs = sorted((SOURCES / "src/main/java").glob("*.java"))
    run(["javac", "-nowarn", "-cp", f"{libraries}/*", "-d", folder / "classes", *programs])
    driver = Driver(["java", "-cp", f"{libraries}/*{os.pathsep}{folder / 'classes'}", "Judge"])
    yield driver
    driver.end()


def run(command):
    subprocess.run(
        [str(word) for word in command], cwd=SOURCES, check=True, stdin=subprocess.DEVNULL, timeout=BUILD_SECONDS_MAX
    )


# The name that Judge.java knows it by, and the property of pom.xml that holds its version.
CLIENTS = {
    "aws-sdk-java-2": "aws.version",
    "aws-sdk-java-2-presigned": "aws.version",
    "opensearch-java": "opensearch.version",
}


def pytest_generate_tests(metafunc):
    matrix.generate(metafunc, list(CLIENTS))


@pytest.fixture(scope="module")
def clients(driver):
    pins = dict(re.findall(r"<([a-z.]+\.version)>(.+)</", (SOURCES / "pom.xml").read_text()))
    return {name: Client(pins[version], driver.ask) for name, version in CLIENTS.items()}

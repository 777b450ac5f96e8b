"""Go clients: net/http with the signer of aws-sdk-go-v2, and opensearch-go with its own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import matrix
from client_tests import *  # noqa: F403: the tests themselves
from client_tests import ask
from driver import Driver
from matrix import *  # noqa: F403: the tests themselves
from matrix import Client

ROOT = Path(__file__).resolve().parents[2]
BUILD_SECONDS_MAX = 900


@pytest.fixture(scope="module")
def program():
    """The clients, built under `target/`; the go command fetches what go.sum names."""
    # Not a judge of every change: whoever asks for it has Go, and `.ci/run` needs none.
    if not shutil.which("go"):
        pytest.skip("go is not installed (only `cargo xtask judges --all` asks for it)")
    program = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "judges" / "go" / "client"
    program.parent.mkdir(parents=True, exist_ok=True)
    build = ["go", "build", "-o", str(program), "."]
    subprocess.run(build, cwd=ROOT / "conformance" / "go", check=True, stdin=subprocess.DEVNULL, timeout=BUILD_SECONDS_MAX)
    return program


@pytest.fixture(scope="module")
def driver(program):
    driver = Driver([program])
    yield driver
    driver.end()


@pytest.fixture(params=["aws-sdk-go-v2", "opensearch-go"])
def send(request, driver):
    return ask(request.param, driver)


# The name that main.go knows it by, and its module.
CLIENTS = {
    "aws-sdk-go-v2": "github.com/aws/aws-sdk-go-v2",
    "aws-sdk-go-v2-presigned": "github.com/aws/aws-sdk-go-v2",
    "opensearch-go": "github.com/opensearch-project/opensearch-go/v4",
}


def pytest_generate_tests(metafunc):
    matrix.generate(metafunc, list(CLIENTS))


@pytest.fixture(scope="module")
def clients(driver):
    pins = dict(line.split()[:2] for line in (ROOT / "conformance/go/go.mod").read_text().splitlines() if " v" in line)
    return {name: Client(pins[module].removeprefix("v"), driver.ask) for name, module in CLIENTS.items()}

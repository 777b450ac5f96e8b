"""Go clients: net/http with the signer of aws-sdk-go-v2, and opensearch-go with its own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from client_tests import *  # noqa: F403: the tests themselves
from client_tests import ask

ROOT = Path(__file__).resolve().parents[2]
BUILD_SECONDS_MAX = 900


@pytest.fixture(scope="module")
def program():
    """The clients, built under `target/`; the go command fetches what go.sum names."""
    if not shutil.which("go"):
        pytest.skip("go is not installed")
    program = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "judges" / "go" / "client"
    program.parent.mkdir(parents=True, exist_ok=True)
    build = ["go", "build", "-o", str(program), "."]
    subprocess.run(build, cwd=ROOT / "conformance" / "go", check=True, stdin=subprocess.DEVNULL, timeout=BUILD_SECONDS_MAX)
    return program


@pytest.fixture(params=["aws-sdk-go-v2", "opensearch-go"])
def send(request, program):
    return ask(request.param, [str(program)])

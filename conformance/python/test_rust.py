"""Rust clients: reqwest with the `aws-sigv4` crate, and opensearch-rs."""

import os
import subprocess
import tomllib
from pathlib import Path

import pytest

import matrix
from driver import Driver, asked
from matrix import *  # noqa: F403: the tests themselves
from matrix import Client

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "conformance" / "rust"
BUILD_SECONDS_MAX = 1800


@pytest.fixture(scope="module")
def driver():
    """The clients, built under `target/` as their own lock file says."""
    folder = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "judges" / "rust"
    build = ["cargo", "build", "--quiet", "--locked", "--target-dir", str(folder)]
    subprocess.run(build, cwd=SOURCES, check=True, stdin=subprocess.DEVNULL, timeout=BUILD_SECONDS_MAX)
    driver = Driver([folder / "debug" / "judges"])
    yield driver
    driver.end()


# The name that main.rs knows it by, and its crate.
CLIENTS = {"aws-sigv4": "aws-sigv4", "aws-sigv4-presigned": "aws-sigv4", "opensearch-rs": "opensearch"}


def pytest_generate_tests(metafunc):
    matrix.generate(metafunc, list(CLIENTS))


@pytest.fixture(scope="module")
def clients(driver):
    lock = tomllib.loads((SOURCES / "Cargo.lock").read_text())
    versions = {package["name"]: package["version"] for package in lock["package"]}
    return {name: Client(versions[crate], driver.ask) for name, crate in CLIENTS.items()}


def test_the_opensearch_crate_gets_in_over_the_transport_of_our_client(driver, service, search_app, stranger):
    for credentials, status in ((search_app, 200), (stranger, 403)):
        told = driver.ask(asked(service, credentials, "opensearch-rs-adapter", "GET", "/_cluster/health"))
        assert told.get("status") == status, told

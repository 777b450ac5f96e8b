"""JavaScript clients: aws4 under Node's own https, and opensearch-js with its signer."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest

from conftest import TOKEN_EXPIRED, anonymous_denied, is_mismatch, stranger_denied

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "conformance" / "javascript"
NODE_SECONDS_MAX = 300


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
        subprocess.run(install, cwd=folder, check=True, stdin=subprocess.DEVNULL, timeout=NODE_SECONDS_MAX)
        stamp.write_bytes(lock)
    return folder


@pytest.fixture(params=["aws4", "opensearch-js"])
def send(request, folder):
    def send(service, credentials, method, path, body=None):
        keys = credentials and {
            "accessKeyId": credentials.access_key,
            "secretAccessKey": credentials.secret_key,
            "sessionToken": credentials.token,
        }
        asked = {
            "client": request.param, "endpoint": service.endpoint, "region": service.region, "credentials": keys,
            "method": method, "path": path, "body": body and json.dumps(body),
        }
        done = subprocess.run(
            ["node", "client.mjs"], cwd=folder, input=json.dumps(asked), capture_output=True, text=True,
            env={**os.environ, "NODE_EXTRA_CA_CERTS": service.ca_bundle}, timeout=NODE_SECONDS_MAX,
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        return answer["status"], answer["body"]

    return send


def test_documents_with_ids_of_any_characters_go_in_and_come_back(service, search_app, send):
    path = "/js/_doc/" + quote("a b/ü*+:", safe="")
    status, _ = send(service, search_app, "PUT", path + "?refresh=true", {"signed": "in JavaScript"})
    assert status in (200, 201)
    status, body = send(service, search_app, "GET", path)
    assert (status, body["_id"], body["_source"]) == (200, "a b/ü*+:", {"signed": "in JavaScript"})
    status, body = send(service, search_app, "POST", "/js/_search", {"query": {"match": {"signed": "javascript"}}})
    assert (status, body["hits"]["total"]["value"]) == (200, 1)


def test_another_role_is_refused(service, stranger, send):
    assert send(service, stranger, "GET", "/") == (403, stranger_denied(service, "es:ESHttpGet"))


def test_a_caller_without_credentials_is_refused(service, send):
    assert send(service, None, "GET", "/") == (403, anonymous_denied("es:ESHttpGet"))


def test_a_wrong_secret_is_refused(service, wrong_secret, send):
    status, body = send(service, wrong_secret, "GET", "/_cat/indices?v=true&h=index")
    assert status == 403 and is_mismatch(body)


def test_an_expired_session_is_refused(aged, send):
    service, session = aged
    assert send(service, session, "GET", "/") == (403, TOKEN_EXPIRED)

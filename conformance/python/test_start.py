"""The start-up contract of `countersign dev`: scripts are built on it."""

import os
import socket
import stat
import subprocess
import time
from pathlib import Path

import requests

from service import Service, binary, exported

STOP_SECONDS_MAX = 5


def start_and_fail(folder, control="127.0.0.1:0"):
    """Starts it where it cannot start; gives what it said, one line on standard error."""
    command = [binary(), "dev", "--data", str(folder), "--control", control, "--admin", "127.0.0.1:0", "--port", "0"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode not in (0, -6, 101), done.stderr
    assert "ready" not in done.stdout
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_the_ready_line_and_the_environment_file_say_all_a_script_needs(service):
    assert set(service.ready) == {"control", "admin", "console", "domains", "account", "region", "ca", "env", "pid"}
    assert service.ready["pid"] == service.process.pid
    assert Path(service.ready["ca"]).read_text().startswith("-----BEGIN CERTIFICATE-----")
    variables = exported(service.ready["env"])
    assert variables["AWS_ENDPOINT_URL"] == service.control
    assert variables["COUNTERSIGN_ENDPOINT"] == service.endpoint
    assert variables["COUNTERSIGN_ADMIN"] == service.ready["admin"]
    assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == service.region
    bundles = {variables[name] for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")}
    assert [Path(bundle).name for bundle in bundles] == ["ca-bundle.pem"]


def test_files_with_secrets_are_the_owners_alone(service):
    for name in ("env", "root.env"):
        assert stat.S_IMODE((service.folder / name).stat().st_mode) == 0o600, name
    assert exported(service.folder / "env")["AWS_ACCESS_KEY_ID"] != exported(service.folder / "root.env")["AWS_ACCESS_KEY_ID"]


def test_secrets_are_printed_to_no_file(tmp_path):
    service = Service(tmp_path / "data")
    assert service.stop() == 0
    assert service.developer.secret_key not in service.log.read_text()


def test_health_is_told_on_the_admin_listener_only(service):
    for path in ("/healthz", "/readyz", "/metrics"):
        assert requests.get(service.ready["admin"] + path, timeout=60).status_code == 200, path
    assert requests.get(service.endpoint + "/healthz", verify=service.ca_bundle, timeout=60).status_code == 403


def test_a_bare_start_has_root_and_nothing_else(tmp_path):
    service = Service(tmp_path / "data", options=["--bare", "--account", "210987654321"])
    try:
        assert service.client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::210987654321:root"
        assert service.client("iam").list_users()["Users"] == []
        assert service.client("iam").list_roles()["Roles"] == []
        assert service.client("opensearch").list_domain_names()["DomainNames"] == []
        assert service.ready["domains"] == {}
    finally:
        service.stop()


def test_a_chosen_root_key_is_taken(tmp_path):
    chosen = {"COUNTERSIGN_ROOT_ACCESS_KEY_ID": "AKIAIOSFODNN7CHOSEN1", "COUNTERSIGN_ROOT_SECRET_ACCESS_KEY": "k" * 40}
    service = Service(tmp_path / "data", environment=chosen, options=["--bare"])
    try:
        assert service.developer.access_key == "AKIAIOSFODNN7CHOSEN1"
        assert service.client("sts").get_caller_identity()["Arn"].endswith(":root")
    finally:
        service.stop()


def test_an_idle_service_ends_at_once_and_cleanly(tmp_path):
    service = Service(tmp_path / "data")
    asked = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - asked < STOP_SECONDS_MAX


def test_a_port_in_use_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert address in start_and_fail(tmp_path / "data", control=address)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    assert str(tmp_path / "file") in start_and_fail(tmp_path / "file" / "data")


def test_a_damaged_state_file_is_named_and_left_alone(tmp_path):
    service = Service(tmp_path / "data")
    service.stop()
    for file in service.folder.glob("state.db*"):
        os.remove(file)
    state = service.folder / "state.db"
    state.write_text("garbage")
    assert str(state) in start_and_fail(service.folder)
    assert state.read_text() == "garbage"


def test_two_services_do_not_share_a_folder(service):
    said = start_and_fail(service.folder)
    assert str(service.folder) in said

"""Ansible's amazon.aws and community.aws: everything they can make in iam and opensearch is made, left alone by a second
run, upgraded, used, and taken away again (conformance/ansible)."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from transcript import Transcript

TRANSCRIPT = Transcript("ansible.md")
PLAYBOOKS = Path(__file__).parent.parent / "ansible"
CERTIFICATES = Path(__file__).parents[2] / "crates/control/tests/data/certificates"
PLAY_SECONDS_MAX = 600


@pytest.fixture(scope="module")
def play(service, tmp_path_factory):
    """Runs a playbook and gives the numbers of its recap."""
    home = tmp_path_factory.mktemp("ansible")

    def run(name, **more):
        variables = {
            "account": service.account, "certificate": str(CERTIFICATES / "rsa.crt"),
            "private_key": str(CERTIFICATES / "rsa.key"), "ansible_python_interpreter": sys.executable, **more,
        }
        environment = service.environment_of(service.developer, ANSIBLE_NOCOLOR="1", ANSIBLE_HOME=str(home), HOME=str(home))
        command = [Path(sys.executable).parent / "ansible-playbook", "-i", "localhost,", "-c", "local"]
        command += ["-e", json.dumps(variables), PLAYBOOKS / f"{name}.yml"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PLAY_SECONDS_MAX)
        assert done.returncode == 0, done.stdout + done.stderr
        told = [f"-e {key}={value}" for key, value in more.items() if key != "first_run"]
        changed = re.findall(r"TASK \[(.*?)\] \*+\n(?:[^\n]+\n)*?(changed: .*)\n", done.stdout)
        lines = [line for task, outcome in changed for line in (f"TASK [{task}]", outcome.split(" =>")[0])]
        told_last = " ".join(done.stdout.split("PLAY RECAP")[1].split("\n")[1].split())
        TRANSCRIPT.add(" ".join(["ansible-playbook", f"{name}.yml", *told]), [*lines, told_last])
        recap = {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", done.stdout.split("PLAY RECAP")[1])}
        return recap, done.stdout

    return run


def test_a_second_run_changes_nothing(play):
    first, _ = play("present", first_run=True)
    assert first["changed"] >= 11
    second, told = play("present")
    assert second["changed"] == 0, told


def test_a_domain_is_upgraded_and_left_alone_after_that(play):
    upgraded, told = play("present", engine_version="OpenSearch_3.1")
    assert upgraded["changed"] == 1, told
    again, told = play("present", engine_version="OpenSearch_3.1")
    assert again["changed"] == 0, told


def test_keys_and_sessions_are_made_and_let_in(play):
    play("used")


def test_everything_is_taken_away_and_is_then_gone(play):
    first, _ = play("absent")
    assert first["changed"] >= 9
    second, told = play("absent")
    assert second["changed"] == 0, told


def test_the_page_shows_these_runs():
    TRANSCRIPT.compare()

"""The program of README's quickstart, unchanged, with this environment's client: as the role that is let in, and as one that is not."""

import subprocess
import sys
from pathlib import Path

from service import nobodys

PROGRAM = Path(__file__).resolve().parents[2] / "examples" / "quickstart.py"
SECONDS_MAX = 300


def run(service, *options):
    command = [sys.executable, str(PROGRAM), *options]
    environment = nobodys({**service.variables, "COUNTERSIGN_ENDPOINT": service.endpoint})
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS_MAX, env=environment)


def test_it_indexes_the_documentation_of_python_and_finds_what_it_is_asked_for(service):
    done = run(service)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "documented names of Python" in done.stdout and "heapq (module)" in done.stdout


def test_a_role_that_nothing_lets_in_is_refused(service, stranger):
    done = run(service, "--role", "stranger", "--search-only")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "assumed-role/stranger/quickstart is not authorized to perform: es:ESHttp" in done.stdout

"""The programs of `examples/connect/`, which the console shows for a domain: each with the environment that `dev` writes.

Each environment runs those whose client it has.
"""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec

import pytest

from npm import ROOT, installed

CONNECT = ROOT / "examples" / "connect"
PROGRAMS = ["curl.sh", "opensearch.mjs"]
PROGRAMS += [f"{client}-py.py" for client, module in (("elasticsearch", "elasticsearch"), ("opensearch", "opensearchpy")) if find_spec(module)]


def command(program):
    match program.rsplit(".", 1)[1]:
        case "sh":
            return ["sh", CONNECT / program]
        case "py":
            return [sys.executable, CONNECT / program]
    folder = installed(ROOT / "conformance" / "javascript")
    shutil.copy(CONNECT / program, folder)
    return ["node", folder / program]


def run(service, program, credentials):
    keys = {
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_SESSION_TOKEN": credentials.token,
    }
    environment = {**os.environ, **service.variables, **keys}
    return subprocess.run(command(program), env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_program_reaches_the_domain(service, search_app, program):
    done = run(service, program, search_app)
    assert done.returncode == 0, done.stderr
    assert "7.10.2" in done.stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_another_role_is_refused(service, stranger, program):
    done = run(service, program, stranger)
    assert done.returncode != 0 and "403" in done.stderr, done.stderr

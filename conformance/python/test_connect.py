"""The programs of `examples/connect/` that are run as they are; those that are compiled have a file each.

Each environment runs those whose client it has.
"""

import shutil
import sys
from importlib.util import find_spec

import pytest

from connect_tests import *  # noqa: F403: the tests themselves
from npm import ROOT, installed

CONNECT = ROOT / "examples" / "connect"
PROGRAMS = ["curl.sh", "opensearch.mjs", "net-http.rb"]
PROGRAMS += [f"{client}-py.py" for client, module in (("elasticsearch", "elasticsearch"), ("opensearch", "opensearchpy")) if find_spec(module)]


@pytest.fixture(params=PROGRAMS)
def command(request):
    program = request.param
    match program.rsplit(".", 1)[1]:
        case "sh":
            return ["sh", CONNECT / program]
        case "py":
            return [sys.executable, CONNECT / program]
        case "rb":
            if not shutil.which("ruby"):
                pytest.skip("not installed: ruby (Debian's packages are ruby and ruby-aws-sigv4)")
            return ["ruby", CONNECT / program]
    folder = installed(ROOT / "conformance" / "javascript")
    shutil.copy(CONNECT / program, folder)
    return ["node", folder / program]

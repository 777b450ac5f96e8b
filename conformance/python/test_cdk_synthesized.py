"""What `test_cdk.py` asks for is what CDK makes: its constructs are synthesized, and the recorded properties are the same."""

import json
import subprocess

from npm import ROOT, installed

SOURCES = ROOT / "conformance" / "cdk"


def test_cdk_makes_of_its_constructs_what_is_recorded():
    folder = installed(SOURCES)
    made = subprocess.run(["node", "domains.mjs"], cwd=folder, check=True, capture_output=True, text=True)
    assert json.loads(made.stdout) == json.loads((SOURCES / "domains.json").read_text())

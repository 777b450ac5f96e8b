"""What programs ask of a search service, as YAML scenarios, signed: `conformance/scenarios`."""

import importlib.util
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "scenarios"
# By its path: on `sys.path` the folder's own `elasticsearch/` would pass for the client of that name.
SPEC = importlib.util.spec_from_file_location("scenarios", FOLDER / "run.py")
scenarios = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(scenarios)


@pytest.mark.parametrize("name", scenarios.SERVICES)
def test_programs_are_answered_as_by_the_real_server(service, name):
    target = scenarios.Domain(service, f"asked-{name}"[:20], scenarios.SERVICES[name])
    files = sorted(path for folder in ("both", name) for path in (FOLDER / folder).glob("*.yml"))
    outcomes = scenarios.run(files, name, target, scenarios.apis())
    assert len(outcomes) >= 35
    known = (FOLDER / "failing.txt").read_text().splitlines()
    wrong = {f"{file}: {scenario}": fault for (file, scenario), fault in outcomes.items() if fault}
    assert {scenario: fault for scenario, fault in wrong.items() if scenario not in known} == {}

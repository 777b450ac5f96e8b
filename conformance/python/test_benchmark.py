"""opensearch-benchmark, unmodified, signs and runs the workload of `conformance/benchmark`."""

import importlib.util
import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "benchmark"
SPEC = importlib.util.spec_from_file_location("benchmark", FOLDER / "run.py")
benchmark = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(benchmark)


def test_every_operation_of_a_workload_ends_without_an_error_and_finds_what_opensearch_finds(service):
    # A search that finds another number than OpenSearch 2.19.1 ends the program, and so the test.
    measured = benchmark.run(*benchmark.domain(service))
    assert {name: one["error_rate"] for name, one in measured.items() if one["error_rate"]} == {}
    searches = [json.loads(line.removesuffix(","))["operation"]["name"] for line in (FOLDER / "searches.json").read_text().splitlines()]
    assert set(searches) | {"bulk", "updates", "wait-for-recovery"} <= set(measured)

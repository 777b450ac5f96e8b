"""The proofs of `countersign policy diff`, judged by the solver Z3 (conformance/proofs/proofs.py; the long run is made by hand)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "proofs"))

import proofs
from service import binary

PAIRS = 300


def test_z3_finds_what_the_comparison_finds_and_proves_what_it_proves():
    counts, different = proofs.compare([binary(), "policy", "diff", "--batch"], PAIRS, seed=1)
    assert different == []
    # Few are left undecided, or nothing was judged.
    assert counts["equal"] > 2 * PAIRS * 0.95, counts

#!/usr/bin/env python3
"""Counts the instructions of each operation of the engine's bench, under Valgrind: the same whatever else the machine does.

    cargo build --release --manifest-path benches/engine/Cargo.toml
    python3 benches/engine/instructions.py BINARY [BINARY …] [--documents N] [--only WORD] [--json FILE]

BINARY is `benches/engine/target/release/engine-bench`; of several, each further one is told beside the first. An index is
made on a scratch folder once for each binary and every operation runs in a process of its own. Standard library only;
needs `valgrind`.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile


def counted(binary, folder, documents, name):
    """Instructions of one unit of an operation."""
    copied = os.path.join(folder, "run")
    shutil.copytree(os.path.join(folder, "made"), copied)
    try:
        command = ["valgrind", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=*engine_bench*measured*"]
        command += [f"--callgrind-out-file={folder}/out", binary, "count", copied, str(documents), name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    finally:
        shutil.rmtree(copied)
    instructions = int(re.search(r"Collected : (\d+)", done.stderr).group(1))
    return instructions / int(done.stdout.split()[-1])


def measure(binary, documents, only):
    names = subprocess.run([binary, "list"], capture_output=True, text=True, check=True).stdout.splitlines()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([binary, "make", os.path.join(folder, "made"), str(documents)], check=True)
        return {name: counted(binary, folder, documents, name) for name in names if only in name}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="+", help="a binary, or a .json that --json wrote")
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--only", default="", help="only operations whose name holds this")
    parser.add_argument("--json", help="writes the numbers of the first binary")
    chosen = parser.parse_args()
    results = []
    for binary in chosen.binary:
        if binary.endswith(".json"):
            with open(binary, encoding="utf-8") as file:
                results.append(json.load(file))
        else:
            results.append(measure(os.path.abspath(binary), chosen.documents, chosen.only))
    print(f"{'instructions of one, in thousands':36}" + "".join(f"{n + 1:>12}" for n in range(len(results))))
    for name in results[0]:
        values = [result.get(name) for result in results]
        row = f"{name:36}" + "".join(f"{value / 1000:12.1f}" if value else f"{'-':>12}" for value in values)
        print(row + "".join(f"  × {value / values[0]:.2f}" for value in values[1:] if value))
    if chosen.json:
        with open(chosen.json, "w", encoding="utf-8") as file:
            json.dump(results[0], file, indent=1)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""What authorizing a search on one index costs, counted under Valgrind: instructions, the same whatever else the machine does, and what they come to.

    python3 benches/policies/authorize.py BINARY [--requests N] [--top N]

`countersign dev` under `callgrind`, asked `POST /logs/_search` over one connection by a user whose policy names the index. Prints the instructions
of one request and of its phases, each with what it calls: the signature (`authenticate`, `prove`), who it is (`identify`), where it goes
(`route`), what the URL is allowed (`early`), and all else that it is asked for when its turn comes (`judge`, with reading the body). The aim is 3 µs for what is
authorized, beyond authentication. Microseconds are those of `--nanoseconds` for each thousand instructions; say what was measured for a decision
(`cargo bench --manifest-path benches/policies/Cargo.toml`). Standard library only; needs `valgrind`, and a binary with its symbols.
"""
import argparse
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(1, os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(2, os.path.join(os.path.dirname(__file__), "..", "gateway"))
import dev
from dev import signed
from instructions import ask, wrapped

PHASES = {
    "authenticate": r"walk::authenticate::claim", "prove": r"walk::prove::prove", "identify": r"walk::identify::identify",
    "route": r"walk::route::route", "early": r"walk::early::decide", "judge": r"PendingJudgement::judge$",
    "of it, reading the body": r"engine::rest::(\w+::)?parse$", "of it, gathering what is asked": r"server::targets::asks$",
    "of it, the policies": r"settle_in_part", "executing": r"Embedded::execute",
}


def inclusive(path):
    """Of each function, the instructions that it and what it calls took."""
    names, costs, total, function, after_call = {}, collections.Counter(), 0, "", False
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("fn="):
                number, given = re.match(r"fn=\((\d+)\)(?: (.*))?$", line.strip()).groups()
                function = names.setdefault(number, given)
            elif line.startswith("cfn="):
                number, given = re.match(r"cfn=\((\d+)\)(?: (.*))?$", line.strip()).groups()
                names.setdefault(number, given)
            elif line.startswith("calls="):
                after_call = True
            elif line[:1] in "+-*0123456789" and function:
                parts = line.split()
                if len(parts) == 2:
                    costs[function] += int(parts[1])
                    total += 0 if after_call else int(parts[1])
                after_call = False
    return costs, total


def measure(binary, requests):
    folder = tempfile.mkdtemp(prefix="countersign-authorize-")
    service = dev.Service(wrapped(os.path.abspath(binary), folder), os.path.join(folder, "data"))
    try:
        stream = service.connect(service.host)
        ask_one = lambda: ask(stream, signed(service.key, "es", "POST", service.host, "/logs/_search", b'{"size":0}'))
        stream.sendall(signed(service.key, "es", "PUT", service.host, "/logs", b""))
        stream.recv(65536)
        for _ in range(100):
            ask_one()
        subprocess.run(["callgrind_control", "-i", "on", str(service.process.pid)], check=True, capture_output=True)
        for _ in range(requests):
            ask_one()
        subprocess.run(["callgrind_control", "-i", "off", str(service.process.pid)], check=True, capture_output=True)
    finally:
        service.stop()
    costs, total = inclusive(os.path.join(folder, "out"))
    shutil.rmtree(folder, ignore_errors=True)
    return costs, total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--nanoseconds", type=float, default=0, help="measured nanoseconds of a thousand instructions")
    parser.add_argument("--top", type=int, default=0, help="also the functions that cost most")
    chosen = parser.parse_args()
    costs, total = measure(chosen.binary, chosen.requests)
    print(f"{'instructions of one':36}{total / chosen.requests:12,.0f}")
    for phase, pattern in PHASES.items():
        found = [cost for name, cost in costs.items() if name and re.search(pattern, name)]
        # Of a function and its closure, the outer one.
        each = max(found, default=0) / chosen.requests
        time = f"{each / 1e6 * chosen.nanoseconds:8.2f} µs" if chosen.nanoseconds else ""
        print(f"  {phase:34}{each:12,.0f} {time}")
    for name, cost in costs.most_common(chosen.top):
        print(f"{cost / chosen.requests:12,.0f}  {name}")


if __name__ == "__main__":
    main()

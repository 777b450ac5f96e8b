#!/usr/bin/env python3
"""Runs every bench of this folder, one after another, and keeps what each prints.

    python3 benches/all.py BINARY [--rival NAME=URL …] [--osmem PROGRAM] [--only NAME …] [--into FOLDER] [--short]

BINARY is the program as it is shipped (`cargo xtask dist`). A rival is a running OpenSearch or Elasticsearch on this machine (its indices
`beside…` are deleted): without one `engine/beside.py` is left out. PROGRAM is the server of the package osmem-server. A bench whose
tools are not installed is left out, too, and the end says which and why. Each output goes to FOLDER/NAME.txt (`target/benches`).
The machine should do nothing else: with everything it takes about two hours, an hour of it `growth`.
`--short` gives each bench so little to do that its numbers say nothing: it shows that all of them still run, in some minutes, and leaves out
those that are built with a release of their own. Ends with 1 if a bench failed. Standard library only.
"""
import argparse
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ENGINE = f"{HERE}/engine/target/release/engine-bench"


# What each bench is given where it only has to run.
SHORT = {
    "start": ["--rounds", "1", "--documents", "200"],
    "gateway": ["1", "1"],
    "idle": ["50"],
    "upstream": ["--seconds", "1", "--rounds", "1", "--mebibytes", "8"],
    "clones": ["2", "1", "10"],
    "bodies": ["4", "1"],
    "documents": ["1"],
    "memory": ["2000"],
    "revocation": ["2", "50"],
    "enforcement": ["1"],
    "fairness": ["2", "wrong MFA codes"],
    "timing": ["200"],
    "gateway-instructions": ["--requests", "50"],
    "growth": ["2000", "6000"],
}


def python(path, *arguments):
    return [sys.executable, f"{HERE}/{path}", *arguments]


def cargo(verb, folder):
    return ["cargo", verb, *(["--release"] if verb == "run" else []), "--manifest-path", f"{HERE}/{folder}/Cargo.toml"]


def benches(given):
    """Name, command and the programs it needs; in the order of how long they take."""
    binary = given.binary
    rival = ["--rival", given.osmem] if given.osmem else []
    yield "start", python("start/start.py", binary, *rival), []
    yield "requests", python("requests/requests.py", binary), []
    yield "gateway", python("gateway/gateway.py", binary), ["nginx", "wrk"]
    yield "idle", python("gateway/idle.py", binary), []
    yield "upstream", python("gateway/upstream.py", binary), ["nginx", "wrk"]
    yield "clones", python("clones/clones.py", binary), []
    yield "bodies", python("bodies/bodies.py", binary), []
    yield "documents", python("documents/documents.py", binary), []
    yield "memory", python("memory/memory.py", binary), []
    yield "revocation", python("revocation/revocation.py", binary), []
    yield "enforcement", python("policies/enforcement.py", binary), []
    yield "authorize", python("policies/authorize.py", binary), ["valgrind"]
    yield "fairness", python("fairness/fairness.py", binary), []
    yield "timing", python("timing/timing.py", binary), []
    yield "signatures", cargo("bench", "signatures"), ["cargo"]
    yield "policies", cargo("bench", "policies"), ["cargo"]
    yield "partial", [*cargo("run", "policies"), "--bin", "partial"], ["cargo"]
    yield "gateway-instructions", python("gateway/instructions.py", binary), ["valgrind"]
    yield "engine", cargo("run", "engine"), ["cargo"]
    yield "filters", [*cargo("run", "engine"), "--bin", "filters"], ["cargo"]
    yield "instructions", python("engine/instructions.py", ENGINE), ["valgrind", ENGINE]
    if given.rival:
        yield "beside", python("engine/beside.py", binary, *given.rival), ["/usr/lib/apt/apt-helper"]
    yield "growth", python("growth/growth.py", binary), []


def run(command, path):
    """Runs a bench, shows what it prints and keeps it; whether it ended well."""
    with open(path, "w", encoding="utf-8") as kept:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in process.stdout:
            sys.stdout.write(line)
            kept.write(line)
        return process.wait() == 0


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("binary")
    options.add_argument("--rival", action="append", default=[], metavar="NAME=URL")
    options.add_argument("--osmem", metavar="PROGRAM")
    options.add_argument("--only", nargs="+", metavar="NAME")
    options.add_argument("--short", action="store_true")
    options.add_argument("--into", default=os.path.join(HERE, "..", "target", "benches"), metavar="FOLDER")
    given = options.parse_args()
    os.makedirs(given.into, exist_ok=True)
    names = [name for name, _, _ in benches(given)]
    if unknown := [name for name in given.only or [] if name not in names]:
        options.error(f"--only {' '.join(unknown)}: the benches are {', '.join(names)}")
    chosen = [bench for bench in benches(given) if not given.only or bench[0] in given.only]
    ended = []
    for name, command, needs in chosen:
        if given.short:
            if "cargo" in needs or ENGINE in needs:
                continue
            command = [*command, *SHORT.get(name, [])]
        missing = [program for program in needs if not shutil.which(program)]
        print(f"=== {name}", flush=True)
        if missing:
            ended.append((name, f"left out: {', '.join(missing)} is not installed", 0))
            continue
        begun = time.monotonic()
        well = run(command, os.path.join(given.into, f"{name}.txt"))
        ended.append((name, "done" if well else "FAILED", time.monotonic() - begun))
    print("===")
    for name, how, seconds in ended:
        print(f"{name:14} {how}{f', {seconds:.0f} s' if seconds else ''}")
    sys.exit(any(how == "FAILED" for _, how, _ in ended))


if __name__ == "__main__":
    main()

"""Kills the service at the boundaries of its disk, again and again, and asks for everything that it acknowledged.

    COUNTERSIGN_BINARY=target/release/countersign python3 conformance/crashes/crashes.py --rounds 1000 --seed 1

One data folder lives through all rounds. In each round writers work (bulks, single documents, deletions, updates under
`if_seq_no`, refreshes, flushes, merges, new mappings) while strace makes one system call of the process fail, or kills it
there; then the service starts again and what it holds is compared with what it acknowledged. A round is its seed's: the
same seed plays the same round again. Needs strace, and Python with boto3 and requests. Ends by itself; exit code 1 when
anything acknowledged is missing, half there, or there twice.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python"))

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from service import Service

WRITERS = 4
REGISTERS = 5
DOCUMENTS = 40
ROUND_SECONDS = 1.5
SYNCS, RENAMES = "fsync,fdatasync", "rename,renameat,renameat2"

# What strace does to the process: the system calls, and what happens at one of them.
FAULTS = {
    "killed at a sync": (SYNCS, "signal=SIGKILL"),
    "killed at a rename": (RENAMES, "signal=SIGKILL"),
    "a sync fails, then killed": (SYNCS, "error=EIO"),
    "a log's write fails, then killed": ("write", "error=ENOSPC"),
    "killed at any time": (None, None),
}
# What happens to the files while it is down.
DAMAGES = ("none", "none", "garbage behind a log", "a flipped bit")


class Gone(Exception):
    """The service does not answer any more."""


class Caller:
    """One signing client."""

    def __init__(self, service):
        self.endpoint, self.region, self.ca = service.endpoint, service.region, service.ca_bundle
        self.keys = BotocoreCredentials(*service.session)
        self.session = requests.Session()

    def call(self, method, path, body=None):
        """Status and JSON of an answer; raises `Gone` when there is none."""
        lines = isinstance(body, list)
        text = "".join(json.dumps(line) + "\n" for line in body) if lines else json.dumps(body) if body is not None else None
        headers = {"Content-Type": "application/x-ndjson" if lines else "application/json"} if text else {}
        request = AWSRequest(method, self.endpoint + path, data=text, headers=headers)
        SigV4Auth(self.keys, "es", self.region).add_auth(request)
        prepared = request.prepare()
        try:
            answer = self.session.request(
                method, prepared.url, headers=dict(prepared.headers), data=prepared.body, verify=self.ca, timeout=30
            )
            return answer.status_code, answer.json() if answer.content else {}
        except requests.RequestException as error:
            raise Gone from error


class History:
    """What was asked of each document, and what is known of the answer."""

    def __init__(self):
        self.possible = {}
        self.winners = {}
        self.newest = {}
        self.faults = []
        self.acknowledged = 0

    def begins(self, document, value):
        """A write that may or may not take effect from now on; None is a deletion."""
        self.possible.setdefault(document, [None]).append(value)

    def ends(self, document, value, done):
        """The write was acknowledged, or surely refused."""
        if done:
            self.possible[document] = [value]
            self.acknowledged += 1
        else:
            self.possible[document].remove(value)

    def wins(self, register, before, seq_no, value):
        """An acknowledged write under `if_seq_no`: one writer alone can have replaced what was there."""
        if before is not None and self.winners.setdefault((register, before), value) != value:
            self.faults.append(f"{register}: two acknowledged writes replaced {before}")
        if seq_no <= self.newest.get(register, (-1, None))[0]:
            self.faults.append(f"{register}: {seq_no} was acknowledged after {self.newest[register]}")
        self.newest[register] = (seq_no, value)
        self.acknowledged += 1


def writer(number, caller, history, dice, lock, until):
    """Works until the time is over or the service is gone."""
    counter = 0
    try:
        while time.monotonic() < until:
            counter += 1
            pick = dice.random()
            if pick < 0.55:
                bulk(number, counter, caller, history, dice)
            elif pick < 0.85:
                register(number, counter, caller, history, dice, lock)
            elif pick < 0.95:
                caller.call("POST", f"/kept/{dice.choice(['_refresh', '_flush', '_forcemerge'])}")
            else:
                caller.call("PUT", "/kept/_mapping", {"properties": {f"field{dice.randrange(50)}": {"type": "keyword"}}})
    except Gone:
        pass


def bulk(number, counter, caller, history, dice):
    """A bulk on this writer's own documents, each of them once."""
    lines, sent = [], []
    for document in dice.sample(range(DOCUMENTS), dice.randint(1, 12)):
        document = f"w{number}-{document}"
        value = None if dice.random() < 0.2 else f"{history.round}-{number}-{counter}"
        action = "delete" if value is None else "index"
        lines.append({action: {"_index": "kept", "_id": document}})
        if value is not None:
            lines.append({"a": value, "b": value, "n": counter})
        sent.append((document, value))
        history.begins(document, value)
    status, answer = caller.call("POST", "/_bulk", lines)
    if status != 200:
        return
    for (document, value), item in zip(sent, answer["items"]):
        outcome = next(iter(item.values()))["status"]
        if outcome in (200, 201, 404):
            history.ends(document, value, True)
        elif outcome < 500:
            history.ends(document, value, False)


def register(number, counter, caller, history, dice, lock):
    """A write under `if_seq_no` on a document that all writers want."""
    name, value = f"r{dice.randrange(REGISTERS)}", f"{history.round}-{number}-{counter}"
    status, now = caller.call("GET", f"/kept/_doc/{name}")
    found = status == 200 and now.get("found")
    path = f"/kept/_doc/{name}?if_seq_no={now['_seq_no']}&if_primary_term={now['_primary_term']}" if found else f"/kept/_create/{name}"
    status, answer = caller.call("PUT", path, {"a": value, "b": value, "n": counter})
    if status in (200, 201):
        with lock:
            history.wins(name, now["_seq_no"] if found else None, answer["_seq_no"], value)


def verify(caller, history):
    """Compares what the service holds with what it acknowledged."""
    caller.call("POST", "/kept/_refresh")
    ids = sorted(history.possible)
    status, answer = caller.call("POST", "/kept/_mget", {"ids": ids or ["none"]})
    if status != 200:
        history.faults.append(f"_mget answered {status}: {answer}")
        return
    held = 0
    for document in answer["docs"]:
        source = document.get("_source") if document.get("found") else None
        held += source is not None
        value = source and source["a"]
        if source and source["a"] != source["b"]:
            history.faults.append(f"{document['_id']}: half a document: {source}")
        if document["_id"] in history.possible and value not in history.possible[document["_id"]]:
            history.faults.append(f"{document['_id']}: {value}, expected one of {history.possible[document['_id']]}")
        if document["_id"] in history.possible:
            history.possible[document["_id"]] = [value]
    _, answer = caller.call("POST", "/kept/_count", {"query": {"match_all": {}}})
    registers = 0
    for name in (f"r{number}" for number in range(REGISTERS)):
        status, now = caller.call("GET", f"/kept/_doc/{name}")
        registers += status == 200
        seq_no, value = history.newest.get(name, (-1, None))
        if seq_no >= 0 and (status != 200 or now["_seq_no"] < seq_no or now["_seq_no"] == seq_no and now["_source"]["a"] != value):
            history.faults.append(f"{name}: {now}, but {seq_no} ({value}) was acknowledged")
        if status == 200:
            history.newest[name] = (now["_seq_no"], now["_source"]["a"])
    if answer.get("count") != held + registers:
        history.faults.append(f"a search counts {answer.get('count')} documents, by their ids there are {held + registers}")


def inject(process, fault, dice, folder):
    """strace at work on the process; None for a plain kill."""
    calls, action = FAULTS[fault]
    if calls is None:
        return None
    command = ["strace", "-f", "-qq", "-o", os.devnull, "-p", str(process.pid), "-e", f"trace={calls}"]
    if calls == "write":
        for log in folder.glob("domains/**/translog-*.log"):
            command += ["-P", str(log)]
    command += ["-e", f"inject={calls}:{action}:when={dice.randint(1, 6)}" + ("" if "KILL" in action else "+")]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def one_round(service, history, dice, fault):
    """Writers at work until the service dies."""
    tracer = inject(service.process, fault, dice, service.folder)
    until, lock = time.monotonic() + ROUND_SECONDS, threading.Lock()
    writers = [
        threading.Thread(target=writer, args=(n, Caller(service), history, random.Random(dice.random()), lock, until))
        for n in range(WRITERS)
    ]
    for thread in writers:
        thread.start()
    if fault == "killed at any time":
        time.sleep(dice.random() * ROUND_SECONDS)
        service.process.kill()
    for thread in writers:
        thread.join()
    died = service.process.poll() is not None
    service.process.kill()
    service.process.wait()
    service.process.stdout.close()
    if tracer:
        tracer.terminate()
        tracer.wait()
    return died


def damage(folder, kind, dice):
    """Harms the files of the domain while nobody uses them; gives what undoes it, and the file."""
    # A generation is synced before the next one begins, so only the newest can end in the middle of a write.
    newest = {}
    for log in sorted(folder.glob("domains/**/translog-*.log"), key=lambda log: int(log.stem.split("-")[1])):
        newest[log.parent] = log
    logs = sorted(newest.values())
    if kind == "garbage behind a log" and logs:
        with open(dice.choice(logs), "ab") as log:
            log.write(dice.randbytes(dice.randint(1, 64)))
    if kind == "a flipped bit":
        files = [f for pattern in ("*.segment", "*.del", "manifest.json", "index.json", "cluster.json") for f in folder.glob(f"domains/**/{pattern}")]
        files = [f for f in sorted(files) if f.stat().st_size]
        if files:
            file = dice.choice(files)
            whole = file.read_bytes()
            at = dice.randrange(len(whole))
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << dice.randrange(8)]) + whole[at + 1:])
            return file, whole
    return None, None


def starts(service, file, whole, history):
    """Starts the service again. With a flipped bit: it must name the file, or hold everything all the same."""
    if file is None:
        service.start()
        return "started"
    before = service.log.stat().st_size
    try:
        service.start()
        status, _ = Caller(service).call("GET", "/kept/_count")
        if status == 200:
            return "a flipped bit did no harm"
    except RuntimeError:
        pass
    said = service.log.read_bytes()[before:].decode(errors="replace")
    if file.name not in said:
        history.faults.append(f"a flipped bit in {file.name}: refused without its name: {said[-400:]}")
    service.process.kill()
    service.process.wait()
    service.process.stdout.close()
    file.write_bytes(whole)
    service.start()
    return "a flipped bit was found and named"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if not shutil.which("strace"):
        sys.exit("strace is not installed (Debian: apt-get install strace)")
    history, counted = History(), Counter()
    with tempfile.TemporaryDirectory(prefix="countersign-crashes-") as folder:
        with Service(pathlib.Path(folder) / "data") as service:
            service.session = service.assume("search-app")
            for number in range(asked.rounds):
                dice, history.round = random.Random(f"{asked.seed}-{number}"), number
                fault, harm = dice.choice(list(FAULTS)), dice.choice(DAMAGES)
                died = one_round(service, history, dice, fault)
                counted[fault if died or "then" in fault else "killed at the round's end"] += 1
                counted[starts(service, *damage(service.folder, harm, dice), history)] += 1
                verify(Caller(service), history)
                print(f"\rround {number + 1} of {asked.rounds}: {len(history.faults)} faults", end="", file=sys.stderr)
                if history.faults:
                    print(f"\nround {number} of seed {asked.seed}: {fault}, {harm}", file=sys.stderr)
                    break
            service.stop()
    for what, count in sorted(counted.items()):
        print(f"{count:6}  {what}")
    print(f"{history.acknowledged:6}  writes acknowledged")
    print(f"{len(history.faults):6}  acknowledged and lost, half there, or there twice")
    for fault in history.faults[:20]:
        print(f"  {fault}")
    sys.exit(bool(history.faults))


if __name__ == "__main__":
    main()

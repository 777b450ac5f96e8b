"""Asks the engine and a real server the same random things, and says where they differ.

    python3 conformance/differential/differential.py --port 9200 --worlds 300   # worlds 1 … 300 against the server there
    python3 conformance/differential/differential.py --port 9200 --seed 17      # one world again, every difference shown
    python3 conformance/differential/differential.py --port 9200 --keep FOLDER  # the server's answers are kept there
    python3 conformance/differential/differential.py --keep FOLDER --service opensearch  # compared with these, without a server

A world is an index with a random mapping, documents, and some ninety requests; a seed makes the same world again. Needs
the example `ask` of the crate `engine` (`cargo build -p engine --example ask`), and a real Elasticsearch 7.10.2 or OpenSearch
2.19.1, of which every index is deleted. A difference is made as small as it gets: steps, documents and parts of the bodies
are left out as long as it stays the same (not where a server's answers are only read). What the engine refuses as not built (501) is counted and not compared.
A difference that a rule of `explained.py` names is counted under that name and not shown.
"""

import argparse
import json
import pathlib
import sys
import time
from collections import Counter

from explained import explained
from judge import differences, read, signature
from servers import Kept, Ours, Real
from shrink import Shrinker
from worlds import world

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "target/debug/examples/ask"


class Run:
    """One run over many worlds."""

    def __init__(self, ours, theirs):
        self.ours, self.theirs = ours, theirs
        self.counted, self.seen, self.unbuilt, self.rules = Counter(), Counter(), Counter(), Counter()

    def world(self, seed, report):
        """Plays one world on both."""
        steps = world(seed, self.theirs.service)
        self.ours.fresh()
        before, kept = [], self.theirs.answers(seed, steps)
        self.counted["worlds without answers"] += kept == []
        for (line, body, loose), theirs in zip(steps, kept):
            step = [line, body]
            ours = self.ours.ask(*step)
            if theirs[0] == 0:
                self.counted["no answer"] += 1
                continue
            if ours[0] == 501 and theirs[0] != 501:
                self.counted["not built"] += 1
                self.unbuilt[str((read(ours[1]).get("error") or {}).get("reason"))[:90]] += 1
                if not step[0].split("?")[0].endswith(("_search", "_count", "_msearch")):
                    return
                continue
            self.counted["compared"] += 1
            self.counted["refused by both"] += ours[0] >= 400 and theirs[0] >= 400
            found = differences(ours, theirs, loose)
            if found:
                rule = explained(ours, theirs, step, found, lambda smaller: self.ours.ask(*smaller))
                if rule:
                    self.counted["explained"] += 1
                    self.rules[rule] += 1
                else:
                    self.counted["different"] += 1
                    name = signature(step, found)
                    self.seen[name] += 1
                    report(seed, name, before, step, found, loose)
                if not reads(step) and diverged(ours, theirs):
                    # From here on the two hold different things.
                    return
            if not reads(step):
                before.append(step)


def diverged(ours, theirs):
    """Whether a write did on one side what it did not on the other."""
    def done(answer):
        body = read(answer[1])
        items = body.get("items") if isinstance(body, dict) else None
        return answer[0], [next(iter(item.values()))["status"] for item in items or []]

    return done(ours) != done(theirs)


def reads(step):
    """Whether it leaves everything as it is."""
    path = step[0].split("?")[0]
    ends = ("_search", "_count", "_msearch", "_mget", "/query", "_analyze", "_refresh")
    return step[0].startswith(("GET", "HEAD")) or path.endswith(ends) or "/_explain/" in path


class Report:
    """Says each difference once, as small as it gets."""

    def __init__(self, run, shrinks, out, skip, resets):
        self.run, self.shrinks, self.out, self.skip, self.resets = run, shrinks, out, skip, resets

    def __call__(self, seed, name, before, step, found, loose):
        if self.run.seen[name] > 1 or len(self.run.seen) > self.shrinks or name.startswith(self.skip):
            return
        steps = [*before, step]
        if not isinstance(self.run.theirs, Kept):
            shrinker = Shrinker(self.run.ours, self.run.theirs, loose, self.resets)
            steps, found = shrinker.smallest(before, step, name, found)
            if self.resets:
                # The world goes on from where it was.
                shrinker.play(before)
        if not self.resets:
            steps = [*mentioned(before, steps[-1]), steps[-1]]
        lines = [f"### {name}", f"seed {seed}"]
        lines += [f"{line}  {json.dumps(body, ensure_ascii=False) if body is not None else ''}" for line, body in steps]
        lines += [f"    {at}: ours {json.dumps(ours, ensure_ascii=False)[:300]}\n    {' ' * len(at)}  real {json.dumps(theirs, ensure_ascii=False)[:300]}" for at, ours, theirs in found[:4]]
        print("\n".join(lines) + "\n", file=self.out, flush=True)


def mentioned(before, step):
    """The definitions of the fields that a step names."""
    text, found = json.dumps(step), {}

    def walk(prefix, properties):
        for name, given in properties.items():
            if f"{prefix}{name}" in text and "properties" not in given:
                found[prefix + name] = given
            walk(f"{prefix}{name}.", given.get("properties", {}))

    for _, body in before[:1]:
        walk("", body["mappings"]["properties"])
    return [["(of the mapping)", found]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, help="where the real server listens")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER", help="where its answers are kept, and read again")
    parser.add_argument("--service", choices=["elasticsearch", "opensearch"], help="whose kept answers are read, without a port")
    parser.add_argument("--program", default=str(PROGRAM), help="the engine's example `ask`")
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seed", help="one world alone")
    parser.add_argument("--shrinks", type=int, default=1000, help="how many kinds of differences are made small")
    parser.add_argument("--resets", type=int, default=0, help="how often a world is begun again to make a difference small")
    parser.add_argument("--texts", action="store_true", help="make differences in the texts of refusals small, too")
    asked = parser.parse_args()
    if asked.port is None and (asked.keep is None or asked.service is None):
        parser.error("expected --port, or --keep and --service")
    theirs = Real(asked.port) if asked.port else None
    if asked.keep:
        theirs = Kept(asked.keep, asked.service, theirs)
    ours, began = Ours(asked.program, theirs.service), time.monotonic()
    run = Run(ours, theirs)
    report = Report(run, asked.shrinks, sys.stdout, () if asked.texts else ("text",), asked.resets)
    for seed in [asked.seed] if asked.seed else range(asked.first, asked.first + asked.worlds):
        run.world(seed, report)
        print(f"\rworld {seed}: {dict(run.counted)}, {time.monotonic() - began:.0f} s", end="", file=sys.stderr)
    ours.close()
    print(f"\n{theirs.service}: {dict(run.counted)}")
    for name, count in run.rules.most_common():
        print(f"{count:6}  explained: {name}")
    for name, count in run.seen.most_common():
        print(f"{count:6}  {name}")
    for name, count in run.unbuilt.most_common(40):
        print(f"{count:6}  not built: {name}")
    sys.exit(bool(run.seen))


if __name__ == "__main__":
    main()

"""Random pairs of policies, compared by `countersign policy diff --batch` and by the solver Z3.

    proofs.py BINARY --pairs 100000 [--seed 1] [--processes 2]

Each pair is asked twice: does NEW allow what OLD does not, does OLD allow what NEW does not? Z3 gets the policies as formulas over a
request (bit vectors for addresses, reals for numbers, for texts which patterns they match), written from Amazon's documents and not from the
code that is judged. Which patterns a text can match together, Z3 proves before the first pair, with regular expressions. A proof where Z3 finds a request, or a request where Z3 proves that there is none, is a difference, and ends the run with
exit code 1. What either of the two does not decide is counted and told.
"""

import argparse
import json
import multiprocessing
import random
import subprocess
import sys
import tempfile
import time

import z3

ACCOUNTS = ["123456789012", "210987654321", "333333333333"]
USERS = [f"arn:aws:iam::{ACCOUNTS[0]}:user/ann", f"arn:aws:iam::{ACCOUNTS[1]}:user/eve"]
# Services whose actions never had other names: an old name and a new one of an `es` action are one action.
ACTIONS = [
    "app:Get", "app:GetAll", "app:Put", "app:P*", "app:*", "db:Get", "db:*l*", "app:?et", "app:*t*", "*", "APP:get*",
    "*:*All",
]
RESOURCES = [
    "*",
    "arn:aws:app:us-east-1:123456789012:thing/logs/*",
    "arn:aws:app:us-east-1:123456789012:thing/logs",
    "arn:aws:app:*:123456789012:thing/l*",
    "arn:aws:app:us-east-1:123456789012:thing/*/red",
    "arn:aws:app:us-east-1:*:thing/?ogs/*",
    "arn:aws:app:us-east-1:123456789012:thing/*:red",
    "arn:aws:app:us-*:123456789012:*",
]
# The resources of the accounts that principals are named of; some ARNs leave their account out.
HOMES = {account: [f"arn:*:*:*:{account}:*", "arn:*:*:*::*"] for account in ACCOUNTS[:2]}
# Each key is compared by operators of one family, so that it has values of one sort.
TEXTS = {"app:Team": ["red", "blue", "re*", "*d", "r?d"], "aws:UserAgent": ["curl/8", "curl*", "*8"]}
FOLDED = {"app:Mood": ["Calm", "calm", "Wild"]}
NUMBERS = {"s3:max-keys": ["10", "9.5", "-1", "100"]}
BOOLEANS = ["aws:MultiFactorAuthPresent"]
NETWORKS = {"aws:SourceIp": ["203.0.113.0/24", "203.0.113.7", "203.0.0.0/16", "10.0.0.0/8", "0.0.0.0/0"]}


class Generator:
    """Pairs of policies, the second mostly the first with something changed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pair(self):
        principals = self.random.random() < 0.4
        old = self.policy(principals)
        if self.random.random() < 0.3:
            new = self.policy(principals)
        else:
            new = json.loads(json.dumps(old))
            for _ in range(self.random.randint(1, 2)):
                self.change(new, principals)
        return {"old": old, "new": new, "kind": "resource" if principals else "identity"}

    def policy(self, principals):
        statements = [self.statement(principals) for _ in range(self.random.randint(1, 3))]
        return {"Version": "2012-10-17", "Statement": statements}

    def change(self, policy, principals):
        statements = policy["Statement"]
        what = self.random.randrange(4)
        if what == 0 or not statements:
            statements.append(self.statement(principals))
        elif what == 1:
            statements.pop(self.random.randrange(len(statements)))
        else:
            at = self.random.randrange(len(statements))
            fresh = self.statement(principals)
            for element in self.random.sample(sorted(fresh), k=self.random.randint(1, 2)):
                for other in (element, element.removeprefix("Not"), f"Not{element}"):
                    statements[at].pop(other, None)
                statements[at][element] = fresh[element]

    def statement(self, principals):
        pick = self.random.choice
        some = lambda values: self.random.sample(values, k=self.random.choice([1, 1, 2]))
        statement = {"Effect": "Deny" if self.random.random() < 0.3 else "Allow"}
        if principals:
            names = ["*", *ACCOUNTS[:2], *USERS]
            statement["Principal"] = {"AWS": some(names)}
        statement["NotAction" if self.random.random() < 0.12 else "Action"] = some(ACTIONS)
        statement["NotResource" if self.random.random() < 0.12 else "Resource"] = some(RESOURCES)
        if self.random.random() < 0.55:
            conditions = {}
            for _ in range(self.random.choice([1, 1, 2])):
                operator, key, values = self.condition(pick, some)
                conditions.setdefault(operator, {})[key] = values
            statement["Condition"] = conditions
        return statement

    def condition(self, pick, some):
        family = pick(["text", "text", "folded", "number", "boolean", "network", "null"])
        end = "IfExists" if self.random.random() < 0.2 and family != "null" else ""
        if family == "text":
            key = pick(sorted(TEXTS))
            return pick(["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"]) + end, key, some(TEXTS[key])
        if family == "folded":
            key = pick(sorted(FOLDED))
            return pick(["StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"]) + end, key, some(FOLDED[key])
        if family == "number":
            key = pick(sorted(NUMBERS))
            names = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
            return f"Numeric{pick(names)}{end}", key, some(NUMBERS[key])
        if family == "boolean":
            return f"Bool{end}", pick(BOOLEANS), [pick(["true", "false"])]
        if family == "network":
            key = pick(sorted(NETWORKS))
            return pick(["IpAddress", "NotIpAddress"]) + end, key, some(NETWORKS[key])
        keys = [*TEXTS, *FOLDED, *NUMBERS, *BOOLEANS, *NETWORKS]
        return "Null", pick(sorted(keys)), [pick(["true", "false"])]


class Text:
    """A text of a request: a truth value for each pattern that policies compare it with.

    Which of them can be true together is what Z3 proves of the patterns as regular expressions, once.
    """

    def __init__(self, name, expressions):
        self.matches = {pattern: z3.Bool(f"{name} {pattern}") for pattern in expressions}
        self.possible = z3.Or([
            z3.And([it if pattern in met else z3.Not(it) for pattern, it in self.matches.items()])
            for met in together(list(expressions.items()))
        ])


def together(expressions):
    """Every set of patterns such that a text matches these and no others."""
    text, found = z3.String("text"), []

    def narrow(met, within, rest):
        solver = z3.Solver()
        solver.add(z3.InRe(text, within))
        answer = solver.check()
        assert answer != z3.unknown, f"Z3 does not know whether a text matches {within}"
        if answer == z3.unsat:
            return
        if not rest:
            found.append(met)
            return
        (pattern, expression), *others = rest
        narrow(met | {pattern}, z3.Intersect(within, expression), others)
        narrow(met, z3.Intersect(within, z3.Complement(expression)), others)

    narrow(frozenset(), z3.Full(z3.ReSort(z3.StringSort())), expressions)
    return found


class Request:
    """A request as variables of Z3."""

    def __init__(self):
        self.action = Text("action", {it: glob(it.lower(), ANYTHING) for it in ACTIONS})
        homes = [pattern for patterns in HOMES.values() for pattern in patterns]
        self.resource = Text("resource", {it: of_resource(it) for it in dict.fromkeys([*RESOURCES, *homes])})
        # Who asks: nobody, or a principal of an account: those that policies name, each with its own number, and all others.
        self.anonymous = z3.Bool("anonymous")
        self.account = z3.Int("account")
        self.user = z3.Int("user")
        # A caller of the resource's account whom no policy of its own allows anything. Who has policies that allow everything is the other case:
        # whatever a caller's own policies are, what it may do lies between these two.
        self.unaided = z3.Bool("unaided")
        self.present = {}
        self.wellformed = {}
        self.values = {}
        for key, texts in TEXTS.items():
            # The same text under an operator with wildcards and under one without them.
            like = {("Like", it): glob(it, ANYTHING) for it in texts}
            self.values[key] = Text(key, like | {("Equals", it): z3.Re(it) for it in texts})
        for key, texts in FOLDED.items():
            self.values[key] = Text(key, {("Equals", it): z3.Re(it.lower()) for it in texts})
        for key in NUMBERS:
            self.values[key] = z3.Real(key)
        for key in BOOLEANS:
            self.values[key] = z3.Bool(key)
        for key in NETWORKS:
            self.values[key] = z3.BitVec(key, 32)
        for key in self.values:
            self.present[key] = z3.Bool(f"present {key}")
            # A number, an address or a truth value may be none; an address may be one of the sixth version.
            self.wellformed[key] = z3.Bool(f"wellformed {key}")
        self.version_six = z3.Bool("version six")

    def possible(self):
        accounts = [z3.Implies(self.user == at, self.account == ACCOUNTS.index(arn.split(":")[4])) for at, arn in enumerate(USERS)]
        texts = [self.action, self.resource, *(it for it in self.values.values() if isinstance(it, Text))]
        at_home = [
            z3.And(self.account == ACCOUNTS.index(account), z3.Or([self.resource.matches[it] for it in patterns]))
            for account, patterns in HOMES.items()
        ]
        accounts.append(z3.Implies(self.unaided, z3.And(z3.Not(self.anonymous), z3.Or(at_home))))
        return z3.And(self.account >= 0, self.user >= 0, *accounts, *(it.possible for it in texts))


def glob(pattern, any_character):
    """A pattern of text, `*` and `?` as a regular expression over characters of a kind."""
    parts = []
    for character in pattern:
        if character == "*":
            parts.append(z3.Star(any_character))
        elif character == "?":
            parts.append(any_character)
        else:
            parts.append(z3.Re(character))
    if not parts:
        return z3.Re("")
    return parts[0] if len(parts) == 1 else z3.Concat(*parts)


ANYTHING = z3.AllChar(z3.ReSort(z3.StringSort()))
NO_COLON = z3.Intersect(ANYTHING, z3.Complement(z3.Re(":")))


def of_resource(pattern):
    if pattern == "*":
        return z3.Full(z3.ReSort(z3.StringSort()))
    *head, last = pattern.split(":", 5)
    parts = []
    for segment in head:
        # A star of one of the first five segments stays within it.
        parts += [glob(segment, NO_COLON), z3.Re(":")]
    return z3.Concat(*parts, glob(last, ANYTHING))


def names(request, name, effect):
    if name == "*":
        return z3.BoolVal(True)
    if name in ACCOUNTS:
        named = z3.And(z3.Not(request.anonymous), request.account == ACCOUNTS.index(name))
        # To name an account leaves it to its own policies to allow.
        return z3.And(named, z3.Not(request.unaided)) if effect == "Allow" else named
    return z3.And(z3.Not(request.anonymous), request.user == USERS.index(name))


def holds(request, operator, key, values):
    present, value = request.present[key], request.values[key]
    if operator == "Null":
        return present == (values[0] == "false")
    if_exists = operator.endswith("IfExists")
    base = operator.removesuffix("IfExists")
    negated = "Not" in base
    wellformed = z3.BoolVal(True)
    if base.startswith("String"):
        how = "Like" if base.endswith("Like") else "Equals"
        found = z3.Or([value.matches[how, text] for text in values])
    elif base.startswith("Numeric"):
        wellformed = request.wellformed[key]
        how = base.removeprefix("Numeric")
        compare = {
            "Equals": lambda limit: value == limit, "NotEquals": lambda limit: value == limit,
            "LessThan": lambda limit: value < limit, "LessThanEquals": lambda limit: value <= limit,
            "GreaterThan": lambda limit: value > limit, "GreaterThanEquals": lambda limit: value >= limit,
        }[how]
        found = z3.Or([compare(z3.RealVal(limit)) for limit in values])
    elif base == "Bool":
        wellformed = request.wellformed[key]
        found = z3.Or([value == (text == "true") for text in values])
    else:
        wellformed = request.wellformed[key]
        found = z3.And(z3.Not(request.version_six), z3.Or([within(value, network) for network in values]))
    # Of a value that is not of the operator's type neither the operator nor its negation holds.
    met = z3.And(wellformed, z3.Not(found) if negated else found)
    if negated or if_exists:
        return z3.Or(z3.Not(present), met)
    return z3.And(present, met)


def within(value, network):
    address, _, length = network.partition("/")
    length = int(length or 32)
    number = 0
    for byte in address.split("."):
        number = number * 256 + int(byte)
    if length == 0:
        return z3.BoolVal(True)
    return z3.Extract(31, 32 - length, value) == z3.BitVecVal(number >> (32 - length), length)


def covers(request, statement):
    def listed(name):
        element = statement[name]
        return element if isinstance(element, list) else [element]

    parts = []
    if "Principal" in statement:
        parts.append(z3.Or([names(request, name, statement["Effect"]) for name in statement["Principal"]["AWS"]]))
    if "Action" in statement:
        parts.append(z3.Or([request.action.matches[it] for it in listed("Action")]))
    else:
        parts.append(z3.Not(z3.Or([request.action.matches[it] for it in listed("NotAction")])))
    if "Resource" in statement:
        parts.append(z3.Or([request.resource.matches[it] for it in listed("Resource")]))
    else:
        parts.append(z3.Not(z3.Or([request.resource.matches[it] for it in listed("NotResource")])))
    for operator, keys in statement.get("Condition", {}).items():
        parts += [holds(request, operator, key, values) for key, values in keys.items()]
    return z3.And(parts)


def allows(request, policy):
    by_effect = {"Allow": [], "Deny": []}
    for statement in policy["Statement"]:
        by_effect[statement["Effect"]].append(covers(request, statement))
    return z3.And(z3.Or(by_effect["Allow"]), z3.Not(z3.Or(by_effect["Deny"])))


def more(request, wide, narrow, milliseconds):
    """Whether there is a request that one policy allows and the other does not: True, False, or None."""
    solver = z3.Solver()
    solver.set("timeout", milliseconds)
    solver.add(request.possible(), allows(request, wide), z3.Not(allows(request, narrow)))
    answer = solver.check()
    return None if answer == z3.unknown else answer == z3.sat


REQUEST = None


def judge(work):
    """Compares one pair's answers with Z3's: what each of the two questions came to."""
    global REQUEST
    REQUEST = REQUEST or Request()
    request, (pair, answered, milliseconds) = REQUEST, work
    outcomes = []
    for question, wide, narrow in (("gained", "new", "old"), ("lost", "old", "new")):
        ours = answered[question]
        if isinstance(ours, dict) and "unknown" in ours:
            outcomes.append(("undecided here", question))
            continue
        theirs = more(request, pair[wide], pair[narrow], milliseconds)
        if theirs is None:
            outcomes.append(("undecided by Z3", question))
        else:
            outcomes.append(("equal" if theirs == bool(ours) else "DIFFERENT", question))
    return outcomes


def compare(binary, pairs, seed, processes=1, milliseconds=10_000, tell=lambda text: None):
    """What became of the questions about so many pairs, and the pairs of which the answers differ."""
    generator = Generator(seed)
    made = [generator.pair() for _ in range(pairs)]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(json.dumps(pair) + "\n" for pair in made)
        file.flush()
        command = [*binary, file.name]
        printed = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    answers = [json.loads(line) for line in printed.splitlines()]
    assert len(answers) == len(made), f"{len(made)} pairs, {len(answers)} answers"
    counts, different, begun = {}, [], time.monotonic()
    work = [(pair, answer, milliseconds) for pair, answer in zip(made, answers)]
    with multiprocessing.Pool(processes) as pool:
        for done, outcomes in enumerate(pool.imap(judge, work, chunksize=50), 1):
            for outcome, question in outcomes:
                counts[outcome] = counts.get(outcome, 0) + 1
                if outcome == "DIFFERENT":
                    different.append((question, made[done - 1], answers[done - 1]))
            if done % 5_000 == 0:
                tell(f"{done} pairs in {time.monotonic() - begun:.0f} s: {counts}")
    return counts, different


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?", help="countersign")
    parser.add_argument("--write", metavar="FILE", help="asks nobody, and writes the pairs as `policy diff --batch` reads them")
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    if chosen.write:
        generator = Generator(chosen.seed)
        with open(chosen.write, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(generator.pair()) + "\n" for _ in range(chosen.pairs))
        return 0
    if not chosen.binary:
        parser.error("BINARY or --write FILE is needed")
    command = [chosen.binary, "policy", "diff", "--batch"]
    tell = lambda text: print(text, flush=True)
    counts, different = compare(command, chosen.pairs, chosen.seed, chosen.processes, tell=tell)
    for question, pair, answer in different[:20]:
        print(f"{question}: {json.dumps(pair)}\n  answered {json.dumps(answer)}")
    print(f"{chosen.pairs} pairs, {2 * chosen.pairs} questions: {counts}; {len(different)} differences")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())

"""Makes a difference small: leaves out whatever it does not need."""

import copy

from judge import differences, signature

TRIES_MAX = 60


class Shrinker:
    """Looks for a smaller world with the same difference."""

    def __init__(self, ours, theirs, loose, resets):
        self.ours, self.theirs, self.loose, self.tries, self.resets = ours, theirs, loose, 0, resets

    def play(self, steps):
        """Plays the steps from nothing."""
        self.ours.fresh()
        self.theirs.fresh()
        for step in steps:
            self.ours.ask(*step)
            self.theirs.ask(*step)

    def differ(self, step, name):
        """The differences, if they are those of `name`."""
        self.tries += 1
        if self.tries > TRIES_MAX:
            return None
        found = differences(self.ours.ask(*step), self.theirs.ask(*step), self.loose)
        return found if found and signature(step, found) == name else None

    def again(self, before, step, name):
        if self.resets <= 0:
            return None
        self.resets, self.tries = self.resets - 1, 0
        self.play(before)
        return self.differ(step, name)

    def smallest(self, before, step, name, found):
        """The smallest steps that still differ in the same way, and how."""
        before, step = copy.deepcopy(before), copy.deepcopy(step)
        path = step[0].split("?")[0]
        if path.endswith(("_search", "_count", "_validate/query", "_analyze")) or "/_explain/" in path:
            step, found = self.request(step, name, found)
        if again := self.again(before, step, name):
            found = again
        else:
            return [*before, step], found
        before, found = self.steps(before, step, name, found)
        for number in range(len(before)):
            before, found = self.bulk(before, number, step, name, found)
        for number in range(len(before)):
            before, found = self.body(before, number, step, name, found)
        if step[1] is not None and step[0].startswith(("PUT", "POST")) and "_search" not in step[0]:
            step, found = self.fresh_request(before, step, name, found)
        return [*before, step], found

    def steps(self, before, step, name, found):
        """Fewer steps: halves, then single ones. The first creates the index and stays."""
        size = len(before) - 1
        while size > 0:
            start = 1
            while start < len(before):
                fewer = before[:start] + before[start + size:]
                if again := self.again(fewer, step, name):
                    before, found = fewer, again
                else:
                    start += size
            size //= 2
        return before, found

    def request(self, step, name, found):
        """A smaller request that reads, asked of what is there."""
        changed = True
        while changed:
            changed = False
            for smaller in variants(step[1]):
                if again := self.differ([step[0], smaller], name):
                    step, found, changed = [step[0], smaller], again, True
                    break
        return step, found

    def fresh_request(self, before, step, name, found):
        changed = True
        while changed:
            changed = False
            for smaller in variants(step[1]):
                if again := self.again(before, [step[0], smaller], name):
                    step, found, changed = [step[0], smaller], again, True
                    break
        return step, found

    def bulk(self, before, number, step, name, found):
        """Fewer items in a bulk: halves, then single ones."""
        line, body = before[number]
        if "_bulk" not in line:
            return before, found
        items, at = [], 0
        while at < len(body):
            size = 1 if "delete" in body[at] else 2
            items.append(body[at:at + size])
            at += size
        size = len(items)
        while size:
            start = 0
            while start < len(items):
                fewer = items[:start] + items[start + size:]
                trial = before[:number] + [[line, sum(fewer, [])]] + before[number + 1:]
                again = fewer and self.again(trial, step, name)
                if again:
                    items, before, found = fewer, trial, again
                else:
                    start += size
            size //= 2
        return before, found

    def body(self, before, number, step, name, found):
        """A smaller body of an earlier step."""
        changed = True
        while changed:
            changed = False
            line, body = before[number]
            for smaller in variants(body):
                trial = before[:number] + [[line, smaller]] + before[number + 1:]
                if again := self.again(trial, step, name):
                    before, found, changed = trial, again, True
                    break
        return before, found


def variants(value):
    """The same JSON with one part less."""
    if isinstance(value, dict):
        if len(value) > 3:
            keys = list(value)
            for half in (keys[::2], keys[1::2], keys[:len(keys) // 2], keys[len(keys) // 2:]):
                yield {key: value[key] for key in half}
        for key in list(value):
            yield {other: inner for other, inner in value.items() if other != key}
        for key, inner in value.items():
            for smaller in variants(inner):
                yield {**value, key: smaller}
    elif isinstance(value, list):
        if not (value and isinstance(value[0], dict) and {"index", "create", "update", "delete"} & value[0].keys()):
            for number in range(len(value)):
                yield value[:number] + value[number + 1:]
        for number, inner in enumerate(value):
            for smaller in variants(inner):
                yield value[:number] + [smaller] + value[number + 1:]
    elif isinstance(value, str) and " " in value:
        words = value.split(" ")
        for number in range(len(words)):
            yield " ".join(words[:number] + words[number + 1:])

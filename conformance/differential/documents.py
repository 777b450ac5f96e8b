"""Random documents and values for a mapping."""

WORDS = (
    "the fox quick dog lazy brown jumps over running runs house houses Haus Häuser fast café CAFE red blue green "
    "wi-fi PowerShot foo.bar x1 2020 don't animal sleeper a to be or not 東京 naïve zebra"
).split()
DATES = ["2020-02-02", "2019-12-31", "2020-03-29", "2021-09-16", "1969-07-20", "2020-02-29", "2020-10-25"]
LIMITS = {"long": 2**63 - 1, "integer": 2**31 - 1, "short": 32767, "byte": 127}
FRACTIONS = ("double", "float", "half_float", "scaled_float")


class Documents:
    """Documents of one mapping."""

    def __init__(self, dice, mapping):
        self.dice, self.mapping = dice, mapping
        self.identifiers = [str(number) for number in range(40)]

    def words(self, most):
        """Some words, the first of the list more often than the last."""
        chosen = [WORDS[min(int(self.dice.paretovariate(0.7)) - 1, self.dice.randrange(len(WORDS)))] for _ in range(self.dice.randint(1, most))]
        return " ".join(chosen)

    def first(self, identifiers):
        """Lines of `_bulk` for documents that are not there yet."""
        return [line for identifier in identifiers for line in ({"index": {"_id": identifier, **self.routing()}}, self.document())]

    def bulk(self, count):
        """Lines of `_bulk`: mostly `index`."""
        lines = []
        for _ in range(count):
            identifier = self.dice.choice(self.identifiers)
            pick = self.dice.random()
            if pick < 0.8:
                lines += [{"index": {"_id": identifier, **self.routing()}}, self.document()]
            elif pick < 0.87:
                lines += [{"create": {"_id": identifier}}, self.document()]
            elif pick < 0.94:
                lines += [{"update": {"_id": identifier}}, self.update()]
            else:
                lines += [{"delete": {"_id": identifier}}]
        return lines

    def routing(self):
        """A join needs the parent's."""
        return {"routing": "r"} if self.mapping.kinds("join") and self.dice.random() < 0.9 else {}

    def update(self):
        """The body of an `_update` without a script."""
        body = {"doc": self.document()}
        pick = self.dice.random()
        if pick < 0.2:
            body["doc_as_upsert"] = True
        elif pick < 0.4:
            body["upsert"] = self.document()
        if self.dice.random() < 0.2:
            body["detect_noop"] = False
        if self.dice.random() < 0.1:
            body["_source"] = True
        return body

    def document(self):
        """One document; now and then with a field that the mapping does not know."""
        document = self.object("", self.mapping.properties)
        if self.dice.random() < 0.15:
            name = f"new{self.dice.randrange(4)}"
            document[name] = self.dice.choice([self.words(3), 5, 2.5, True, "2020-01-01", {"in": 1}, [1, 2], None, "12", []])
        return document

    def object(self, prefix, properties):
        document = {}
        for name, given in properties.items():
            if self.dice.random() < 0.25:
                continue
            if "properties" in given:
                make = lambda: self.object(f"{prefix}{name}.", given["properties"])
            else:
                make = lambda: self.value(given["type"], given)
            pick = self.dice.random()
            single = given.get("type") in ("join", "rank_feature", "rank_features", "flat_object", "constant_keyword")
            if pick < 0.03:
                document[name] = None
            elif pick < 0.18 and not single:
                document[name] = [make() for _ in range(self.dice.randint(0, 3))]
            else:
                document[name] = make()
        return document

    def value(self, kind, given):
        """A value for a document: nearly always one that the kind takes."""
        if self.dice.random() < 0.006:
            return self.dice.choice(["oops", -1, 1e300, True, {"x": 1}, "", " 5 ", [[1], 2], "9999999999999999999", 3.7, "3.7"])
        return self.right(kind, given)

    def right(self, kind, given):
        """A value that the kind takes."""
        dice = self.dice
        if kind in ("text", "match_only_text"):
            return self.words(12)
        if kind in ("keyword", "wildcard"):
            return self.words(2)
        if kind in LIMITS:
            pick = dice.random()
            whole = dice.randint(-20, 100) if pick < 0.9 else dice.choice([LIMITS[kind], -LIMITS[kind] - 1, 0])
            return whole if dice.random() < 0.95 or given.get("coerce") is False else dice.choice([str(whole), whole + 0.5 if abs(whole) < 100 else whole])
        if kind == "unsigned_long":
            return dice.choice([dice.randint(0, 100), 2**64 - 1, 2**63])
        if kind in FRACTIONS:
            return dice.choice([dice.randint(-5, 50), round(dice.uniform(-10, 60), 2), 0.1, 38.8, -0.0])
        if kind in ("date", "date_nanos"):
            return self.date(given.get("format"))
        if kind == "boolean":
            return dice.choice([True, False, "true", "false", ""])
        if kind == "ip":
            return dice.choice([f"10.0.{dice.randrange(3)}.{dice.randrange(256)}", "::1", "2001:db8::5", "192.168.1.1"])
        if kind == "binary":
            return dice.choice(["aGVsbG8=", "AAEC"])
        if kind == "geo_point":
            return self.point()
        if kind.endswith("_range"):
            return self.range(kind, given)
        return self.rare(kind)

    def rare(self, kind):
        dice = self.dice
        if kind == "rank_feature":
            return round(dice.uniform(0.5, 20), 1)
        if kind == "rank_features":
            return {word: round(dice.uniform(0.5, 9), 1) for word in dice.sample(["fox", "dog", "cat"], dice.randint(1, 3))}
        if kind == "flat_object":
            return {"a": self.words(1), "b": {"c": self.words(1), "d": dice.randint(1, 5)}}
        if kind == "constant_keyword":
            return "same"
        if kind == "join":
            return dice.choice(["question", {"name": "question"}, {"name": "answer", "parent": dice.choice(self.identifiers)}])
        return self.words(1)

    def date(self, form):
        day = self.dice.choice(DATES)
        if form == "epoch_millis":
            return self.dice.choice([1580601600000, 1585447200000, "1585447200123", 0])
        if form and form.startswith("dd/"):
            return self.dice.choice([day, "/".join(reversed(day.split("-")))])
        if form == "yyyy-MM-dd":
            return day
        times = [day, f"{day}T10:11:12Z", f"{day}T23:59:59.999+02:00", f"{day}T01:30", day[:7]]
        return self.dice.choice(times + ([] if form else [1580601600000]))

    def point(self):
        dice = self.dice
        latitude, longitude = round(dice.uniform(-80, 80), 3), round(dice.uniform(-179, 179), 3)
        return dice.choice([
            {"lat": latitude, "lon": longitude}, f"{latitude},{longitude}", [longitude, latitude], "drm3btev3e86", "POINT (-71.34 41.12)",
        ])

    def range(self, kind, given):
        dice = self.dice
        if kind == "ip_range":
            return dice.choice([{"gte": "10.0.0.0", "lte": "10.0.1.255"}, "10.0.0.0/24", {"gt": "10.0.0.5"}])
        if kind == "date_range":
            low, high = sorted(dice.sample(DATES, 2))
        elif kind in ("integer_range", "long_range"):
            low = dice.randint(-10, 40)
            high = low + dice.randint(0, 30)
        else:
            low = round(dice.uniform(-10, 40), 1)
            high = round(low + dice.uniform(0, 30), 1)
        bounds = {dice.choice(["gte", "gt"]): low, dice.choice(["lte", "lt"]): high}
        if dice.random() < 0.2:
            bounds.pop(next(iter(bounds)))
        return bounds

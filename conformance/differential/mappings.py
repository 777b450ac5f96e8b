"""Random mappings: what fields an index has, and what each of them takes."""

from collections import namedtuple

# `nested` is the path of the nested object around the field, or None; `given` its parameters.
Field = namedtuple("Field", "path kind given nested")

NUMBERS = ["long", "integer", "short", "byte", "double", "float", "half_float", "scaled_float"]
RANGES = ["integer_range", "long_range", "float_range", "double_range", "date_range", "ip_range"]
ANALYZERS = ["standard", "simple", "whitespace", "stop", "keyword", "english", "german", "own", "grams", "parts"]
COMMON = NUMBERS * 2 + RANGES + ["text"] * 8 + ["keyword"] * 8 + ["date"] * 4 + [
    "date_nanos", "boolean", "boolean", "ip", "ip", "binary", "geo_point", "geo_point", "rank_feature", "rank_features",
]
OPENSEARCH = ["unsigned_long", "flat_object", "wildcard", "match_only_text", "constant_keyword"]

ANALYSIS = {
    "analyzer": {
        "own": {"tokenizer": "standard", "filter": ["lowercase", "asciifolding", "words"]},
        "grams": {"tokenizer": "edges", "filter": ["lowercase"]},
        "parts": {"tokenizer": "whitespace", "filter": ["delimiter", "lowercase"]},
    },
    "tokenizer": {"edges": {"type": "edge_ngram", "min_gram": 2, "max_gram": 4, "token_chars": ["letter", "digit"]}},
    "filter": {
        "words": {"type": "synonym", "synonyms": ["quick, fast", "fox => fox, animal", "lazy dog => sleeper"]},
        "delimiter": {"type": "word_delimiter_graph"},
    },
    "normalizer": {"low": {"type": "custom", "filter": ["lowercase", "asciifolding"]}},
}


class Mapping:
    """The fields of one index."""

    def __init__(self, dice, service):
        self.dice, self.service, self.fields = dice, service, []
        self.properties = self._object("", None, 2)
        self.dynamic = dice.choice([None, None, None, "true", "false", "strict"])
        if dice.random() < 0.15:
            name = "link"
            self.properties[name] = {"type": "join", "relations": {"question": ["answer", "comment"]}}
            self.fields.append(Field(name, "join", {}, None))

    def _object(self, prefix, nested, depth):
        properties = {}
        for number in range(self.dice.randint(4, 10) if not prefix else self.dice.randint(1, 4)):
            pick = self.dice.random()
            if depth and pick < 0.16:
                name = f"o{number}"
                inside = nested if pick < 0.08 else prefix + name
                own = {"properties": self._object(f"{prefix}{name}.", inside, depth - 1)}
                if pick >= 0.08:
                    own["type"] = "nested"
                    if self.dice.random() < 0.2:
                        own["include_in_parent"] = True
                    self.fields.append(Field(prefix + name, "nested", {}, nested))
                else:
                    self.fields.append(Field(prefix + name, "object", {}, nested))
                properties[name] = own
                continue
            kind = self.dice.choice(COMMON + (OPENSEARCH * 2 if self.service == "opensearch" else []))
            name = f"{kind[:2]}{number}"
            given = self.field(kind)
            properties[name] = given
            self.fields.append(Field(prefix + name, kind, given, nested))
            for sub, inner in given.get("fields", {}).items():
                self.fields.append(Field(f"{prefix}{name}.{sub}", inner["type"], inner, nested))
        return properties

    def field(self, kind):
        """The definition of a field of this kind."""
        maybe, dice, given = self._maybe, self.dice, {"type": kind}
        if kind == "text":
            maybe(given, 0.5, "analyzer", ANALYZERS)
            maybe(given, 0.1, "search_analyzer", ["standard", "whitespace"])
            maybe(given, 0.1, "norms", [False])
            maybe(given, 0.2, "fielddata", [True])
            maybe(given, 0.1, "index_options", ["docs", "freqs", "positions", "offsets"])
            maybe(given, 0.1, "term_vector", ["yes", "with_positions_offsets"])
            maybe(given, 0.1, "index_prefixes", [{}, {"min_chars": 1, "max_chars": 3}])
            maybe(given, 0.1, "index_phrases", [True])
            maybe(given, 0.05, "position_increment_gap", [0, 5])
            if dice.random() < 0.5:
                given["fields"] = {"raw": self.field("keyword")}
                given["fields"]["raw"].pop("fields", None)
        elif kind == "keyword":
            maybe(given, 0.2, "ignore_above", [3, 6, 20])
            maybe(given, 0.2, "null_value", ["none", "fox"])
            maybe(given, 0.2, "normalizer", ["low"])
            maybe(given, 0.05, "doc_values", [False])
            maybe(given, 0.05, "index", [False])
            maybe(given, 0.1, "split_queries_on_whitespace", [True])
            if dice.random() < 0.15:
                given["fields"] = {"words": {"type": "text"}}
        elif kind in NUMBERS + ["unsigned_long"]:
            if kind == "scaled_float":
                given["scaling_factor"] = dice.choice([10, 100, 1000])
            maybe(given, 0.15, "ignore_malformed", [True])
            maybe(given, 0.1, "coerce", [False])
            maybe(given, 0.15, "null_value", [7, 0])
            maybe(given, 0.05, "doc_values", [False])
            maybe(given, 0.05, "index", [False])
        elif kind in ("date", "date_nanos"):
            maybe(given, 0.4, "format", ["yyyy-MM-dd", "epoch_millis", "strict_date_optional_time||epoch_second", "dd/MM/yyyy||yyyy-MM-dd"])
            maybe(given, 0.15, "ignore_malformed", [True])
            maybe(given, 0.1, "null_value", ["2020-02-02"] if given.get("format") != "epoch_millis" else [1580601600000])
        elif kind == "constant_keyword":
            given["value"] = "same"
        elif kind in ("boolean", "ip"):
            maybe(given, 0.15, "null_value", [True] if kind == "boolean" else ["10.0.0.1"])
            if kind == "ip":
                maybe(given, 0.2, "ignore_malformed", [True])
        elif kind == "geo_point":
            maybe(given, 0.2, "ignore_malformed", [True])
        elif kind == "date_range":
            maybe(given, 0.3, "format", ["yyyy-MM-dd"])
        elif kind == "rank_feature":
            maybe(given, 0.3, "positive_score_impact", [False])
        if kind in NUMBERS + ["keyword", "date", "text", "boolean", "ip"]:
            maybe(given, 0.1, "store", [True])
        return given

    def _maybe(self, given, chance, name, values):
        if self.dice.random() < chance:
            given[name] = self.dice.choice(values)

    def definition(self):
        """The body that creates the index."""
        mappings = {"properties": self.properties}
        if self.dynamic:
            mappings["dynamic"] = self.dynamic
        if self.dice.random() < 0.1:
            mappings["date_detection"] = False
        if self.dice.random() < 0.1:
            mappings["numeric_detection"] = True
        if self.dice.random() < 0.1:
            mappings["_source"] = {"excludes": [self.dice.choice(self.fields).path]}
        if self.dice.random() < 0.2:
            mappings["dynamic_templates"] = [
                {"whole": {"match_mapping_type": "long", "mapping": {"type": "integer"}}},
                {"words": {"match": "new*", "match_mapping_type": "string", "mapping": {"type": "keyword"}}},
            ]
        settings = {"analysis": ANALYSIS, "number_of_shards": 1}
        if self.dice.random() < 0.1:
            settings["max_result_window"] = 20
        return {"settings": settings, "mappings": mappings}

    def kinds(self, *kinds):
        """The fields of these kinds."""
        return [field for field in self.fields if field.kind in kinds]

    def any(self, *kinds):
        """Mostly a field of these kinds; sometimes another one, or one that is not there."""
        pick = self.dice.random()
        right = self.kinds(*kinds)
        if pick < 0.9 and right:
            return self.dice.choice(right)
        if pick < 0.98:
            return self.dice.choice(self.fields)
        return Field("nowhere", "none", {}, None)

"""Random queries."""

from documents import DATES, FRACTIONS, LIMITS

NUMERIC = list(LIMITS) + list(FRACTIONS)
TERMS = NUMERIC + ["keyword", "text", "date", "boolean", "ip", "unsigned_long", "wildcard", "date_nanos", "constant_keyword", "match_only_text", "flat_object"]


class Queries:
    """Queries on one mapping."""

    def __init__(self, dice, mapping, documents, service):
        self.dice, self.mapping, self.documents = dice, mapping, documents
        self.leaves = [
            (self.match, 6), (self.term, 5), (self.terms, 3), (self.range, 5), (self.exists, 2), (self.pattern, 4), (self.fuzzy, 1),
            (self.phrase, 3), (self.multi_match, 3), (self.query_string, 3), (self.simple, 2), (self.ids, 1), (self.match_all, 2),
            (self.geo, 1), (self.bool_prefix, 1), (self.span, 1), (self.intervals, 1), (self.more_like, 1), (self.rank, 0.4), (self.none, 0.3),
        ]
        self.compounds = [
            (self.boolean, 5), (self.constant, 1), (self.dis_max, 1), (self.boosting, 1), (self.function_score, 2), (self.nested, 2), (self.join, 0.6),
        ]

    def query(self, depth):
        """A query with at most `depth` others around each other."""
        kinds = self.leaves if depth == 0 or self.dice.random() < 0.5 else self.compounds
        functions, weights = zip(*kinds)
        return self.dice.choices(functions, weights)[0](depth - 1)

    def value(self, field):
        """What somebody could look for in the field."""
        if self.dice.random() < 0.03:
            return self.dice.choice(["oops", -1, 2.5, True, None, "", [], {}, "9" * 30])
        if field.kind in ("object", "nested", "none", "binary", "join"):
            return self.documents.words(1)
        if field.kind == "text" or field.kind == "keyword" and self.dice.random() < 0.5:
            return self.documents.words(1)
        value = self.documents.right(field.kind, field.given)
        if isinstance(value, dict):
            return next(iter(value.values()))
        if field.kind.startswith("date") and self.dice.random() < 0.1:
            return self.dice.choice(["2020-02-02||+1M/d", "2020-01-01||/y", "2020", "2020-02"])
        return value

    def options(self, given, *options):
        """Some of these options: `(name, values, chance)`."""
        for name, values, chance in options:
            if self.dice.random() < chance:
                given[name] = self.dice.choice(values)
        return given

    def boosted(self, given):
        return self.options(given, ("boost", [2, 0.5, 1.5, 0, "2"], 0.12), ("_name", ["n"], 0.05))

    def match(self, _depth):
        field = self.mapping.any("text", "text", "keyword", "long", "date", "boolean", "ip", "match_only_text", "wildcard")
        text = self.documents.words(4) if field.kind in ("text", "match_only_text") else self.value(field)
        if self.dice.random() < 0.4:
            return {"match": {field.path: text}}
        given = self.boosted({"query": text})
        return {"match": {field.path: self.options(
            given, ("operator", ["and", "or"], 0.4), ("minimum_should_match", [1, 2, "50%", "-1", "2<75%"], 0.3), ("fuzziness", ["AUTO", 1, 0, "AUTO:2,4"], 0.2),
            ("analyzer", ["whitespace", "english", "standard"], 0.15), ("zero_terms_query", ["all", "none"], 0.15), ("lenient", [True, False], 0.2),
            ("prefix_length", [1], 0.1), ("auto_generate_synonyms_phrase_query", [False], 0.05),
        )}}

    def of_text(self, path):
        words = self.documents.words(3)
        return self.dice.choice([{"match": {path: words}}, {"match_phrase": {path: words}}, {"query_string": {"query": words, "default_field": path}}, {"prefix": {path: words[:2]}}])

    def phrase(self, _depth):
        field = self.mapping.any("text", "text", "text", "keyword", "match_only_text")
        kind = self.dice.choice(["match_phrase", "match_phrase", "match_phrase_prefix"])
        given = {"query": self.documents.words(3)}
        self.options(given, ("slop", [0, 1, 3], 0.4), ("analyzer", ["whitespace", "english"], 0.1), ("zero_terms_query", ["all"], 0.1))
        if kind == "match_phrase_prefix":
            self.options(given, ("max_expansions", [1, 10], 0.2))
        return {kind: {field.path: self.boosted(given) if self.dice.random() < 0.7 else given["query"]}}

    def bool_prefix(self, _depth):
        field = self.mapping.any("text")
        given = {"query": self.documents.words(3)}
        return {"match_bool_prefix": {field.path: self.options(given, ("operator", ["and"], 0.3), ("minimum_should_match", [2], 0.2), ("fuzziness", [1], 0.1))}}

    def term(self, _depth):
        field = self.mapping.any(*TERMS)
        value = self.value(field)
        if self.dice.random() < 0.6:
            return {"term": {field.path: value}}
        given = {"value": value}
        return {"term": {field.path: self.boosted(self.options(given, ("case_insensitive", [True, False], 0.3)))}}

    def terms(self, _depth):
        field = self.mapping.any(*TERMS)
        values = [self.value(field) for _ in range(self.dice.randint(0, 4))]
        return {"terms": self.options({field.path: values}, ("boost", [2], 0.1))}

    def range(self, _depth):
        field = self.mapping.any(*NUMERIC, "date", "date", "keyword", "ip", "text", "integer_range", "long_range", "float_range", "double_range", "date_range", "ip_range", "date_nanos")
        given = {}
        for name in self.dice.sample(["gte", "gt", "lte", "lt"], self.dice.randint(1, 2)):
            given[name] = self.value(field)
        if "date" in field.kind:
            self.options(given, ("format", ["yyyy-MM-dd", "yyyy||epoch_millis", "strict_date_optional_time"], 0.15), ("time_zone", ["+02:00", "Europe/Berlin"], 0.2))
        if field.kind.endswith("_range"):
            self.options(given, ("relation", ["within", "contains", "intersects", "disjoint"], 0.5))
        return {"range": {field.path: self.boosted(given)}}

    def exists(self, _depth):
        return {"exists": {"field": self.dice.choice([self.dice.choice(self.mapping.fields).path, "new*", "new1", "o*"])}}

    def pattern(self, _depth):
        field = self.mapping.any("keyword", "text", "wildcard", "flat_object")
        word = self.documents.words(1).lower() or "a"
        kind = self.dice.choice(["prefix", "wildcard", "regexp"])
        value = {"prefix": word[:2], "wildcard": self.dice.choice([f"{word[:1]}*", f"*{word[-1:]}", f"{word[:1]}?{word[2:3]}*", "*"]),
                 "regexp": self.dice.choice([f"{word[:1]}.*", "[a-f].+", "(fox|dog)", f"{word}?", "~(fox)", "f<1-5>", "@", "fo{1,2}x"])}[kind]
        if self.dice.random() < 0.5:
            return {kind: {field.path: value}}
        given = {"value": value}
        return {kind: {field.path: self.boosted(self.options(given, ("case_insensitive", [True], 0.2), ("rewrite", ["constant_score", "scoring_boolean", "top_terms_5"], 0.2)))}}

    def fuzzy(self, _depth):
        field = self.mapping.any("keyword", "text")
        given = self.options({"value": self.documents.words(1)}, ("fuzziness", ["AUTO", 1, 2], 0.5), ("prefix_length", [1], 0.2), ("transpositions", [False], 0.2), ("max_expansions", [1, 5], 0.2))
        return {"fuzzy": {field.path: self.boosted(given)}}

    def several(self):
        chosen = [self.mapping.any("text", "text", "keyword", "long").path for _ in range(self.dice.randint(1, 3))]
        return [path + self.dice.choice(["", "", "", "^2", "^0.5"]) for path in chosen]

    def multi_match(self, _depth):
        given = {"query": self.documents.words(3)}
        if self.dice.random() < 0.85:
            given["fields"] = self.several() if self.dice.random() < 0.85 else [self.dice.choice(["te*", "*.raw", "ke*"])]
        return {"multi_match": self.boosted(self.options(
            given, ("type", ["best_fields", "most_fields", "cross_fields", "phrase", "phrase_prefix", "bool_prefix"], 0.7), ("operator", ["and", "or"], 0.3),
            ("tie_breaker", [0.3, 1], 0.3), ("lenient", [True], 0.5), ("minimum_should_match", ["50%", 2], 0.15), ("analyzer", ["whitespace"], 0.1), ("slop", [1], 0.05),
        ))}

    def syntax(self):
        """A text in Lucene's syntax."""
        words, field = self.documents.words(2), self.dice.choice(self.mapping.fields).path
        word = words.split()[0]
        return self.dice.choice([
            words, f"\"{words}\"", f"+{word} -dog", f"{word} AND fox", f"({word} OR dog) AND NOT fox", f"{field}:{word}", f"{field}:({words})", f"{word[:2]}*", f"fo?",
            f"{field}:[1 TO 5]", f"{field}:>=5", f"{field}:{{* TO fox}}", f"_exists_:{field}", f"{word}~", f"\"{words}\"~2", f"{word}^3 dog", f"{field}:\"{words}\"",
            f"{field}:/fo.*/", "*", "*:*", f"{field}:*", f"{word} OR", f"{field}:[2020 TO 2021-02]", f"NOT {word}", f"{word}\\-x", f"!{word} fox", f"{word} && fox || dog",
            f"({word}", "", f"{field}:", "o*:fox", f"{word} (fox dog)^2",
        ])

    def query_string(self, _depth):
        given = {"query": self.syntax()}
        if self.dice.random() < 0.4:
            given["default_field"] = self.mapping.any("text", "keyword").path
        elif self.dice.random() < 0.4:
            given["fields"] = self.several()
        return {"query_string": self.boosted(self.options(
            given, ("default_operator", ["and", "or"], 0.3), ("lenient", [True], 0.4), ("analyze_wildcard", [True], 0.2), ("type", ["best_fields", "most_fields", "cross_fields", "phrase"], 0.2),
            ("minimum_should_match", ["2", "50%"], 0.15), ("phrase_slop", [2], 0.1), ("quote_field_suffix", [".raw"], 0.05), ("analyzer", ["whitespace", "english"], 0.1),
            ("allow_leading_wildcard", [False], 0.1), ("fuzziness", ["1"], 0.1), ("tie_breaker", [0.5], 0.1), ("time_zone", ["+01:00"], 0.05), ("max_determinized_states", [10], 0.03),
        ))}

    def simple(self, _depth):
        words = self.documents.words(3)
        word = words.split()[0]
        text = self.dice.choice([words, f"\"{words}\"", f"{word} + fox", f"{word} | dog", f"-{word}", f"{word[:2]}*", f"{word}~1", f"({words}) -fox", f"\"{words}\"~2", f"{word} +", "*", ""])
        given = {"query": text}
        if self.dice.random() < 0.8:
            given["fields"] = self.several()
        return {"simple_query_string": self.boosted(self.options(
            given, ("default_operator", ["and"], 0.3), ("flags", ["NONE", "AND|OR|PREFIX", "ALL"], 0.2), ("lenient", [True], 0.4), ("minimum_should_match", ["2"], 0.15), ("analyze_wildcard", [True], 0.1),
            ("analyzer", ["whitespace"], 0.1),
        ))}

    def ids(self, _depth):
        return {"ids": self.boosted({"values": [self.dice.choice(self.documents.identifiers) for _ in range(3)]})}

    def match_all(self, _depth):
        return {"match_all": self.boosted({})}

    def none(self, _depth):
        return {"match_none": {}}

    def geo(self, _depth):
        field = self.mapping.any("geo_point").path
        pick = self.dice.randrange(3)
        if pick == 0:
            return {"geo_distance": self.boosted({"distance": self.dice.choice(["2000km", "5000mi", 900000, "100km"]), field: self.documents.point()})}
        if pick == 1:
            return {"geo_bounding_box": {field: self.dice.choice([
                {"top_left": {"lat": 60, "lon": -100}, "bottom_right": {"lat": -10, "lon": 100}}, {"top_left": "60,150", "bottom_right": "-60,-100"},
                {"top": 10, "left": 0, "bottom": -50, "right": 90}, {"wkt": "BBOX (-90, 90, 50, -50)"},
            ])}}
        return {"geo_polygon": {field: {"points": [{"lat": 60, "lon": -100}, {"lat": -60, "lon": 0}, {"lat": 60, "lon": 110}]}}}

    def span(self, _depth):
        field = self.mapping.any("text").path
        term = lambda: {"span_term": {field: self.documents.words(1).lower()}}
        return self.dice.choice([
            {"span_near": {"clauses": [term(), term()], "slop": self.dice.choice([0, 3, 10]), "in_order": self.dice.choice([True, False])}},
            {"span_first": {"match": term(), "end": 3}}, {"span_or": {"clauses": [term(), term()]}}, {"span_not": {"include": term(), "exclude": term()}},
            {"span_multi": {"match": {"prefix": {field: {"value": "f"}}}}}, term(), {"span_containing": {"big": {"span_near": {"clauses": [term(), term()], "slop": 9, "in_order": False}}, "little": term()}},
        ])

    def intervals(self, _depth):
        field = self.mapping.any("text").path
        match = lambda: {"match": self.options({"query": self.documents.words(2)}, ("max_gaps", [0, 3], 0.4), ("ordered", [True], 0.4))}
        rule = self.dice.choice([match, lambda: {"all_of": self.options({"intervals": [match(), match()]}, ("max_gaps", [5], 0.5), ("ordered", [True], 0.3))},
                                 lambda: {"any_of": {"intervals": [match(), {"prefix": {"prefix": "fo"}}]}}, lambda: {"wildcard": {"pattern": "f*x"}}, lambda: {"fuzzy": {"term": "fxo"}}])
        return {"intervals": {field: rule()}}

    def more_like(self, _depth):
        given = {"like": self.dice.choice([self.documents.words(4), [{"_id": self.dice.choice(self.documents.identifiers)}]]), "min_term_freq": 1, "min_doc_freq": self.dice.choice([1, 2])}
        if self.dice.random() < 0.9:
            given["fields"] = [self.mapping.any("text").path]
        return {"more_like_this": self.options(given, ("max_query_terms", [2], 0.2), ("minimum_should_match", ["1", "50%"], 0.3), ("include", [True], 0.1))}

    def rank(self, _depth):
        field = self.mapping.any("rank_feature", "rank_features")
        path = field.path + (".fox" if field.kind == "rank_features" else "")
        return {"rank_feature": self.boosted({"field": path, **self.dice.choice([{}, {"saturation": {"pivot": 3}}, {"log": {"scaling_factor": 2}}, {"sigmoid": {"pivot": 3, "exponent": 0.6}}])})}

    def boolean(self, depth):
        given = {}
        for name in self.dice.sample(["must", "should", "filter", "must_not", "should"], self.dice.randint(1, 3)):
            inner = [self.query(max(depth, 0)) for _ in range(self.dice.randint(1, 3))]
            given[name] = inner if self.dice.random() < 0.9 else inner[0]
        return {"bool": self.boosted(self.options(given, ("minimum_should_match", [1, 2, "-1", "50%"], 0.2)))}

    def constant(self, depth):
        return {"constant_score": self.boosted({"filter": self.query(max(depth, 0))})}

    def dis_max(self, depth):
        return {"dis_max": self.boosted(self.options({"queries": [self.query(max(depth, 0)) for _ in range(2)]}, ("tie_breaker", [0.3, 1], 0.5)))}

    def boosting(self, depth):
        return {"boosting": {"positive": self.query(max(depth, 0)), "negative": self.query(0), "negative_boost": self.dice.choice([0.2, 0, 1.5])}}

    def function_score(self, depth):
        numeric = self.mapping.any(*NUMERIC).path
        function = lambda: self.dice.choice([
            {"weight": 2}, {"field_value_factor": self.options({"field": numeric, "missing": 1}, ("modifier", ["log1p", "sqrt", "square", "reciprocal", "ln2p"], 0.5), ("factor", [1.5, 0], 0.4))},
            {"random_score": {"seed": 7, "field": numeric}}, self.decay(),
        ])
        given = {"query": self.query(max(depth, 0))}
        if self.dice.random() < 0.5:
            given.update(function())
        else:
            given["functions"] = [self.options(function(), ("filter", [self.query(0)], 0.5), ("weight", [3], 0.3)) for _ in range(2)]
        return {"function_score": self.boosted(self.options(
            given, ("score_mode", ["multiply", "sum", "avg", "first", "max", "min"], 0.5), ("boost_mode", ["multiply", "replace", "sum", "avg", "max", "min"], 0.5), ("max_boost", [2], 0.2), ("min_score", [0.5], 0.1),
        ))}

    def decay(self):
        field = self.mapping.any("date", "geo_point", *NUMERIC)
        kind = self.dice.choice(["gauss", "linear", "exp"])
        if field.kind == "geo_point":
            given = {"origin": "10,20", "scale": "2000km", "offset": "10km"}
        elif field.kind == "date":
            given = {"origin": self.dice.choice(DATES) if not field.given.get("format") == "epoch_millis" else 1580601600000, "scale": "30d"}
        else:
            given = {"origin": 10, "scale": 5}
        return {kind: {field.path: self.options(given, ("decay", [0.3], 0.3))}}

    def nested(self, depth):
        fields = self.mapping.kinds("nested")
        if not fields:
            return self.boolean(depth)
        path = self.dice.choice(fields).path
        inside = [field for field in self.mapping.fields if field.nested == path and field.kind in TERMS]
        query = {"term": {inside[0].path: self.value(inside[0])}} if inside and self.dice.random() < 0.6 else self.query(0)
        given = self.options({"path": path, "query": query}, ("score_mode", ["avg", "max", "min", "sum", "none"], 0.5), ("inner_hits", [{}, {"size": 1}], 0.15))
        return {"nested": given}

    def join(self, depth):
        if not self.mapping.kinds("join"):
            return self.boolean(depth)
        return self.dice.choice([
            {"has_child": self.options({"type": "answer", "query": self.query(0)}, ("score_mode", ["max", "sum", "avg"], 0.5), ("min_children", [1, 2], 0.2))},
            {"has_parent": self.options({"parent_type": "question", "query": self.query(0)}, ("score", [True], 0.5))},
            {"parent_id": {"type": "answer", "id": self.dice.choice(self.documents.identifiers)}},
        ])

"""Random requests on an index: searches with queries, aggregations and sorts, documents read and changed, settings."""

from aggregations import Aggregations
from queries import Queries

ANALYZED = ["standard", "simple", "whitespace", "stop", "keyword", "english", "german", "own", "grams", "parts"]


class Requests:
    """Requests on one world's index."""

    def __init__(self, dice, mapping, documents, service):
        self.dice, self.mapping, self.documents, self.service = dice, mapping, documents, service
        self.queries = Queries(dice, mapping, documents, service)
        self.aggregations = Aggregations(dice, mapping, self.queries, service)
        self.query = self.queries.query
        self.reads = [
            (self.search, 16), (self.aggregate, 10), (self.sorted, 4), (self.shown, 4), (self.highlighted, 3), (self.count, 1),
            (self.validate, 1), (self.explain, 1), (self.get, 1), (self.mget, 1), (self.mappings, 1), (self.analyze, 1), (self.field_caps, 1),
            (self.termvectors, 1), (self.msearch, 1), (self.suggest, 1), (self.uri, 2), (self.wrong, 3), (self.scroll, 1), (self.create, 1.5),
        ]
        self.writes = [(self.write, 5), (self.bulk, 4), (self.by_query, 1), (self.put_mapping, 2), (self.settings, 2)]
        self.afters = [(self.get, 3), (self.mget, 1), (self.count, 2), (self.mappings, 1), (self.sorted, 1), (self.shown, 1)]

    def reading(self):
        """A step that changes nothing, or an index of its own."""
        return self.one(self.reads)

    def writing(self):
        """Steps that change the index or its documents."""
        return self.one(self.writes)

    def after(self):
        """A step that shows what was changed."""
        return self.one(self.afters)

    def one(self, kinds):
        functions, weights = zip(*kinds)
        steps = self.dice.choices(functions, weights)[0]()
        return steps if isinstance(steps[0], list) else [steps]

    def field(self):
        return self.dice.choice(self.mapping.fields).path

    def identifier(self):
        return self.dice.choice(self.documents.identifiers)

    def search(self):
        body = {"query": self.query(3)}
        if self.dice.random() < 0.2:
            body["size"] = self.dice.choice([0, 1, 3, 100])
        if self.dice.random() < 0.1:
            body["from"] = self.dice.choice([0, 2, 15])
        if self.dice.random() < 0.05:
            body["min_score"] = self.dice.choice([0.1, 1, 2.5])
        if self.dice.random() < 0.05:
            body["track_total_hits"] = self.dice.choice([True, False, 3])
        if self.dice.random() < 0.05:
            body["post_filter"] = self.query(1)
        if self.dice.random() < 0.05:
            body["explain"] = False
        if self.dice.random() < 0.05:
            body["collapse"] = {"field": self.field()}
        if self.dice.random() < 0.05:
            body["rescore"] = {"window_size": 5, "query": {"rescore_query": self.query(1), "query_weight": 0.7}}
        if self.dice.random() < 0.05:
            body[self.dice.choice(["version", "seq_no_primary_term", "track_scores"])] = True
        return ["POST /w/_search", body]

    def aggregate(self):
        body = {"size": 0, "aggs": self.aggregations.some(2)}
        if self.dice.random() < 0.4:
            body["query"] = self.query(1)
        typed = "?typed_keys=true" if self.dice.random() < 0.1 else ""
        return ["POST /w/_search" + typed, body]

    def sort(self):
        pick = self.dice.random()
        if pick < 0.15:
            return self.dice.choice(["_score", "_doc", {"_score": "asc"}, {"_id": "desc"}])
        if pick < 0.2 and self.mapping.kinds("geo_point"):
            field = self.dice.choice(self.mapping.kinds("geo_point")).path
            return {"_geo_distance": {field: "10,20", "unit": self.dice.choice(["km", "m"]), "order": self.dice.choice(["asc", "desc"])}}
        field = self.dice.choice(self.mapping.fields)
        if pick < 0.4:
            return field.path
        given = {"order": self.dice.choice(["asc", "desc"])}
        for name, values, chance in [
            ("missing", ["_first", "_last", 5, "2020-01-01"], 0.3), ("mode", ["min", "max", "avg", "sum", "median"], 0.3),
            ("unmapped_type", ["long", "keyword"], 0.2), ("numeric_type", ["double", "long", "date"], 0.05),
        ]:
            if self.dice.random() < chance:
                given[name] = self.dice.choice(values)
        if field.nested and self.dice.random() < 0.9:
            given["nested"] = {"path": field.nested}
        return {field.path: given}

    def sorted(self):
        body = {"sort": [self.sort() for _ in range(self.dice.choice([1, 1, 2]))], "query": self.query(1)}
        if self.dice.random() < 0.15:
            body["track_scores"] = True
        if self.dice.random() < 0.2:
            body["sort"] = [self.sort()]
            body["search_after"] = [self.dice.choice([5, "fox", 1580601600000, 2.5, None])]
        return ["POST /w/_search", body]

    def shown(self):
        body = {"query": self.query(0), "size": 5}
        for name, chance in [("docvalue_fields", 0.5), ("fields", 0.4), ("stored_fields", 0.2)]:
            if self.dice.random() < chance:
                body[name] = [self.dice.choice([self.field(), "*", "new*"]) for _ in range(2)]
        if self.dice.random() < 0.4:
            body["_source"] = self.dice.choice([
                True, False, self.field(), [self.field(), "o*"], {"includes": [self.field()], "excludes": ["*.raw"]}, {"excludes": [self.field()]},
            ])
        if "fields" in body and self.dice.random() < 0.3:
            body["fields"] = [{"field": self.field(), "format": self.dice.choice(["yyyy", "epoch_millis", "#.0"])}]
        return ["POST /w/_search", body]

    def highlighted(self):
        field = self.mapping.any("text").path
        given = {"fields": {field: {}}}
        for name, values in [
            ("fragment_size", [10, 18, 50]), ("number_of_fragments", [0, 1, 2]), ("no_match_size", [10]), ("require_field_match", [False]),
            ("order", ["score"]), ("type", ["plain", "unified"]), ("pre_tags", [["<b>"]]), ("encoder", ["html"]),
        ]:
            if self.dice.random() < 0.2:
                self.dice.choice([given, given["fields"][field]])[name] = self.dice.choice(values)
        query = self.queries.of_text(field) if self.dice.random() < 0.8 else self.query(2)
        return ["POST /w/_search", {"query": query, "highlight": given}]

    def count(self):
        return ["POST /w/_count", {"query": self.query(2)}]

    def validate(self):
        return ["POST /w/_validate/query" + self.dice.choice(["", "?explain=true", "?rewrite=true"]), {"query": self.query(1)}]

    def explain(self):
        return [f"POST /w/_explain/{self.identifier()}?filter_path=-explanation", {"query": self.query(1)}]

    def get(self):
        options = ["", "?_source=false", f"?_source={self.field()}", f"?stored_fields={self.field()}", "?realtime=false", "?version=1", "?_source_excludes=o*"]
        kind = self.dice.choice(["_doc", "_doc", "_source"])
        return [f"{self.dice.choice(['GET', 'HEAD'])} /w/{kind}/{self.identifier()}{self.dice.choice(options)}", None]

    def mget(self):
        items = [self.dice.choice([{"_id": self.identifier()}, {"_id": self.identifier(), "_source": self.field()}, {"_index": "x", "_id": "1"}]) for _ in range(3)]
        return ["POST /w/_mget", self.dice.choice([{"docs": items}, {"ids": [self.identifier(), self.identifier()]}])]

    def write(self):
        one = self.identifier()
        pick = self.dice.random()
        options = self.dice.choice(["", "?refresh=true", "?version=5&version_type=external", "?if_seq_no=3&if_primary_term=1", "?op_type=create", "?routing=r"])
        if pick < 0.5:
            steps = [f"PUT /w/_doc/{one}{options}", self.documents.document()]
        elif pick < 0.6:
            steps = [f"PUT /w/_create/{one}", self.documents.document()]
        elif pick < 0.85:
            steps = [f"POST /w/_update/{one}{self.dice.choice(['', '?_source=true', '?retry_on_conflict=2'])}", self.documents.update()]
        else:
            steps = [f"DELETE /w/_doc/{one}", None]
        return [steps, ["POST /w/_refresh", None]]

    def bulk(self):
        return ["POST /w/_bulk?refresh=true", self.documents.bulk(self.dice.randint(1, 6))]

    def mappings(self):
        return self.dice.choice([["GET /w/_mapping", None], [f"GET /w/_mapping/field/{self.field()}", None], ["GET /w/_mapping/field/*?include_defaults=false", None]])

    def settings(self):
        change = self.dice.choice([
            {"index": {"refresh_interval": "5s"}}, {"index.max_result_window": 50}, {"number_of_replicas": 0}, {"index.nosuch": 1},
            {"index": {"number_of_shards": 2}}, {"index": {"highlight": {"max_analyzed_offset": 1000}}}, {"index.refresh_interval": "x"},
            {"index.max_terms_count": 5}, {"index.mapping.total_fields.limit": 500}, {"index.max_docvalue_fields_search": 3},
        ])
        return [["PUT /w/_settings", change], ["GET /w/_settings?flat_settings=true&filter_path=*.settings.index.r*,*.settings.index.m*", None]]

    def analyze(self):
        body = {"text": self.documents.words(6)}
        body[self.dice.choice(["analyzer", "analyzer", "field"])] = self.dice.choice(ANALYZED)
        if "field" in body:
            body["field"] = self.field()
        return ["POST /w/_analyze", body]

    def field_caps(self):
        return [f"GET /w/_field_caps?fields={self.dice.choice(['*', self.field(), 'o*'])}", None]

    def termvectors(self):
        return [f"GET /w/_termvectors/{self.identifier()}?fields={self.mapping.any('text').path}&term_statistics={self.dice.choice(['true', 'false'])}", None]

    def msearch(self):
        lines = []
        for _ in range(2):
            lines += [self.dice.choice([{}, {"index": "w"}, {"index": "missing"}]), {"query": self.query(1), "size": 3}]
        return ["POST /w/_msearch", lines]

    def by_query(self):
        if self.dice.random() < 0.5:
            return ["POST /w/_update_by_query?refresh=true&conflicts=proceed", {"query": self.query(0)}]
        return [["POST /w/_delete_by_query?refresh=true", {"query": self.query(0), "max_docs": 2}], ["POST /w/_count", {"query": {"match_all": {}}}]]

    def suggest(self):
        field = self.mapping.any("text", "keyword").path
        kind = self.dice.choice(["term", "term", "phrase"])
        given = {"field": field}
        for name, values in [("size", [1, 3]), ("min_word_length", [2]), ("suggest_mode", ["always", "popular"]), ("prefix_length", [0])] if kind == "term" else []:
            if self.dice.random() < 0.4:
                given[name] = self.dice.choice(values)
        return ["POST /w/_search", {"suggest": {"s": {"text": self.dice.choice(["fo", "qick fox", "houes", "runing dog"]), kind: given}}, "size": 0}]

    def uri(self):
        text = self.queries.syntax().replace(" ", "+").replace("\"", "%22").replace("[", "%5B").replace("]", "%5D").replace("{", "%7B")
        text = text.replace("}", "%7D").replace("^", "%5E").replace("&", "%26").replace(">", "%3E").replace("<", "%3C").replace("\\", "%5C")
        text = "".join(letter if ord(letter) < 128 else "".join(f"%{byte:02X}" for byte in letter.encode()) for letter in text)
        options = self.dice.choice(["", "&default_operator=AND", f"&df={self.mapping.any('text').path}", "&lenient=true", f"&sort={self.field()}:desc", "&size=2"])
        return [f"GET /w/_search?q={text}{options}", None]

    def put_mapping(self):
        kind = self.dice.choice(["keyword", "text", "long", "date", "boolean"])
        old = self.dice.choice(self.mapping.fields)
        name = self.dice.choice(["added", old.path.split(".")[0]])
        return ["PUT /w/_mapping", {"properties": {name: self.mapping.field(kind)}}]

    def create(self):
        kind = self.dice.choice(["keyword", "text", "long", "date", "ip", "scaled_float", "boolean", "geo_point", "date_range", "nosuch"])
        given = self.mapping.field(kind)
        if self.dice.random() < 0.7:
            given[self.dice.choice(["index", "store", "nosuch", "null_value", "format", "analyzer", "ignore_above", "scaling_factor", "boost", "copy_to"])] = (
                self.dice.choice([True, "x", 5, None, "standard"])
            )
        given.pop("normalizer", None)
        return [["PUT /v", {"mappings": {"properties": {"f": given}}}], ["GET /v/_mapping", None], ["DELETE /v", None]]

    def wrong(self):
        body = {"query": self.query(2), "aggs": self.aggregations.some(0)} if self.dice.random() < 0.4 else {"query": self.query(1)}
        self.spoil(body)
        return ["POST /w/_search", body]

    def spoil(self, body):
        """Makes one thing somewhere in the body wrong."""
        places = []

        def walk(value):
            if isinstance(value, dict):
                places.extend((value, key) for key in value)
                for inner in value.values():
                    walk(inner)
            elif isinstance(value, list):
                for inner in value:
                    walk(inner)

        walk(body)
        around, key = self.dice.choice(places)
        change = self.dice.randrange(3)
        if change == 0:
            around[f"{key}x"] = around.pop(key)
        elif change == 1:
            around[key] = self.dice.choice([None, True, -1, 3.5, "", "text", [], {}, [1], {"x": 1}])
        else:
            around["bogus"] = self.dice.choice([1, "x", {}])

    def scroll(self):
        return ["POST /w/_search?scroll=1m", {"size": 3, "query": self.query(1)}]

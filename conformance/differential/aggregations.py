"""Random aggregations."""

from queries import NUMERIC

KEYS = NUMERIC + ["keyword", "keyword", "keyword", "date", "boolean", "ip", "text"]


class Aggregations:
    """Aggregations on one mapping."""

    def __init__(self, dice, mapping, queries, service):
        self.dice, self.mapping, self.queries, self.service = dice, mapping, queries, service
        self.options = queries.options
        self.kinds = [
            (self.terms, 6), (self.metric, 8), (self.histogram, 3), (self.date_histogram, 4), (self.range, 2), (self.date_range, 1), (self.filter, 2), (self.filters, 1),
            (self.missing, 1), (self.top_hits, 1), (self.composite, 2), (self.nested, 2), (self.significant, 1), (self.sampler, 0.5), (self.cardinality, 1), (self.percentiles, 1),
            (self.ip_range, 0.5), (self.adjacency, 0.5), (self.rare, 0.5), (self.auto_date, 1), (self.weighted, 0.5), (self.matrix, 0.3), (self.whole, 0.5), (self.variable, 0.3),
            (self.join, 0.3), (self.several, 0.6 if service == "opensearch" else 0),
        ]

    def some(self, depth):
        """Named aggregations with at most `depth` levels inside."""
        functions, weights = zip(*self.kinds)
        chosen = self.dice.choices(functions, weights, k=self.dice.choice([1, 1, 2]))
        named = {}
        for number, function in enumerate(chosen):
            kind, given, bucketed = function()
            body = {kind: given}
            if bucketed and depth and self.dice.random() < 0.6:
                body["aggs"] = self.some(depth - 1)
                if kind in ("histogram", "date_histogram", "terms") and self.dice.random() < 0.4:
                    body["aggs"].update(self.pipelines(kind))
            named[f"{kind}{number}"] = body
        if self.dice.random() < 0.1:
            first, body = next(iter(named.items()))
            named["sibling9"] = {self.dice.choice(["avg_bucket", "max_bucket", "min_bucket", "sum_bucket", "stats_bucket", "percentiles_bucket"]): {"buckets_path": f"{first}>_count"}}
        return named

    def pipelines(self, kind):
        field = self.mapping.any(*NUMERIC).path
        inner = {"m": {self.dice.choice(["sum", "avg", "max"]): {"field": field}}}
        options = ["bucket_sort"] + ([] if kind == "terms" else ["cumulative_sum", "derivative", "serial_diff", "moving_fn"])
        pick = self.dice.choice(options)
        given = {"buckets_path": self.dice.choice(["m", "_count"])}
        if pick == "bucket_sort":
            given = self.options({"sort": [{"m": {"order": self.dice.choice(["asc", "desc"])}}]}, ("size", [1, 2], 0.5), ("from", [1], 0.2), ("gap_policy", ["insert_zeros"], 0.2))
        elif pick == "serial_diff":
            given["lag"] = self.dice.choice([1, 2])
        elif pick == "moving_fn":
            given.update(window=3, script="MovingFunctions.unweightedAvg(values)")
        return {**inner, f"{pick}8": {pick: given}}

    def terms(self):
        field = self.mapping.any(*KEYS)
        given = self.options(
            {"field": field.path}, ("size", [1, 2, 5, 100], 0.4), ("min_doc_count", [0, 2], 0.2), ("shard_size", [3], 0.05), ("show_term_doc_count_error", [True], 0.1),
            ("order", [{"_key": "asc"}, {"_key": "desc"}, {"_count": "asc"}, [{"_count": "desc"}, {"_key": "desc"}]], 0.3), ("missing", ["none", 0, "2020-01-01"], 0.15), ("format", ["0.0", "yyyy"], 0.05),
            ("collect_mode", ["breadth_first"], 0.05), ("execution_hint", ["map"], 0.05), ("value_type", ["long"], 0.02),
        )
        if field.kind in ("keyword", "text"):
            self.options(given, ("include", ["f.*", ["fox", "dog"]], 0.15), ("exclude", ["f.*", ["fox"]], 0.1))
        return "terms", given, True

    def metric(self):
        kind = self.dice.choice(["avg", "sum", "min", "max", "stats", "extended_stats", "value_count", "median_absolute_deviation"])
        field = self.mapping.any(*NUMERIC, "date", "boolean", "keyword") if kind == "value_count" else self.mapping.any(*NUMERIC, *NUMERIC, "date", "boolean")
        given = self.options({"field": field.path}, ("missing", [0, 5.5], 0.15), ("format", ["0.00", "#.#"], 0.08))
        if kind == "extended_stats":
            self.options(given, ("sigma", [3, 0], 0.3))
        return kind, given, False

    def cardinality(self):
        return "cardinality", self.options({"field": self.mapping.any(*KEYS).path}, ("precision_threshold", [100, 0], 0.2), ("missing", ["x"], 0.05)), False

    def percentiles(self):
        kind = self.dice.choice(["percentiles", "percentile_ranks"])
        given = {"field": self.mapping.any(*NUMERIC).path}
        self.options(given, ("percents", [[50, 99.9], [0, 100]], 0.4) if kind == "percentiles" else ("values", [[5, 20.5]], 1.0), ("keyed", [False], 0.2))
        return kind, given, False

    def histogram(self):
        field = self.mapping.any(*NUMERIC, *RANGED)
        given = self.options({"field": field.path, "interval": self.dice.choice([10, 5, 2.5, 50])}, ("min_doc_count", [0, 1, 2], 0.5), ("offset", [2, -1], 0.2), ("keyed", [True], 0.1), ("missing", [0], 0.1),
                             ("order", [{"_key": "desc"}, {"_count": "asc"}], 0.2), ("extended_bounds", [{"min": -10, "max": 30}], 0.1), ("hard_bounds", [{"min": 0, "max": 30}], 0.1))
        if "long" == field.kind:
            given["min_doc_count"] = 1
            given["interval"] = 1e18
        elif field.kind in ("integer", "integer_range"):
            given["min_doc_count"] = 1
        elif field.kind in ("float", "double", "double_range"):
            # A value of 1e300 among small ones: with buckets as narrow as the others a thread of OpenSearch's never comes back.
            given["min_doc_count"], given["interval"] = 1, 1e37 if field.kind == "float" else 1e299
        return "histogram", given, True

    def date_histogram(self):
        given = {"field": self.mapping.any("date", "date", "date_nanos", "date_range").path}
        given.update(self.dice.choice([{"calendar_interval": self.dice.choice(["month", "year", "1q", "week", "1M", "quarter"])}, {"fixed_interval": self.dice.choice(["30d", "100d", "365d"])}, {"interval": "year"}]))
        self.options(given, ("time_zone", ["Europe/Berlin", "-05:00", "Asia/Kolkata"], 0.3), ("format", ["yyyy-MM", "epoch_millis", "yyyy-MM-dd'T'HH:mm"], 0.3), ("offset", ["+6h", "-1d", "1d"], 0.15), ("min_doc_count", [1, 2, 0], 0.5),
                     ("keyed", [True], 0.15), ("order", [{"_key": "desc"}, {"_count": "desc"}], 0.2), ("missing", ["2020-05-05"], 0.1))
        return "date_histogram", given, True

    def auto_date(self):
        return "auto_date_histogram", self.options({"field": self.mapping.any("date").path, "buckets": self.dice.choice([1, 3, 10])}, ("format", ["yyyy-MM-dd"], 0.3), ("time_zone", ["Europe/Berlin"], 0.2), ("minimum_interval", ["month"], 0.1)), True

    def range(self):
        ranges = [{"to": 5}, {"from": 5, "to": 20.5}, {"from": 20, "key": "many"}]
        return "range", self.options({"field": self.mapping.any(*NUMERIC).path, "ranges": ranges}, ("keyed", [True], 0.2), ("missing", [7], 0.1), ("format", ["0.0"], 0.05)), True

    def date_range(self):
        ranges = [{"to": "2020-01-01"}, {"from": "2020-01-01", "to": "2020-03-01||/M"}, {"from": "2020-03-01", "key": "late"}]
        return "date_range", self.options({"field": self.mapping.any("date").path, "ranges": ranges}, ("format", ["yyyy-MM-dd"], 0.4), ("keyed", [True], 0.2), ("time_zone", ["+02:00"], 0.2), ("missing", ["2020-01-01"], 0.1)), True

    def ip_range(self):
        return "ip_range", self.options({"field": self.mapping.any("ip").path, "ranges": [{"to": "10.0.1.0"}, {"from": "10.0.1.0"}, {"mask": "10.0.0.0/24"}]}, ("keyed", [True], 0.2)), True

    def filter(self):
        return "filter", self.queries.query(1), True

    def filters(self):
        named = self.dice.random() < 0.6
        inner = {"x": self.queries.query(0), "y": self.queries.query(0)} if named else [self.queries.query(0), self.queries.query(0)]
        return "filters", self.options({"filters": inner}, ("other_bucket", [True], 0.3), ("other_bucket_key", ["rest"], 0.2)), True

    def adjacency(self):
        return "adjacency_matrix", {"filters": {"x": self.queries.query(0), "y": self.queries.query(0)}}, True

    def missing(self):
        return "missing", {"field": self.dice.choice(self.mapping.fields).path}, True

    def top_hits(self):
        return "top_hits", self.options({"size": self.dice.choice([1, 2])}, ("_source", [False], 0.3), ("sort", [[{"_id": "asc"}], ["_doc"]], 0.5), ("from", [1], 0.1)), False

    def source(self, number):
        pick = self.dice.random()
        if pick < 0.6:
            given = {"terms": self.options({"field": self.mapping.any(*KEYS[:-1]).path}, ("order", ["desc"], 0.3), ("missing_bucket", [True], 0.3))}
        elif pick < 0.8:
            given = {"histogram": {"field": self.mapping.any("short", "byte", "double", "float").path, "interval": 10}}
        else:
            given = {"date_histogram": self.options({"field": self.mapping.any("date").path, "calendar_interval": "month"}, ("format", ["yyyy-MM"], 0.4), ("time_zone", ["Europe/Berlin"], 0.2))}
        return {f"s{number}": given}

    def composite(self):
        return "composite", self.options({"sources": [self.source(number) for number in range(self.dice.choice([1, 2]))]}, ("size", [2, 5], 0.5), ("after", [{"s0": "fox"}, {"s0": 5}], 0.15)), True

    def nested(self):
        fields = self.mapping.kinds("nested")
        return ("nested", {"path": self.dice.choice(fields).path}, True) if fields else self.terms()

    def significant(self):
        kind = self.dice.choice(["significant_terms", "significant_terms", "significant_text"])
        given = {"field": self.mapping.any("keyword" if kind == "significant_terms" else "text").path, "min_doc_count": self.dice.choice([1, 2])}
        return kind, self.options(given, ("size", [3], 0.3), ("gnd", [{}], 0.15), ("chi_square", [{}], 0.1), ("percentage", [{}], 0.1)), False

    def sampler(self):
        return "sampler", {"shard_size": self.dice.choice([2, 5])}, True

    def rare(self):
        return "rare_terms", {"field": self.mapping.any("keyword", "long").path, "max_doc_count": self.dice.choice([1, 2])}, True

    def weighted(self):
        return "weighted_avg", {"value": {"field": self.mapping.any(*NUMERIC).path}, "weight": self.options({"field": self.mapping.any(*NUMERIC).path}, ("missing", [2], 0.5))}, False

    def matrix(self):
        return "matrix_stats", {"fields": [self.mapping.any(*NUMERIC).path, self.mapping.any(*NUMERIC).path]}, False

    def whole(self):
        return "global", {}, True

    def variable(self):
        return "variable_width_histogram", {"field": self.mapping.any(*NUMERIC).path, "buckets": self.dice.choice([2, 4])}, True

    def join(self):
        return ("children", {"type": "answer"}, True) if self.mapping.kinds("join") else self.missing()

    def several(self):
        return "multi_terms", {"terms": [{"field": self.mapping.any(*KEYS[:-1]).path}, {"field": self.mapping.any(*KEYS[:-1]).path}]}, True


RANGED = ["integer_range", "double_range"]

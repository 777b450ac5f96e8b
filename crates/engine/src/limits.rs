//! Every limit that an unauthenticated or hostile client can reach, in one place. Each names what it protects.

/// In longer bodies no place of a fault is looked for: it takes a walk over the whole text.
pub const PLACED_BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Deepest nesting of objects and arrays in a JSON body. (Jackson's own limit in OpenSearch 2.19 is 1,000; recursion
/// here costs stack, and no real document is deeper than a few dozen.)
pub const JSON_DEPTH_MAX: usize = 100;

/// The maximum of `index.mapping.depth.limit`, and so of the levels that dots in field names and settings keys may
/// make: as deep as a body may be. (Elasticsearch has no such bound; its default is 20.)
pub const MAPPING_DEPTH_MAX: usize = 100;

/// The maximum of `index.mapping.total_fields.limit`: every field costs memory in each index that has it.
pub const TOTAL_FIELDS_LIMIT_MAX: u64 = 100_000;

/// Longest path of a field in bytes: a longer one could not be a term of `_field_names` (Lucene's own limit for a
/// term).
pub const FIELD_PATH_BYTES_MAX: usize = 32_766;

/// Largest request body in bytes: the highest `http.max_content_length` of Elasticsearch. What a domain takes is the
/// server's setting, and what `_nodes` tells ([`Engine::with_body_bytes_max`](crate::Engine::with_body_bytes_max)).
pub const BODY_BYTES_MAX: usize = 2 * 1024 * 1024 * 1024 - 1;

/// What `_nodes` reports unless it is set: Elasticsearch's default of `http.max_content_length`.
pub const BODY_BYTES_DEFAULT: usize = 100 * 1024 * 1024;

/// Longest raw path in bytes. (Elasticsearch: 4 KiB for the whole initial line.)
pub const PATH_BYTES_MAX: usize = 4096;

/// Longest raw query string in bytes; `?source=` carries whole bodies.
pub const QUERY_BYTES_MAX: usize = 64 * 1024;

/// Most query parameters of one request.
pub const QUERY_PARAMETERS_MAX: usize = 1024;

/// Most parts between the dots and commas of one `filter_path`: as many as fit into Elasticsearch's longest line. More
/// answers 400.
pub const FILTER_PATH_PARTS_MAX: usize = 2048;

/// Most characters of a wildcard pattern: comparing it takes that many steps for each character of a term. (Lucene
/// refuses a pattern that would have more than 10,000 states.) More answers 400.
pub const WILDCARD_CHARACTERS_MAX: usize = 10_000;

/// Most names and patterns of fields in one `_field_caps` or `_mapping/field`. More answers 400.
pub const FIELD_PATTERNS_MAX: usize = 2048;

/// Longest name of a parameter or query, in bytes, for which a similar one is looked for: twice what the longest known
/// one has. A longer name is refused without a suggestion.
pub const LIKENESS_BYTES_MAX: usize = 64;

/// Longest index name in bytes (Elasticsearch: 255).
pub const INDEX_NAME_BYTES_MAX: usize = 255;

/// Longest name of a mapping type in bytes (Elasticsearch: 255).
pub const TYPE_NAME_BYTES_MAX: usize = 255;

/// Longest document id in bytes (Elasticsearch: 512).
pub const DOCUMENT_ID_BYTES_MAX: usize = 512;

/// Most items in one `_bulk`, `_mget` or `_msearch` body: bounds the response and the authorization work.
pub const ITEMS_MAX: usize = 200_000;

/// Most snapshots in one repository, as in OpenSearch 2.19: what is told of them is in memory.
pub const SNAPSHOTS_MAX: usize = 1000;

/// Most bytes of the object that tells of a snapshot: it is read as a whole.
pub const SNAPSHOT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Longest `base_path` of a repository in bytes: with the names of the objects in it, S3's 1,024 are not reached.
pub const OBJECT_PATH_BYTES_MAX: usize = 512;

/// Most objects that one clean-up of a repository takes away: their names are in memory.
pub const SWEPT_OBJECTS_MAX: usize = 100_000;

/// Most repositories of snapshots.
pub const REPOSITORIES_MAX: usize = 100;

/// Longest pattern or replacement of a rename in bytes: it is applied to every name in a snapshot.
pub const RENAME_BYTES_MAX: usize = 1024;

/// Most comma-separated expressions in one index list.
pub const INDEX_EXPRESSIONS_MAX: usize = 1024;

/// Largest `from + size` of a search (`index.max_result_window`).
pub const RESULT_WINDOW_MAX: usize = 10_000;

/// Most open scroll contexts (`search.max_open_scroll_context`). No principal may hold more than are free: one
/// principal with all its sessions at most half, and likewise all principals of another account together. More answers
/// 429.
pub const SCROLL_CONTEXTS_MAX: usize = 500;

/// Most open points in time (`search.max_open_pit_context`), shared as scrolls are.
pub const PIT_CONTEXTS_MAX: usize = 300;

/// Longest life of a cursor in milliseconds (`search.max_keep_alive`, `point_in_time.max_keep_alive`: 24 hours).
pub const KEEP_ALIVE_MILLISECONDS_MAX: u64 = 24 * 60 * 60 * 1000;

/// Most results of tasks that are kept; the oldest go.
pub const TASK_RESULTS_MAX: usize = 100;

/// Most ingest pipelines of one domain: each is kept in its metadata, which every change writes. More answers 400.
pub const PIPELINES_MAX: usize = 1000;

/// Most bytes that the search templates of one request, or one text of an ingest pipeline, make. More answers 429.
pub const TEMPLATE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Most pieces that they print: sections inside one another multiply the lists that they are of. More answers 429.
pub const TEMPLATE_PIECES_MAX: usize = 2_000_000;

/// Most steps that the scripts of pipelines take in one request, over all of its documents: twenty times those of one run.
/// More answers 429.
pub const PIPELINE_STEPS_MAX: u64 = 1_000_000_000;

/// Most aliases of all indices of one domain, an alias of ten indices counted ten times: each change of its metadata writes all of them. More
/// answers 400.
pub const ALIASES_MAX: usize = 20_000;

/// Most bytes of their names, filters as JSON and routings. More answers 400.
pub const ALIASES_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Most indices of one domain: `cluster.max_shards_per_node` with one shard each.
pub const INDICES_MAX: usize = 1000;

/// Bytes of the ids that are noted while a domain's indices are copied elsewhere: beyond them the move ends, and says so.
/// Callers choose ids and how many there are.
pub const NOTED_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Most templates (or other kept things) of one kind: all of them are written anew when one changes, and each is looked
/// at when an index is made.
pub const REGISTRY_ENTRIES_MAX: usize = 2_000;

/// Longest of them as JSON, in bytes.
pub const REGISTRY_ENTRY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Most `index_patterns` of one template: each is compared with those of all others.
pub const TEMPLATE_PATTERNS_MAX: usize = 100;

//! Every limit of the service, in one table: the resources that an unauthenticated client can use, and for how long.
//!
//! Each comment says what happens beyond the limit; `docs/reference/limits.md` is made from them, and from
//! the other crates' files of this name.

use std::time::Duration;

/// Header lines of one request. More answers 431.
pub(crate) const HEADER_LINES_MAX: usize = 100;

/// Bytes of one request's head (request line and headers). More answers 431. With session tokens, heads are about 3
/// KiB; Node's own limit is 16 KiB.
pub(crate) const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Bytes of the request target. Elasticsearch's `http.max_initial_line_length` is 4 KiB; long
/// lists of indices and scroll ids need more. More answers 414.
pub(crate) const TARGET_BYTES_MAX: usize = 32 * 1024;

/// Query parameters of one request. More answers 400.
pub(crate) const QUERY_PARAMETERS_MAX: usize = 1_000;

/// Bytes of a data-plane body, as sent and as decoded: Elasticsearch's `http.max_content_length`. The setting
/// `domains.body_bytes_max` changes it. More answers 413.
pub(crate) const BODY_BYTES_MAX: usize = 100 * 1024 * 1024;

/// The maximum of `domains.body_bytes_max`, the same as Elasticsearch's. A higher value is refused.
pub(crate) const BODY_BYTES_CEILING: usize = 2 * 1024 * 1024 * 1024 - 1;

/// Bytes of a body kept in memory before its signature is proven. More go to a file.
pub(crate) const SPILL_FROM_BYTES: usize = 1024 * 1024;

/// Bytes of a small body, for which memory is reserved.
pub(crate) const SMALL_BODY_BYTES_MAX: usize = 16 * 1024;

/// Bodies for domains that arrive at the same time, in total and from one address (IPv6: its /64). More answers 429.
pub(crate) const BODIES_COMING_MAX: usize = 4_096;
/// See [`BODIES_COMING_MAX`].
pub(crate) const BODIES_COMING_PER_ADDRESS_MAX: usize = 256;

/// Bytes in memory of bodies of at most [`SMALL_BODY_BYTES_MAX`]: a reserve that larger ones cannot use, in total
/// and from one address. More answers 429.
pub(crate) const SMALL_BODIES_BYTES_MAX: usize = 64 * 1024 * 1024;
/// See [`SMALL_BODIES_BYTES_MAX`].
pub(crate) const SMALL_BODIES_BYTES_PER_ADDRESS_MAX: usize = 16 * 1024 * 1024;

/// Bytes in memory of larger bodies from one address, from their arrival until they are served (setting
/// `limits.body_bytes_per_address`). More answers 429.
pub(crate) const BODY_BYTES_PER_ADDRESS_MAX: usize = 64 * 1024 * 1024;

/// Bytes of bodies in files at once, over all requests. More answers 429.
pub(crate) const SPOOL_BYTES_MAX: usize = 4 * 1024 * 1024 * 1024 - 1;

/// Bytes of bodies in files from one address; one body is always accepted. More answers 429.
pub(crate) const SPOOL_BYTES_PER_ADDRESS_MAX: usize = 1024 * 1024 * 1024;

/// Bytes of bodies that were loaded from files or unpacked for running calls, in total. One account may hold half of
/// it, one principal three eighths; one body is always accepted. More answers 429.
pub(crate) const LOADED_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Bytes in files of bodies that were rewritten or unpacked for a cluster elsewhere, in total. One account may hold half of it, one
/// principal three eighths; one body is always accepted. More answers 429.
pub(crate) const REWRITTEN_BYTES_MAX: usize = 4 * 1024 * 1024 * 1024 - 1;

/// Bytes of a `_bulk` that are judged and rewritten at a time for a cluster elsewhere; one item is whole, however long. So few that what
/// was read of a piece lies in the processor's cache, and its memory is used again.
pub(crate) const BULK_PIECE_BYTES: usize = 64 * 1024;

/// Answers of the policies that are remembered from one piece of a `_bulk` to the next. Beyond it the question is put again.
pub(crate) const BULK_ANSWERS_MAX: usize = 10_000;

/// Bytes of the answers to items of a `_bulk` in a file that a cluster elsewhere is not sent. More answers 413.
pub(crate) const BULK_KEPT_BACK_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Bodies for the control plane that arrive at the same time: a separate reserve, in total and from one address. More
/// answers 429.
pub(crate) const CONTROL_BODIES_COMING_MAX: usize = 512;
/// See [`CONTROL_BODIES_COMING_MAX`].
pub(crate) const CONTROL_BODIES_COMING_PER_ADDRESS_MAX: usize = 64;

/// Bytes of bodies for the control plane: a separate reserve, in total and from one address. More answers 429.
pub(crate) const CONTROL_BODIES_BYTES_MAX: usize = 64 * 1024 * 1024;
/// See [`CONTROL_BODIES_BYTES_MAX`].
pub(crate) const CONTROL_BODIES_BYTES_PER_ADDRESS_MAX: usize = 8 * 1024 * 1024;

/// Bytes of bodies of more than `SMALL_BODY_BYTES_MAX` that one principal has under way, from the proof of the signature to the
/// response (setting `limits.bytes_in_flight_per_principal`). One body is always accepted. More answers 429.
pub(crate) const BYTES_IN_FLIGHT_PER_PRINCIPAL_MAX: usize = 512 * 1024 * 1024;

/// The same of one address (IPv6: its /64; setting `limits.bytes_in_flight_per_address`).
pub(crate) const BYTES_IN_FLIGHT_PER_ADDRESS_MAX: usize = 1024 * 1024 * 1024;

/// The same of one domain (setting `limits.bytes_in_flight_per_domain`).
pub(crate) const BYTES_IN_FLIGHT_PER_DOMAIN_MAX: usize = 2048 * 1024 * 1024;

/// Bytes of a body that are written to its file, or read from it, at a time.
pub(crate) const SPOOL_WRITE_BYTES: usize = 256 * 1024;

/// Pieces of that size that a body has in memory while it arrives: one is being received, the others are being hashed
/// and written, or wait for that.
pub(crate) const SPOOL_PIECES_MAX: usize = 4;

/// Bytes read ahead of TLS on a connection in the middle of a body; none in a head or between requests.
pub(crate) const READ_AHEAD_BYTES: usize = 256 * 1024;

/// Connections that read ahead at the same time. The others read as much as TLS asks for, and are slower.
pub(crate) const READ_AHEADS_MAX: usize = 128;

/// Bytes of a control-plane body: an access policy is at most 100 KiB, and form encoding triples it.
/// More answers 413.
pub(crate) const CONTROL_BODY_BYTES_MAX: usize = 1024 * 1024;

/// Bytes of a refused body that are still read beyond the limit for bodies, so that a client which writes first and
/// reads afterwards sees the response and not a reset connection; also bytes that an HTTP/1.1 client may send after the
/// last response. Beyond it the connection is closed, or over HTTP/2 the stream is reset.
pub const DRAIN_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How long the service waits for the rest of a refused body, in total (over HTTP/2, where the response does not wait
/// for it, for each piece), and after the last response for the client to close. Then the connection is closed.
pub(crate) const DRAIN_BODY_TIME: Duration = Duration::from_secs(2);

/// Bytes in memory of bodies of more than [`SMALL_BODY_BYTES_MAX`], from their arrival until they are served, over
/// all addresses. More answers 429.
pub(crate) const BODIES_IN_FLIGHT_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Bytes of memory that all requests of all engines hold at once, not counting their bodies: buckets, sketches, hits,
/// responses, open scrolls. The setting `engine.memory_bytes_max` changes it. More answers 429, as Elasticsearch's
/// `circuit_breaking_exception`.
pub(crate) const ENGINE_MEMORY_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Connections open at once, over all listeners; the setting `limits.connections` changes it. Beyond it an idle one is closed for a new one; if none is idle, the
/// new one waits. From one address and to one listener as many as `limits.connections_per_address` and
/// `limits.connections_per_listener` say.
pub(crate) const CONNECTIONS_MAX: usize = 4_096;

/// The part of these connections that only the control plane's listener may use: its reserve and its maximum. From one
/// address at most a quarter; more are closed at once.
pub const CONTROL_CONNECTIONS_MAX: usize = 512;

/// Connections to the admin listener at once. Beyond it the one that has been open longest is closed.
pub(crate) const ADMIN_CONNECTIONS_MAX: usize = 64;

/// Calls that run at once, over all accounts: for domains, and the same number for the control plane, each in its own
/// pool; more on a machine where the shares of two accounts are larger. The others wait their turn. One account may run
/// at most `processors * 3 / 2 + 1`, the size of Elasticsearch's `search` pool, one principal three quarters of that
/// (settings `limits.calls_running_per_account`, `limits.calls_running_per_principal`).
pub(crate) const CALLS_RUNNING_MAX: usize = 32;

/// How long a call may run before its thread's priority is lowered, so that other callers' short calls go first
/// (Linux).
pub(crate) const SHORT_CALL_TIME: Duration = Duration::from_millis(10);

/// Calls that may wait their turn in each of the two pools. More answers 429.
pub(crate) const CALLS_WAITING_MAX: usize = 4_000;

/// Calls of one account that may wait their turn (setting `limits.calls_waiting_per_account`). More answers 429.
pub(crate) const CALLS_WAITING_PER_ACCOUNT_MAX: usize = 1_000;

/// Calls of one principal that may wait their turn; all sessions of a role count as one, callers without credentials as
/// one per address (setting `limits.calls_waiting_per_principal`). More answers 429.
pub(crate) const CALLS_WAITING_PER_PRINCIPAL_MAX: usize = 500;

/// From accepting a connection to the end of the TLS handshake. Then the connection is closed.
pub(crate) const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// From the first byte of a head to its last; also how long an idle connection is kept. Then the connection is closed;
/// an unfinished head is recorded as 408.
pub(crate) const HEAD_TIME: Duration = Duration::from_secs(60);

/// Between two pieces of a body. More answers 408.
pub(crate) const BODY_PIECE_TIME: Duration = Duration::from_secs(30);

/// From the head to the end of the body. More answers 408.
pub(crate) const BODY_TIME: Duration = Duration::from_secs(600);

/// How long a client may fail to read its response before the connection is cut.
pub(crate) const WRITE_STALL_TIME: Duration = Duration::from_secs(60);

/// Tasks (`wait_for_completion=false`) that may run at once. The others wait their turn, which goes round accounts and
/// principals as that of calls does.
pub(crate) const TASKS_RUNNING_MAX: usize = 32;
/// Tasks of one account that may run at once.
pub(crate) const TASKS_RUNNING_PER_ACCOUNT_MAX: usize = 8;
/// Tasks of one principal that may run at once.
pub(crate) const TASKS_RUNNING_PER_PRINCIPAL_MAX: usize = 4;
/// Tasks that may wait their turn. More answers 429.
pub(crate) const TASKS_WAITING_MAX: usize = 400;
/// Tasks of one account that may wait their turn. More answers 429.
pub(crate) const TASKS_WAITING_PER_ACCOUNT_MAX: usize = 100;
/// Tasks of one principal that may wait their turn. More answers 429.
pub(crate) const TASKS_WAITING_PER_PRINCIPAL_MAX: usize = 50;

/// Pages of the console that are made at once; more wait, and get 503 when they waited for ten seconds.
pub(crate) const CONSOLE_PAGES_RUNNING_MAX: usize = 16;
/// Sign-ins to the console, by forms and links, that are looked at at once; more wait as pages do, and keep no page waiting.
pub(crate) const CONSOLE_SIGN_INS_RUNNING_MAX: usize = 16;
/// The same of visits that may wait for an identity provider.
pub(crate) const CONSOLE_PROVIDER_VISITS_RUNNING_MAX: usize = 32;
/// Pages of the console that are made at once for one principal, or for one address where nobody is signed in. More answers 429.
pub(crate) const CONSOLE_PAGES_RUNNING_PER_ASKER_MAX: usize = 4;
/// Forms that the console holds at once of those who are signed in, and as many of those who are not. More answers 503.
pub(crate) const CONSOLE_FORMS_MAX: usize = 64;
/// Forms that the console holds at once of one principal, or of one address where nobody is signed in. More answers 429.
pub(crate) const CONSOLE_FORMS_PER_ASKER_MAX: usize = 8;
/// From a try to sign in to the console by a password to its refusal, at least: longer than any of the checks takes that may
/// have refused it.
pub(crate) const CONSOLE_REFUSAL_TIME_MIN: Duration = Duration::from_millis(400);
/// See [`CONSOLE_PAGES_RUNNING_MAX`].
pub(crate) const CONSOLE_TURN_TIME_MAX: Duration = Duration::from_secs(10);

/// How long a call may run in the engine before its cancel flag is set and the response is 504.
pub(crate) const CALL_TIME: Duration = Duration::from_secs(120);

/// How often engines look how full their disks are. Elasticsearch's `cluster.info.update.interval` is 30 seconds.
pub(crate) const DISK_LOOK_TIME: Duration = Duration::from_secs(30);

/// How often abandoned cursors (scrolls) are looked for, so that what they hold is freed when they have expired.
/// Elasticsearch's `search.keep_alive_interval` is a minute.
pub(crate) const CURSOR_SWEEP_TIME: Duration = Duration::from_secs(30);

/// How often the service looks whether another process (`countersign account`, `countersign state`) changed its store.
pub(crate) const STORE_LOOK_TIME: Duration = Duration::from_millis(500);

/// How long a domain's listener that was closed may take to let go of its port.
pub(crate) const PORT_FREE_TIME: Duration = Duration::from_secs(5);

/// How often a gateway that shares its state looks what the others tell of their domains, and tells of its own what changed.
pub(crate) const GATEWAY_NEWS_TIME: Duration = Duration::from_secs(1);

/// How often it tells the same again.
pub(crate) const GATEWAY_NEWS_REPEAT_TIME: Duration = Duration::from_secs(5);

/// What a gateway told so long ago is not known any more: its domains' nodes are told as not available.
pub(crate) const GATEWAY_NEWS_OLD_TIME: Duration = Duration::from_secs(15);

/// How often the service looks whether the files of its certificate were written.
pub(crate) const CERTIFICATE_LOOK_TIME: Duration = Duration::from_secs(10);

/// How long running requests may take to finish once the service has been told to stop. Then they are cancelled.
pub(crate) const DRAIN_TIME: Duration = Duration::from_secs(5);

/// How long cancelled requests may take to respond. Then they are cut off.
pub(crate) const CALL_OFF_TIME: Duration = Duration::from_secs(2);

/// How long engines may take to write what they hold when the service stops. Then the rest is left to the translogs,
/// and the process ends: within 10 seconds, whatever is running.
pub(crate) const CLOSE_TIME: Duration = Duration::from_secs(2);

/// Bytes of Basic credentials, encoded: a name of 64 and a password of 128 characters, with room.
pub(crate) const BASIC_CREDENTIALS_BYTES_MAX: usize = 1_024;

/// Passwords hashed at once: each takes 19 MiB (`control::HASH_MEMORY_KIB`).
pub(crate) const PASSWORD_HASHES_RUNNING_MAX: usize = 4;

/// Passwords that may wait to be hashed. More answers 429.
pub(crate) const PASSWORD_HASHES_WAITING_MAX: usize = 64;

/// Wrong passwords for one user name: at once, and per second after that (8,640 guesses a day). More answers 429.
pub(crate) const USER_FAILURES_BURST: f64 = 10.0;
/// See [`USER_FAILURES_BURST`].
pub(crate) const USER_FAILURES_PER_SECOND: f64 = 0.1;

/// Wrong passwords from one address: at once, and per second after that. More answers 429.
pub(crate) const SOURCE_PASSWORD_FAILURES_BURST: f64 = 30.0;
/// See [`SOURCE_PASSWORD_FAILURES_BURST`].
pub(crate) const SOURCE_PASSWORD_FAILURES_PER_SECOND: f64 = 1.0;

/// Keys of one throttle in each of its two generations: addresses and user names that failed recently.
pub(crate) const THROTTLED_MAX: usize = 32_768;

/// Signatures that the replay cache of one domain remembers, at about 100 bytes each: of one key at most half, which is
/// 833 requests a second for as long as a signature is valid (5 minutes). More answers 429.
pub(crate) const REPLAY_SIGNATURES_MAX: usize = 500_000;

/// Streams at once on one HTTP/2 connection. More are reset.
pub(crate) const STREAMS_MAX: u32 = 128;

/// HTTP/2 streams that were reset before they were served: the rapid-reset guard (CVE-2023-44487). More
/// end the connection.
pub(crate) const RESET_STREAMS_MAX: usize = 64;

/// HTTP/2 frames that serve no request (SETTINGS, PING, PRIORITY, RST_STREAM, empty ones) within [`IDLE_FRAMES_TIME`].
/// More end the connection.
pub(crate) const IDLE_FRAMES_MAX: usize = 1_000;

/// How long such frames are counted together.
pub(crate) const IDLE_FRAMES_TIME: Duration = Duration::from_secs(10);

/// Connections of workloads that fetch credentials, at once. More wait in the kernel's queue.
pub(crate) const WORKLOAD_CONNECTIONS_MAX: usize = 64;

/// Bytes of the head of a workload's request: a token of 64 characters, and what SDKs say about themselves.
pub(crate) const WORKLOAD_HEAD_BYTES_MAX: usize = 16 * 1024;

/// Wrong tokens of workloads from one address: at once, and per second after that. More answers 429 to every request
/// from that address: high enough for a program that keeps trying an old token.
pub const WORKLOAD_FAILURES_BURST: f64 = 100.0;
/// See [`WORKLOAD_FAILURES_BURST`].
pub(crate) const WORKLOAD_FAILURES_PER_SECOND: f64 = 10.0;

/// From a workload's connection to its end.
pub(crate) const WORKLOAD_TIME: Duration = Duration::from_secs(30);

/// Bytes of responses that are not sent yet, in total: beyond it, callers with unread responses are served nothing more
/// until they have read them. More answers 429.
pub(crate) const ANSWERS_BYTES_MAX: usize = 1024 * 1024 * 1024;

/// Bytes of responses of one account that are not sent yet; for a principal three quarters of it (setting
/// `limits.answer_bytes_per_account`). Beyond it the caller gets 429 until it has read them.
pub(crate) const ANSWER_BYTES_PER_ACCOUNT_MAX: usize = 256 * 1024 * 1024;

/// Bytes of a response that are handed to its connection at a time.
pub(crate) const ANSWER_PIECE_BYTES: usize = 64 * 1024;

/// Responses up to this size are not counted: their connections are.
pub(crate) const COUNTED_ANSWERS_FROM_BYTES: usize = 64 * 1024;

/// Responses shorter than this are never compressed.
pub(crate) const COMPRESS_FROM_BYTES: usize = 1_024;

/// Responses up to this size are compressed by the thread that sends them, longer ones by the thread that made them,
/// which may take longer.
pub(crate) const COMPRESS_AT_ONCE_BYTES_MAX: usize = 64 * 1024;

/// Bytes of audit records kept in memory for `explain`: about 16,000 records. The oldest are removed first.
pub(crate) const AUDIT_RING_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The same for records of callers who were refused before they were authenticated.
pub(crate) const AUDIT_UNPROVEN_RING_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes of one audit file before a new one is started, at most a sixteenth of the total.
pub(crate) const AUDIT_FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Levels of an organisation in the service control policies, or the resource control policies, of one account, and policies
/// in one level. More stop the start; settings that are read again change nothing.
pub(crate) const ORGANIZATION_LEVELS_MAX: usize = 10;
/// See [`ORGANIZATION_LEVELS_MAX`].
pub(crate) const ORGANIZATION_POLICIES_MAX: usize = 10;

/// Bytes of one policy that the settings name: a service control policy, a resource control policy, a VPC endpoint's. A larger
/// one stops the start. Amazon's quota for control policies is 5,120 characters, for those of endpoints 20,480.
pub(crate) const POLICY_FILE_BYTES_MAX: u64 = 20 * 1024;

/// Bytes of the file of one published log and of the older one beside it. The setting `logs.keep_bytes` changes it.
pub(crate) const LOG_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Bytes of all audit files. The setting `audit.keep_bytes` changes it. The oldest file is removed first.
pub(crate) const AUDIT_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// The minimum of `audit.keep_bytes`. A lower value is refused.
pub(crate) const AUDIT_BYTES_FLOOR: u64 = 16 * 1024 * 1024;

/// The maximum of `audit.keep_bytes`. A higher value is refused.
pub(crate) const AUDIT_BYTES_CEILING: u64 = 1024 * 1024 * 1024 * 1024;

/// Bytes of the files with records of callers who were refused before they were authenticated. The oldest file is
/// removed first; files of authenticated callers never make room for them.
pub(crate) const AUDIT_UNPROVEN_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Bytes of one of the two files of signed digests of the audit: 600 bytes a digest. The older one is removed first; what it
/// vouched for the newer ones vouch for, too.
pub(crate) const AUDIT_DIGEST_FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Bytes of one line of an audit file that `countersign audit` reads. A longer one is no record.
pub(crate) const AUDIT_LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Fields that the record of a request names, where policies or roles ask for fields. Of more it says that there were more.
pub(crate) const AUDIT_FIELDS_MAX: usize = 100;

/// Bytes of their names, together.
pub(crate) const AUDIT_FIELDS_BYTES_MAX: usize = 8 * 1024;

/// Bytes of audit records that wait for standard output, and as many for a collector (settings `audit.stdout`, `audit.otlp`).
/// More are left out and counted.
pub(crate) const AUDIT_SINK_BYTES_WAITING_MAX: usize = 8 * 1024 * 1024;

/// Audit records that such a sink is given at once.
pub(crate) const AUDIT_SINK_AT_ONCE_MAX: usize = 512;

/// Bytes of audit records of one domain that wait to be written to its index (option `countersign.audit_index`). More are left
/// out and counted.
pub(crate) const AUDIT_INDEX_BYTES_WAITING_MAX: usize = 4 * 1024 * 1024;

/// Audit records in one index of a domain; then the next index is begun, as it is with each day.
pub(crate) const AUDIT_INDEX_RECORDS_MAX: usize = 1_000_000;

/// Indices of audit records that a domain has. The oldest is removed for a new one; the setting `audit.index_days` may remove it
/// before that.
pub(crate) const AUDIT_INDICES_MAX: usize = 32;

/// How often audit records are written to the indices of their domains.
pub(crate) const AUDIT_INDEX_TIME: Duration = Duration::from_secs(1);

/// How long a cluster has for its answer to each thing that writing them takes; what does not come is offered again.
pub(crate) const AUDIT_CLUSTER_TIME: Duration = Duration::from_secs(5);

/// Clusters to which audit records are written at the same time. The others wait for the next round.
pub(crate) const AUDIT_CLUSTERS_AT_ONCE_MAX: usize = 16;

/// How often records are offered to an index that does not take them. Then they are counted as lost.
pub(crate) const AUDIT_INDEX_TRIES_MAX: u8 = 5;

/// Bytes of published logs that wait to be written; lines beyond them are dropped and counted.
pub(crate) const PUBLISHED_LOG_BYTES_WAITING_MAX: usize = 8 * 1024 * 1024;

/// Traces that wait for their collector, at about 2 KB each. More are dropped and counted.
pub(crate) const TRACES_WAITING_MAX: usize = 2_048;

/// Traces that a collector is sent at once.
pub(crate) const TRACES_AT_ONCE_MAX: usize = 256;

/// Phases of one request that its trace tells of. More are left out.
pub(crate) const TRACE_PHASES_MAX: usize = 16;

/// How long the last traces may take to be sent when the service stops.
pub(crate) const TRACES_SETTLE_TIME: Duration = Duration::from_secs(1);

/// Regions whose hosts the service's own certificate has, beside its own; domains in more do not listen.
pub(crate) const CERTIFIED_REGIONS_MAX: usize = 64;

/// Such records from one address (IPv6: its /64) that are written in `AUDIT_UNPROVEN_TIME`. More are only counted, in
/// one record.
pub const AUDIT_UNPROVEN_RECORDS_MAX: usize = 300;

/// How long such records are counted together.
pub(crate) const AUDIT_UNPROVEN_TIME: Duration = Duration::from_secs(60);

/// Addresses that are counted separately. More are counted together.
pub(crate) const AUDIT_UNPROVEN_ADDRESSES_MAX: usize = 4_096;

/// Bytes of any one text in such a record.
pub(crate) const AUDIT_UNPROVEN_TEXT_BYTES_MAX: usize = 256;

/// Lookups of audit records in files at once, for `explain`. The others wait their turn.
pub(crate) const AUDIT_LOOKUPS_RUNNING_MAX: usize = 2;

/// Lookups that may wait their turn, and as many searches and replays. More answers 429.
pub(crate) const AUDIT_LOOKUPS_WAITING_MAX: usize = 16;

/// Replays of recorded traffic at once, beside the lookups for `explain`: of one account one. The others wait their turn.
pub(crate) const AUDIT_REPLAYS_RUNNING_MAX: usize = 2;

/// Searches of the audit over the API at once, beside the lookups for `explain`. The others wait their turn.
pub(crate) const AUDIT_SEARCHES_RUNNING_MAX: usize = 2;

/// Searches of one account, of which one runs and the others wait, and as many replays. More answers 429.
pub(crate) const AUDIT_SEARCHES_PER_ACCOUNT_MAX: usize = 4;

/// How long the records are read for one page of a search, or one listing of denials. Then the answer says that it is not complete.
pub(crate) const AUDIT_SEARCH_TIME: Duration = Duration::from_secs(5);

/// Records of one page of a search, and their bytes; one is always told. The next page has the others.
pub(crate) const AUDIT_PAGE_RECORDS_MAX: usize = 200;
/// See [`AUDIT_PAGE_RECORDS_MAX`].
pub(crate) const AUDIT_PAGE_BYTES_MAX: usize = 1024 * 1024;

/// Kinds of denials (caller, action, resource) in one listing. The rest is counted.
pub(crate) const AUDIT_DENIAL_GROUPS_MAX: usize = 1_000;

/// Indices that `GET /_countersign/domains/NAME/who-can` is asked about at once. More answers 400.
pub(crate) const WHO_CAN_INDICES_MAX: usize = 5;

/// Users, roles and internal users on one of its pages. The next page has the others.
pub(crate) const WHO_CAN_PRINCIPALS_MAX: usize = 50;

/// How long it judges for one page, but for its first principal. The next page goes on there.
pub(crate) const WHO_CAN_TIME: Duration = Duration::from_secs(5);

/// Bytes of one of its pages, but for its last principal. The next page has the others.
pub(crate) const WHO_CAN_PAGE_BYTES_MAX: usize = 1024 * 1024;

/// Decisions that it tells of one request. More are left out.
pub(crate) const WHO_CAN_DECISIONS_MAX: usize = 8;

/// Statements that it tells of one decision. More are left out.
pub(crate) const WHO_CAN_STATEMENTS_MAX: usize = 3;

/// Minutes of answers that are kept for `GET /_countersign/metrics/history`, of the service and of each domain. The oldest go first.
pub(crate) const METRICS_MINUTES_MAX: usize = 60;

/// How often the counters are taken for it.
pub(crate) const METRICS_MINUTE_TIME: Duration = Duration::from_secs(60);

/// Minutes of several gateways that one of them keeps for the sum of all. The oldest go first.
pub(crate) const GATEWAY_MINUTES_MAX: usize = 1_200;

/// How often a gateway looks for minutes of the others.
pub(crate) const GATEWAY_MINUTES_LOOK_TIME: Duration = Duration::from_secs(2);

/// Domains of which a gateway tells the others what it counted in a minute, the busiest first. Of more, the sum says that it is not complete.
pub(crate) const GATEWAY_MINUTE_DOMAINS_MAX: usize = 200;

/// How long recorded traffic is read for one request for a replay. Then the answer says that it is not complete.
pub(crate) const AUDIT_REPLAY_TIME: Duration = Duration::from_secs(20);

/// Kinds of decisions that would change (caller, action, resource) in the answer to such a request. The rest is counted.
pub(crate) const AUDIT_REPLAY_KINDS_MAX: usize = 2_000;

/// Resources listed in one audit record; the rest is counted.
pub(crate) const AUDIT_RESOURCES_MAX: usize = 100;

/// Decisions listed in one audit record (a bulk may have thousands of denied items).
pub(crate) const AUDIT_DECISIONS_MAX: usize = 20;

/// Texts of policies that denials were judged on, kept in the audit's folder (in memory without a data folder), and their bytes
/// together. The oldest are removed first.
pub(crate) const AUDIT_POLICIES_MAX: usize = 4_096;
/// See [`AUDIT_POLICIES_MAX`].
pub(crate) const AUDIT_POLICIES_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The time without a write of a policy's text after two that failed in a row; each further failure doubles it.
pub(crate) const AUDIT_POLICIES_PAUSE: Duration = Duration::from_millis(100);
/// The longest such time.
pub(crate) const AUDIT_POLICIES_PAUSE_MAX: Duration = Duration::from_secs(10);

/// Recorded denials that a proposed change is tried on.
pub(crate) const REPLAYED_DENIALS_MAX: usize = 10_000;

/// How long a proposed change is tried on recorded denials. The answer says how many were looked at.
pub(crate) const REPLAYED_DENIALS_TIME: Duration = Duration::from_secs(2);

/// Bytes of any one text that a client controls (path, query, user agent) in an audit record.
pub(crate) const AUDIT_TEXT_BYTES_MAX: usize = 2_048;

/// How long a connection is waited for. A service takes the default, which is the constants above; tests
/// of slow clients take less, so that nobody waits for them.
#[derive(Clone, Copy, Debug)]
pub struct TimeLimits {
    /// `HANDSHAKE_TIME`.
    pub handshake: Duration,
    /// `HEAD_TIME`.
    pub head: Duration,
    /// `BODY_PIECE_TIME`.
    pub body_piece: Duration,
    /// `BODY_TIME`.
    pub body: Duration,
    /// `DRAIN_BODY_TIME`.
    pub drain_body: Duration,
    /// `WRITE_STALL_TIME`.
    pub write_stall: Duration,
    /// `CURSOR_SWEEP_TIME`.
    pub cursor_sweep: Duration,
    /// `DISK_LOOK_TIME`.
    pub disk_look: Duration,
    /// `CERTIFICATE_LOOK_TIME`.
    pub certificate_look: Duration,
    /// `STORE_LOOK_TIME`.
    pub store_look: Duration,
    /// `GATEWAY_NEWS_TIME`.
    pub gateway_news: Duration,
    /// `METRICS_MINUTE_TIME`.
    pub metrics_minute: Duration,
    /// `MOVE_UNFOLLOWED_TIME`.
    pub move_unfollowed: Duration,
    /// `MOVE_PATIENCE_TIME`.
    pub move_patience: Duration,
    /// `MOVE_SWITCH_TIME`.
    pub move_switch: Duration,
    /// `DRAIN_TIME`.
    pub drain: Duration,
    /// `CALL_OFF_TIME`.
    pub call_off: Duration,
    /// `CLOSE_TIME`.
    pub close: Duration,
}

impl TimeLimits {
    /// How long a connection lives on once the service was told to stop.
    #[must_use]
    pub fn finish(&self) -> Duration {
        self.drain + self.call_off
    }
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            handshake: HANDSHAKE_TIME,
            head: HEAD_TIME,
            body_piece: BODY_PIECE_TIME,
            body: BODY_TIME,
            drain_body: DRAIN_BODY_TIME,
            write_stall: WRITE_STALL_TIME,
            move_unfollowed: MOVE_UNFOLLOWED_TIME,
            move_patience: MOVE_PATIENCE_TIME,
            move_switch: MOVE_SWITCH_TIME,
            drain: DRAIN_TIME,
            call_off: CALL_OFF_TIME,
            close: CLOSE_TIME,
            cursor_sweep: CURSOR_SWEEP_TIME,
            disk_look: DISK_LOOK_TIME,
            certificate_look: CERTIFICATE_LOOK_TIME,
            store_look: STORE_LOOK_TIME,
            gateway_news: GATEWAY_NEWS_TIME,
            metrics_minute: METRICS_MINUTE_TIME,
        }
    }
}

/// From the first packet to an OpenID Connect provider to the last of its keys.
pub(crate) const PROVIDER_TIME: Duration = Duration::from_secs(10);

/// Tokens of one OpenID Connect provider that wait for its keys at the same time.
pub(crate) const PROVIDER_WAITING_MAX: usize = 64;

/// Seconds for which an OpenID Connect provider that did not answer is not asked again.
pub(crate) const PROVIDER_FAILED_SECONDS: i64 = 10;

/// OpenID Connect providers whose keys are kept; if there are more, all are asked again.
pub(crate) const PROVIDERS_KEPT_MAX: usize = 1_000;

/// Bytes of what a cluster elsewhere says of itself: its metadata, its health. More answers 502.
pub(crate) const CLUSTER_METADATA_BYTES_MAX: usize = 256 * 1024 * 1024;

/// How old the metadata of a cluster elsewhere may be on which a request is judged. What changes through this service is seen
/// at once.
pub(crate) const CLUSTER_METADATA_TIME: Duration = Duration::from_secs(1);

/// A move of a domain to a cluster that nobody asks about for so long ends: the command that began it is gone.
pub(crate) const MOVE_UNFOLLOWED_TIME: Duration = Duration::from_secs(60);

/// How long the cluster of a move may be out of reach, or too busy, before the move ends.
pub(crate) const MOVE_PATIENCE_TIME: Duration = Duration::from_secs(60);

/// How long writes wait, at most, while a domain is handed over to its cluster.
pub(crate) const MOVE_SWITCH_TIME: Duration = Duration::from_secs(10);

/// How long whoever calls a move off waits for its end.
pub(crate) const MOVE_ENDS_TIME: Duration = Duration::from_secs(30);

/// How long a cluster may be out of reach that has what a deleted domain's move made: then that stays there.
pub(crate) const MOVE_FORGOTTEN_TIME: Duration = Duration::from_secs(5);

/// Deleted domains whose things are removed at a time from clusters that they share with others; the others wait.
pub(crate) const REMOVALS_RUNNING_MAX: usize = 4;

/// How long another pool's cluster may take to say which it is, before a domain moves.
pub(crate) const CLUSTER_UUID_TIME: Duration = Duration::from_secs(5);

/// How often a cluster elsewhere is asked how it is.
pub(crate) const CLUSTER_LOOK_TIME: Duration = Duration::from_secs(10);

/// Nodes of OpenSearch that a pool may be allowed to run on this host (`nodes_max`). A higher value is refused.
pub(crate) const POOL_NODES_MAX: usize = 200;

/// Bytes of what a node that this service started writes to its standard output; it begins anew beyond, with the last ones in a second file.
pub(crate) const NODE_OUTPUT_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// How long a repository of snapshots that cannot be read is left alone the first time; each time twice as long.
pub(crate) const REPOSITORY_READ_TIME: Duration = Duration::from_secs(5);

/// The longest that it is left alone.
pub(crate) const REPOSITORY_READ_TIME_MAX: Duration = Duration::from_secs(300);

/// Bytes of a cluster's answer that is put together with items which were not sent to it. More answers 502.
pub(crate) const CLUSTER_MERGED_BYTES_MAX: usize = 128 * 1024 * 1024;

/// Bytes that the sealed name of a cluster's cursor says, packed. One that would say more has a name that is good at its own gateway alone.
pub(crate) const CLUSTER_CURSOR_SEALED_BYTES_MAX: usize = 48 * 1024;

/// Cursors of a cluster's that were closed or ended with the right to them and are remembered, so that their names open nothing. Of more the earliest goes of whoever has most, and no name of that owner is good any more which ends before it; as many owners.
pub(crate) const CLUSTER_CURSORS_ENDED_MAX: usize = 10_000;

/// Bytes of a cluster's name for a scroll or a point in time. A longer one answers 502.
pub(crate) const CLUSTER_CURSOR_NAME_BYTES_MAX: usize = 1024 * 1024;

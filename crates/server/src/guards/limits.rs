//! Every limit of the porch, in one table: what a stranger may make us hold, and for how long.
//!
//! Each comment says what happens beyond the limit; `docs/reference/limits.md` is made from them, and from
//! the other crates' files of this name.

use std::time::Duration;

/// Header lines of one request. More answers 431.
pub const HEADER_LINES_MAX: usize = 100;

/// Bytes of one request's head (request line and headers). More answers 431.
/// Session tokens make heads of about 3 KiB; Node's own limit is 16 KiB.
pub const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Bytes of the request target. Elasticsearch's `http.max_initial_line_length` is 4 KiB; long
/// lists of indices and scroll ids need more. More answers 414.
pub const TARGET_BYTES_MAX: usize = 32 * 1024;

/// Query parameters of one request. More answers 400.
pub const QUERY_PARAMETERS_MAX: usize = 1_000;

/// Bytes of a data-plane body, as sent and as decoded: Elasticsearch's `http.max_content_length`. The
/// setting `domains.body_bytes_max` chooses another number. More answers 413.
pub const BODY_BYTES_MAX: usize = 100 * 1024 * 1024;

/// The highest that `domains.body_bytes_max` may be, as with Elasticsearch's. The setting is refused beyond.
pub const BODY_BYTES_CEILING: usize = 2 * 1024 * 1024 * 1024 - 1;

/// Bytes of a body kept in memory before its signature is proven. More go to a file.
pub const SPILL_FROM_BYTES: usize = 1024 * 1024;

/// Bytes of a body that is hashed together with what its signature covers, once it is there; a longer one is
/// hashed as it comes in.
pub const HASHED_AT_ONCE_BYTES_MAX: usize = 16 * 1024;

/// Bodies of domains that come in at once, over all, from one address (IPv6: its /64). More answers 429.
pub const BODIES_COMING_MAX: usize = 4_096;
/// See [`BODIES_COMING_MAX`].
pub const BODIES_COMING_PER_ADDRESS_MAX: usize = 256;

/// Bytes in memory of bodies of at most [`HASHED_AT_ONCE_BYTES_MAX`]: a reserve that larger ones cannot take, over all
/// and from one address. More answers 429.
pub const SMALL_BODIES_BYTES_MAX: usize = 64 * 1024 * 1024;
/// See [`SMALL_BODIES_BYTES_MAX`].
pub const SMALL_BODIES_BYTES_PER_ADDRESS_MAX: usize = 16 * 1024 * 1024;

/// Bytes in memory of larger bodies, from when they come in until they are served, from one address (setting
/// `limits.body_bytes_per_address`). More answers 429.
pub const BODY_BYTES_PER_ADDRESS_MAX: usize = 64 * 1024 * 1024;

/// Bytes of bodies in files at once over all requests. More answers 429.
pub const SPOOL_BYTES_MAX: usize = 4 * 1024 * 1024 * 1024 - 1;

/// Bytes of bodies in files from one address; one body always fits. More answers 429.
pub const SPOOL_BYTES_PER_ADDRESS_MAX: usize = 1024 * 1024 * 1024;

/// Bytes of bodies that were loaded from files, or unpacked, for calls that run: over all. Of one account half of it,
/// of one principal three eighths; one body always fits. More answers 429.
pub const LOADED_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Bodies of the control plane that come in at once: a reserve of its own, over all and from one address. More answers
/// 429.
pub const CONTROL_BODIES_COMING_MAX: usize = 512;
/// See [`CONTROL_BODIES_COMING_MAX`].
pub const CONTROL_BODIES_COMING_PER_ADDRESS_MAX: usize = 64;

/// Bytes of bodies of the control plane: a reserve of its own, over all and from one address. More answers 429.
pub const CONTROL_BODIES_BYTES_MAX: usize = 64 * 1024 * 1024;
/// See [`CONTROL_BODIES_BYTES_MAX`].
pub const CONTROL_BODIES_BYTES_PER_ADDRESS_MAX: usize = 8 * 1024 * 1024;

/// Bytes of a body that are written to its file, or read from it, at a time.
pub const SPOOL_WRITE_BYTES: usize = 256 * 1024;

/// Pieces of so many bytes that a body has in memory while it comes in: one is received, the others are hashed and
/// written, or wait for it.
pub const SPOOL_PIECES_MAX: usize = 4;

/// Bytes read ahead of TLS on a connection in the middle of a body; none in a head, or between requests.
pub const READ_AHEAD_BYTES: usize = 256 * 1024;

/// Connections that read ahead at once. Further ones read as much as TLS asks for, and are slower.
pub const READ_AHEADS_MAX: usize = 128;

/// Bytes of a control-plane body: an access policy is at most 100 KiB, and form encoding triples it.
/// More answers 413.
pub const CONTROL_BODY_BYTES_MAX: usize = 1024 * 1024;

/// Bytes of a refused body that are still read beyond what a body may have, so that a client which writes first and
/// reads afterwards sees the answer and not a reset connection; and as many of whatever an HTTP/1.1 client sends
/// behind the last answer. Beyond it the connection is closed, over HTTP/2 the stream reset.
pub const DRAIN_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How long the rest of a refused body is waited for, in all (over HTTP/2, where the answer does not wait for it, for
/// each piece), and behind the last answer for the client to close, too. Then the connection is closed.
pub const DRAIN_BODY_TIME: Duration = Duration::from_secs(2);

/// Bytes in memory of bodies of more than [`HASHED_AT_ONCE_BYTES_MAX`], from when they come in until they are served,
/// over all addresses (admission by bytes). More answers 429.
pub const BODIES_IN_FLIGHT_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Bytes of memory that all requests of all engines hold at once beside their bodies: buckets, sketches, hits, answers,
/// open scrolls. The setting `engine.memory_bytes_max` chooses another number. More answers 429, as Elasticsearch's
/// `circuit_breaking_exception`.
pub const ENGINE_MEMORY_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Connections open at once over all listeners. Then an idle one is closed for a new one; where none is, the new one
/// waits. From one address and to one listener as many as `limits.connections_per_address` and
/// `limits.connections_per_listener` say.
pub const CONNECTIONS_MAX: usize = 4_096;

/// Connections of those that only the control plane's listener takes: its reserve, and its most. From one address at
/// most a quarter; more are closed at once.
pub const CONTROL_CONNECTIONS_MAX: usize = 512;

/// Connections to the admin listener at once. Then the one that is open longest is closed.
pub const ADMIN_CONNECTIONS_MAX: usize = 64;

/// Calls that run at once, over all accounts: of domains, and as many of the control plane, each in a pool of its own;
/// more on a machine where two accounts' shares are more. The others wait their turn. Of one account run at most
/// `processors * 3 / 2 + 1`, as Elasticsearch's `search` pool has threads, of one principal three quarters of that
/// (settings `limits.calls_running_per_account`, `limits.calls_running_per_principal`).
pub const CALLS_RUNNING_MAX: usize = 32;

/// How long a call may run before its thread's priority is lowered, so that others' short calls go before it (Linux).
pub const SHORT_CALL_TIME: Duration = Duration::from_millis(10);

/// Calls that may wait for a turn in each of the two pools. More answers 429.
pub const CALLS_WAITING_MAX: usize = 4_000;

/// Calls of one account that may wait for a turn (setting `limits.calls_waiting_per_account`). More answers 429.
pub const CALLS_WAITING_PER_ACCOUNT_MAX: usize = 1_000;

/// Calls of one principal that may wait for a turn; all sessions of a role are one, callers without credentials are one
/// for each address (setting `limits.calls_waiting_per_principal`). More answers 429.
pub const CALLS_WAITING_PER_PRINCIPAL_MAX: usize = 500;

/// From the accepted connection to the finished TLS handshake. Then the connection is closed.
pub const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// From a connection's first byte of a head to its last; also how long an idle connection is kept.
/// Then the connection is closed; a head that was begun is recorded as 408.
pub const HEAD_TIME: Duration = Duration::from_secs(60);

/// Between two pieces of a body. More answers 408.
pub const BODY_PIECE_TIME: Duration = Duration::from_secs(30);

/// From the head to the end of the body. More answers 408.
pub const BODY_TIME: Duration = Duration::from_secs(600);

/// How long a client may refuse to take bytes of its answer before the connection is cut.
pub const WRITE_STALL_TIME: Duration = Duration::from_secs(60);

/// How long a call may run in the engine before its cancel flag is set and 504 is answered.
pub const CALL_TIME: Duration = Duration::from_secs(120);

/// How often abandoned cursors (scrolls) are looked for, so that what they hold is freed when their time is over.
/// Elasticsearch's `search.keep_alive_interval` is a minute.
pub const CURSOR_SWEEP_TIME: Duration = Duration::from_secs(30);

/// How long running requests may take to finish once the service was told to stop. Then they are called off.
pub const DRAIN_TIME: Duration = Duration::from_secs(5);

/// How long requests that were called off may take to answer. Then they are cut.
pub const CALL_OFF_TIME: Duration = Duration::from_secs(2);

/// How long engines may take to write down what they hold when the service stops. Then the rest is left to the
/// translogs, and the process ends: within 10 seconds whatever runs.
pub const CLOSE_TIME: Duration = Duration::from_secs(2);

/// Bytes of Basic credentials, encoded: a name of 64 and a password of 128 characters, with room.
pub const BASIC_CREDENTIALS_BYTES_MAX: usize = 1_024;

/// Passwords that are hashed at once: each takes 19 MiB (`control::HASH_MEMORY_KIB`).
pub const PASSWORD_HASHES_RUNNING_MAX: usize = 4;

/// Passwords that may wait to be hashed. More answers 429.
pub const PASSWORD_HASHES_WAITING_MAX: usize = 64;

/// Wrong passwords for one user name: at once, and per second after that (8,640 guesses a day). More answers 429.
pub const USER_FAILURES_BURST: f64 = 10.0;
/// See [`USER_FAILURES_BURST`].
pub const USER_FAILURES_PER_SECOND: f64 = 0.1;

/// Wrong passwords from one address: at once, and per second after that. More answers 429.
pub const SOURCE_PASSWORD_FAILURES_BURST: f64 = 30.0;
/// See [`SOURCE_PASSWORD_FAILURES_BURST`].
pub const SOURCE_PASSWORD_FAILURES_PER_SECOND: f64 = 1.0;

/// Keys of one throttle in each of its two generations: addresses and user names that failed lately.
pub const THROTTLED_MAX: usize = 32_768;

/// Signatures that the replay cache of one domain remembers, at about 100 bytes each: of one key at most half, which is
/// 833 requests a second for as long as a signature is good (5 minutes). More answers 429.
pub const REPLAY_SIGNATURES_MAX: usize = 500_000;

/// Streams at once on one HTTP/2 connection. More are reset.
pub const STREAMS_MAX: u32 = 128;

/// HTTP/2 streams that were reset before they were served: the rapid-reset guard (CVE-2023-44487). More
/// end the connection.
pub const RESET_STREAMS_MAX: usize = 64;

/// HTTP/2 frames without use to any request (SETTINGS, PING, PRIORITY, RST_STREAM, empty ones) within
/// [`IDLE_FRAMES_TIME`]. More end the connection.
pub const IDLE_FRAMES_MAX: usize = 1_000;

/// How long such frames are counted together.
pub const IDLE_FRAMES_TIME: Duration = Duration::from_secs(10);

/// Connections of workloads that fetch credentials, at once. Further ones wait in the kernel's queue.
pub const WORKLOAD_CONNECTIONS_MAX: usize = 64;

/// Bytes of the head of a workload's request: a token of 64 characters, and what SDKs say of themselves.
pub const WORKLOAD_HEAD_BYTES_MAX: usize = 16 * 1024;

/// Wrong tokens of workloads from one address: at once, and per second after that. More answers 429, to whoever
/// asks from there: high enough for a program that tries an old token over and over.
pub const WORKLOAD_FAILURES_BURST: f64 = 100.0;
/// See [`WORKLOAD_FAILURES_BURST`].
pub const WORKLOAD_FAILURES_PER_SECOND: f64 = 10.0;

/// From a workload's connection to its end.
pub const WORKLOAD_TIME: Duration = Duration::from_secs(30);

/// Bytes of answers that were made and are not sent yet, over all: then who has any of them is served nothing more until
/// it has read. More answers 429.
pub const ANSWERS_BYTES_MAX: usize = 1024 * 1024 * 1024;

/// Bytes of answers of one account that were made and are not sent yet; of a principal three quarters of it (setting
/// `limits.answer_bytes_per_account`). Who has more is served nothing until it has read: 429.
pub const ANSWER_BYTES_PER_ACCOUNT_MAX: usize = 256 * 1024 * 1024;

/// Bytes of an answer that are handed to its connection at a time.
pub const ANSWER_PIECE_BYTES: usize = 64 * 1024;

/// Answers up to this are not counted: their connections are.
pub const COUNTED_ANSWERS_FROM_BYTES: usize = 64 * 1024;

/// Answers shorter than this are never compressed.
pub const COMPRESS_FROM_BYTES: usize = 1_024;

/// Answers up to this are compressed by the thread that sends them, longer ones by the one that made them, which may
/// take its time.
pub const COMPRESS_AT_ONCE_BYTES_MAX: usize = 64 * 1024;

/// Bytes of audit records kept in memory for `explain`: about 16,000 records. The oldest go first.
pub const AUDIT_RING_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The same of records of callers who were refused before they proved anything.
pub const AUDIT_UNPROVEN_RING_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes of one audit file before a new one is begun, at most a sixteenth of all.
pub const AUDIT_FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Bytes of all audit files. The setting `audit.keep_bytes` chooses another number. The oldest file goes first.
pub const AUDIT_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// The least that `audit.keep_bytes` may be. The setting is refused below.
pub const AUDIT_BYTES_FLOOR: u64 = 16 * 1024 * 1024;

/// The highest that `audit.keep_bytes` may be. The setting is refused beyond.
pub const AUDIT_BYTES_CEILING: u64 = 1024 * 1024 * 1024 * 1024;

/// Bytes of the files with records of callers who were refused before they proved anything. The oldest file goes first;
/// the files of proven callers never do for them.
pub const AUDIT_UNPROVEN_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Such records of one address (IPv6: its /64) that are written in [`AUDIT_UNPROVEN_TIME`]. More are counted, and the
/// count is one record.
pub const AUDIT_UNPROVEN_RECORDS_MAX: usize = 300;

/// How long such records are counted together.
pub const AUDIT_UNPROVEN_TIME: Duration = Duration::from_secs(60);

/// Addresses that are counted each for itself. More are counted together.
pub const AUDIT_UNPROVEN_ADDRESSES_MAX: usize = 4_096;

/// Bytes of any one text in such a record.
pub const AUDIT_UNPROVEN_TEXT_BYTES_MAX: usize = 256;

/// Lookups of audit records in files at once, for `explain`. The others wait their turn.
pub const AUDIT_LOOKUPS_RUNNING_MAX: usize = 2;

/// Lookups that may wait for a turn. More answers 429.
pub const AUDIT_LOOKUPS_WAITING_MAX: usize = 16;

/// Resources listed in one audit record; the rest is counted.
pub const AUDIT_RESOURCES_MAX: usize = 100;

/// Decisions told in one audit record (a bulk may have thousands of denied items).
pub const AUDIT_DECISIONS_MAX: usize = 20;

/// Bytes of any one text a client controls (path, query, user agent) in an audit record.
pub const AUDIT_TEXT_BYTES_MAX: usize = 2_048;

/// How long a connection is waited for. A service takes the default, which is the constants above; tests
/// of slow clients take less, so that nobody waits for them.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// [`HANDSHAKE_TIME`].
    pub handshake: Duration,
    /// [`HEAD_TIME`].
    pub head: Duration,
    /// [`BODY_PIECE_TIME`].
    pub body_piece: Duration,
    /// [`BODY_TIME`].
    pub body: Duration,
    /// [`DRAIN_BODY_TIME`].
    pub drain_body: Duration,
    /// [`WRITE_STALL_TIME`].
    pub write_stall: Duration,
    /// [`CURSOR_SWEEP_TIME`].
    pub cursor_sweep: Duration,
    /// [`DRAIN_TIME`].
    pub drain: Duration,
    /// [`CALL_OFF_TIME`].
    pub call_off: Duration,
    /// [`CLOSE_TIME`].
    pub close: Duration,
}

impl Times {
    /// How long a connection lives on once the service was told to stop.
    #[must_use]
    pub fn finish(&self) -> Duration {
        self.drain + self.call_off
    }
}

impl Default for Times {
    fn default() -> Self {
        Self {
            handshake: HANDSHAKE_TIME,
            head: HEAD_TIME,
            body_piece: BODY_PIECE_TIME,
            body: BODY_TIME,
            drain_body: DRAIN_BODY_TIME,
            write_stall: WRITE_STALL_TIME,
            drain: DRAIN_TIME,
            call_off: CALL_OFF_TIME,
            close: CLOSE_TIME,
            cursor_sweep: CURSOR_SWEEP_TIME,
        }
    }
}

/// From the first packet to an OpenID Connect provider to the last of its keys.
pub const PROVIDER_TIME: Duration = Duration::from_secs(10);

/// Tokens of one OpenID Connect provider that wait for its keys at the same time.
pub const PROVIDER_WAITING_MAX: usize = 64;

/// Seconds for which an OpenID Connect provider that did not answer is not asked again.
pub const PROVIDER_FAILED_SECONDS: i64 = 10;

/// OpenID Connect providers whose keys are kept; when there are more, all are asked anew.
pub const PROVIDERS_KEPT_MAX: usize = 1_000;

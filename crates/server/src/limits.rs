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

/// Bytes of bodies in files at once over all requests. More answers 429.
pub const SPOOL_BYTES_MAX: usize = 4 * 1024 * 1024 * 1024 - 1;

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

/// Bytes of an unread body that are still read before a refusal is sent, so that a client which
/// writes first and reads afterwards sees the answer and not a reset connection; and as many of whatever
/// an HTTP/1.1 client sends behind the last answer. Beyond it the connection is closed.
pub const DRAIN_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How long the rest of a refused body is waited for, in all, and behind the last answer for the client
/// to close, too. Then the connection is closed.
pub const DRAIN_BODY_TIME: Duration = Duration::from_secs(2);

/// Bytes of bodies held at once over all requests (admission by bytes). More answers 429.
pub const BODIES_IN_FLIGHT_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Bytes of memory that all requests of all engines hold at once beside their bodies: buckets, sketches, hits, answers,
/// open scrolls. The setting `engine.memory_bytes_max` chooses another number. More answers 429, as Elasticsearch's
/// `circuit_breaking_exception`.
pub const ENGINE_MEMORY_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Connections open at once over all listeners. Further ones wait in the kernel's queue.
pub const CONNECTIONS_MAX: usize = 4_096;

/// Engine and control calls that run at once; the others wait their turn.
pub const CALLS_RUNNING_MAX: usize = 32;

/// Engine and control calls that may wait for a turn. More answers 429.
pub const CALLS_WAITING_MAX: usize = 1_000;

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

/// How long running requests may take to finish once the service was told to stop. Then they are cut.
pub const DRAIN_TIME: Duration = Duration::from_secs(10);

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

/// Answers shorter than this are never compressed.
pub const COMPRESS_FROM_BYTES: usize = 1_024;

/// Audit records kept in memory for `explain`.
pub const AUDIT_RING_MAX: usize = 10_000;

/// Bytes of one audit file before a new one is begun.
pub const AUDIT_FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Audit files kept; the oldest goes first.
pub const AUDIT_FILES_MAX: usize = 16;

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
        }
    }
}

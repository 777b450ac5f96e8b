//! What the console keeps and reads, at most.

use std::time::Duration;

/// Sessions of the console that are kept at once. Beyond it, of the user or role that has most in the account that has most, the one
/// that was not used for the longest time ends.
pub const SESSIONS_MAX: usize = 1_000;

/// Sessions of one ARN that are kept at once. Beyond it, its own that was not used for the longest time ends.
pub const SESSIONS_PER_ARN_MAX: usize = 20;

/// How long a session of the console lasts without a request. After that its caller signs in again.
pub const SESSION_IDLE_MAX: Duration = Duration::from_secs(3_600);

/// Bytes of a form. More answers 413.
pub const FORM_BYTES_MAX: usize = 1024 * 1024;

/// Bytes of a form of somebody who is not signed in: of a sign-in. More answers 413.
pub const STRANGERS_FORM_BYTES_MAX: usize = 64 * 1024;

/// Bytes of a form that are kept while its sender, whose session was over, signs in again. Of a longer one the sender is told so.
pub const KEPT_FORM_BYTES_MAX: usize = 24 * 1024;

/// Bytes that the console reads of an API's answer for a page. Of a longer one the page says so.
pub const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Requests of the request pane that a session remembers. More push out the oldest.
pub const HISTORY_MAX: usize = 20;

/// Bytes of the requests that a session remembers. The oldest go first; a longer request is sent and not remembered.
pub const HISTORY_BYTES_MAX: usize = 64 * 1024;

/// Roles that a session remembers to have switched to.
pub const ROLES_REMEMBERED_MAX: usize = 5;

/// Characters that are kept of what a browser says of itself.
pub const USER_AGENT_CHARS_MAX: usize = 256;

/// Characters of the name that a role is shown as. A longer one answers 400.
pub const DISPLAY_NAME_CHARS_MAX: usize = 64;

/// Sign-ins with identity providers that are under way at once. Beyond it, the oldest of the network (of IPv4 /24, of IPv6 /48) that has most
/// is forgotten.
pub const ATTEMPTS_MAX: usize = 2_000;

/// The same of one address. Beyond it, the oldest of its own is forgotten.
pub const ATTEMPTS_PER_ADDRESS_MAX: usize = 20;

/// How long a visitor may take to sign in with an identity provider.
pub const ATTEMPT_TIME: Duration = Duration::from_secs(600);

/// Bytes of a form that brings a SAML response: Amazon takes 100,000 characters of one. More answers 413.
pub const SAML_FORM_BYTES_MAX: usize = 192 * 1024;

/// Characters of the region of a session. A longer one answers 400.
pub const REGION_CHARS_MAX: usize = 64;

/// Bytes of a page's address that a sign-in returns to. A longer one returns to the first page.
pub const NEXT_BYTES_MAX: usize = 2_048;

/// Combinations of statements that a comparison of two access policies may visit in the console. Beyond it, the page says that
/// it was not decided.
pub const COMPARED_CELLS_MAX: usize = 50_000;

/// Lines of each of two policies that are compared line by line. Longer ones are shown one after the other.
pub const DIFF_LINES_MAX: usize = 1_000;

/// Decisions that recorded traffic would read under another policy that a page shows. Beyond it, the page says how many there are.
pub const REPLAYED_SHOWN_MAX: usize = 50;

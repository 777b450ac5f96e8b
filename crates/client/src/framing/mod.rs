//! Where heads and bodies of HTTP/1.1 begin and end, watched on the bytes before hyper reads them.
//!
//! hyper is as lenient as RFC 9112 lets a server be, and forgets what it saw: of a request with both
//! `Transfer-Encoding` and `Content-Length` it drops the length, of two equal lengths one, and a bare LF
//! ends a line. Each is how two readers of the same bytes come to see two requests (section 11.2), so here
//! each is a fault. In a head, [`Framing::watch`] puts a NUL in its place, which no parser of heads lets
//! pass: hyper answers 400 and closes, at exactly that place in the stream, after the requests before it.
//!
//! Nothing is kept but a few counters, so nothing can be made to grow. What is let through is so strict
//! that hyper cannot see other boundaries in it: lines end in CRLF, lengths are digits, chunks are
//! `HEX [;…] CRLF`. `docs/decisions/0053-hyper-and-its-own-answers.md` says why this is enough.
//!
//! Both listeners stand on it: the service's and the signing proxy's.

use std::fmt;

/// A watcher of one connection.
#[derive(Debug, Default)]
pub struct Framing {
    state: State,
    head: Head,
    fault: Option<Fault>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before a head; empty lines are skipped (RFC 9112, section 2.2).
    #[default]
    Between,
    /// Behind the CR of an empty line before a head.
    BetweenLf,
    /// In a line of a head, or of trailers.
    Line,
    /// Behind the CR of such a line.
    LineLf,
    /// In a body, or in a chunk of one; so many bytes are left, at least one.
    Bytes { left: u64, chunk: bool },
    /// In a chunk's size.
    Size { size: u64, digits: u8 },
    /// In a chunk's extension.
    Extension { size: u64 },
    /// Behind the CR of a chunk's size.
    SizeLf { size: u64 },
    /// Behind a chunk's bytes.
    ChunkCr,
    /// Behind the CR behind a chunk's bytes.
    ChunkLf,
    /// A fault was found. hyper ends the connection; what follows is nobody's.
    Over,
}

/// What was seen of a head, or of trailers.
#[derive(Debug, Default)]
struct Head {
    /// Trailers look like a head and decide nothing.
    trailers: bool,
    /// The request line is behind us.
    fields: bool,
    request: RequestLine,
    line: Line,
    length: Option<u64>,
    coded: bool,
}

/// What was seen of a line.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    /// Its bytes so far; counted up to the colon.
    at: usize,
    /// Whether the name can still be `Content-Length`.
    length: bool,
    /// Whether the name can still be `Transfer-Encoding`.
    coding: bool,
    /// The colon is behind us.
    value: bool,
    digits: Option<u64>,
    /// A blank behind the digits was seen.
    closed: bool,
}

/// What was seen of a request line: method, target, version (RFC 9112, section 3).
#[derive(Clone, Copy, Debug, Default)]
struct RequestLine {
    part: Part,
    /// Bytes of the part so far.
    at: usize,
    /// Where the target ends.
    target_end: usize,
    /// The method is `HEAD` as far as it was seen.
    head: bool,
    /// The method is no word of capital letters: nothing else is said of the line.
    odd: bool,
    /// The `?` of the target is behind us.
    query: bool,
    /// A character of several bytes in the target.
    sequence: Sequence,
}

/// What is left of a character of several bytes in UTF-8 (RFC 3629, section 4).
#[derive(Clone, Copy, Debug, Default)]
struct Sequence {
    first: u8,
    /// Its position.
    at: usize,
    /// Bytes that must follow.
    left: u8,
    /// What the next of them may be.
    range: (u8, u8),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Method,
    Target,
    Version,
}

/// Why bytes are refused: two readers could see two requests in them, or no reader of ours takes them.
/// Its text is what the client reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A character of the request target that must be percent-encoded.
    Target {
        /// Which.
        byte: u8,
        /// The position in the target, counted from 1.
        position: usize,
    },
    /// A request target that does not begin with `/`.
    Start,
    /// A line that ends otherwise than in CRLF.
    LineEnd,
    /// A header that goes on in the next line (RFC 9112, section 5.2).
    Folded,
    /// A `Content-Length` that is no plain number.
    Length,
    /// Two of them.
    Lengths,
    /// Two headers `Transfer-Encoding`.
    Codings,
    /// Both of them.
    LengthAndCoding,
    /// HTTP/2 where the handshake chose HTTP/1.1.
    Preface,
    /// A body whose chunks are not `HEX [;…] CRLF`.
    Chunk,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target { byte, position } => {
                write!(f, "byte {position} of the request target is ")?;
                match byte {
                    b' ' => f.write_str("a space")?,
                    b'!'..=b'~' => write!(f, "'{}'", char::from(*byte))?,
                    0x80.. => return f.write_str("not UTF-8: send it percent-encoded"),
                    _ => write!(f, "the control character 0x{byte:02X}")?,
                }
                write!(f, ": send it percent-encoded, as %{byte:02X}")
            }
            Self::Start => f.write_str("the request target does not begin with '/'"),
            Self::LineEnd => f.write_str("a line of the head does not end in CRLF"),
            Self::Folded => f.write_str("a header continues on the next line"),
            Self::Length => f.write_str("a Content-Length that is not a plain number"),
            Self::Lengths => f.write_str("more than one Content-Length"),
            Self::Codings => f.write_str("more than one Transfer-Encoding"),
            Self::LengthAndCoding => f.write_str("both Transfer-Encoding and Content-Length"),
            Self::Preface => f.write_str(
                "HTTP/2 on a connection for HTTP/1.1: HTTP/2 must be negotiated by ALPN",
            ),
            Self::Chunk => f.write_str("a chunk that is not HEX CRLF BYTES CRLF"),
        }
    }
}

/// The first character of a target (path and query, as sent) that must be percent-encoded, and its position,
/// counted from 1: what RFC 3986 does not allow and `http::Uri` does not take.
#[must_use]
pub fn raw_character(target: &[u8]) -> Option<(u8, usize)> {
    let mut query = false;
    for (index, byte) in target.iter().enumerate() {
        if must_be_encoded(*byte, query) {
            return Some((*byte, index + 1));
        }
        query |= *byte == b'?';
    }
    let valid = std::str::from_utf8(target).err()?.valid_up_to();
    target.get(valid).map(|byte| (*byte, valid + 1))
}

fn must_be_encoded(byte: u8, query: bool) -> bool {
    match byte {
        0..=b' ' | 0x7f | b'<' | b'>' | b'#' => true,
        b'"' => query,
        b'`' => !query,
        _ => false,
    }
}

/// More than one TLS record.
const BULK_FROM_BYTES: u64 = 16 * 1024;

const LENGTH: &[u8] = b"content-length";
const CODING: &[u8] = b"transfer-encoding";

/// HTTP/2 where the handshake chose HTTP/1.1: hyper would leave without a word.
const PREFACE: &[u8] = b"PRI * HTTP/2.0";

/// Stands where a fault of a head was: a NUL is part of no method, target, name, value or line end.
const POISON: u8 = 0;

impl Framing {
    /// Whether a head was begun and is not complete.
    #[must_use]
    pub fn in_head(&self) -> bool {
        matches!(self.state, State::Line | State::LineLf) && !self.head.trailers
    }

    /// Whether a body was begun of which much may still come.
    #[must_use]
    pub fn in_bulk(&self) -> bool {
        match self.state {
            State::Bytes { left, chunk } => chunk || left > BULK_FROM_BYTES,
            state => self.is_body(state),
        }
    }

    /// What was found at fault, if anything was; `None` also for what only hyper does not take.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Whether the head that is coming in, or came in last, is of a request that HEAD asks: its answer has no
    /// content (RFC 9110, section 9.3.2).
    #[must_use]
    pub fn is_head(&self) -> bool {
        self.head.request.head && self.head.request.part != Part::Method
    }

    /// Watches the next bytes of the connection. `None`: hyper may read them; a fault of a head among them
    /// is poisoned. `Some(n)`: behind the first `n` of them a body has a fault, and since bytes of a body
    /// are data, nothing behind it may be read.
    pub fn watch(&mut self, bytes: &mut [u8]) -> Option<usize> {
        let length = bytes.len();
        let mut rest = bytes;
        while let Some((byte, after)) = std::mem::take(&mut rest).split_first_mut() {
            let here = length - after.len() - 1;
            rest = after;
            match self.state {
                State::Over => return None,
                State::Bytes { left, chunk } => {
                    let more = rest.len().min(usize::try_from(left - 1).unwrap_or(usize::MAX));
                    rest = rest.get_mut(more..).unwrap_or_default();
                    self.state = match left - 1 - more as u64 {
                        0 if chunk => State::ChunkCr,
                        0 => State::Between,
                        left => State::Bytes { left, chunk },
                    };
                }
                State::Line if self.head.in_free_text() && !ends_line(*byte) => {
                    let more = before_first(rest, ends_line);
                    rest = rest.get_mut(more..).unwrap_or_default();
                }
                State::Line if self.head.in_other_name() && !ends_name(*byte) => {
                    let more = before_first(rest, ends_name);
                    rest = rest.get_mut(more..).unwrap_or_default();
                }
                before => match self.step(*byte) {
                    Ok(state) => self.state = state,
                    Err(fault) => {
                        self.state = State::Over;
                        self.fault = Some(fault);
                        if self.is_body(before) {
                            return Some(here);
                        }
                        *byte = POISON;
                    }
                },
            }
        }
        None
    }

    fn is_body(&self, state: State) -> bool {
        match state {
            State::Between | State::BetweenLf | State::Over => false,
            State::Line | State::LineLf => self.head.trailers,
            _ => true,
        }
    }

    fn step(&mut self, byte: u8) -> Result<State, Fault> {
        match (self.state, byte) {
            (State::Between, b'\r') => Ok(State::BetweenLf),
            (State::BetweenLf, b'\n') => Ok(State::Between),
            (State::Between, _) => {
                self.head = Head::default();
                self.head.byte(byte)
            }
            (State::Line, _) => self.head.byte(byte),
            (State::LineLf, b'\n') => self.head.line_end(),
            (State::Size { size, digits }, _) => in_size(size, digits, byte),
            (State::Extension { size }, b'\r') => Ok(State::SizeLf { size }),
            (State::Extension { size }, _) if byte != b'\n' => Ok(State::Extension { size }),
            (State::SizeLf { size: 0 }, b'\n') => {
                self.head = Head { trailers: true, fields: true, ..Head::default() };
                Ok(State::Line)
            }
            (State::SizeLf { size }, b'\n') => Ok(State::Bytes { left: size, chunk: true }),
            (State::ChunkCr, b'\r') => Ok(State::ChunkLf),
            (State::ChunkLf, b'\n') => Ok(State::Size { size: 0, digits: 0 }),
            (State::BetweenLf | State::LineLf, _) => Err(Fault::LineEnd),
            _ => Err(Fault::Chunk),
        }
    }
}

impl Head {
    /// Whether nothing is looked at before the line's end: in a header's value, unless that is the length.
    fn in_free_text(&self) -> bool {
        self.fields && self.line.value && (self.trailers || !self.line.length)
    }

    /// Whether nothing is looked at before the name's end: in the name of a header that says nothing of framing.
    fn in_other_name(&self) -> bool {
        let line = &self.line;
        self.fields && !line.value && line.at > 0 && !line.length && !line.coding
    }

    /// A byte of a line.
    fn byte(&mut self, byte: u8) -> Result<State, Fault> {
        let line = &mut self.line;
        match byte {
            b'\r' => return Ok(State::LineLf),
            b'\n' => return Err(Fault::LineEnd),
            // A line that goes on with the value of the one before (obs-fold).
            b' ' | b'\t' if line.at == 0 && self.fields => return Err(Fault::Folded),
            _ if !self.fields => {
                let as_far = PREFACE.get(line.at) == Some(&byte);
                line.at = if as_far { line.at + 1 } else { PREFACE.len() + 1 };
                if line.at == PREFACE.len() {
                    return Err(Fault::Preface);
                }
                self.request.byte(byte)?;
            }
            b':' if !line.value => {
                line.value = true;
                line.length &= line.at == LENGTH.len();
                line.coding &= line.at == CODING.len();
                line.at = line.at.max(1);
            }
            _ if !line.value => {
                let same = |name: &[u8]| name.get(line.at) == Some(&byte.to_ascii_lowercase());
                (line.length, line.coding) = if line.at == 0 {
                    (same(LENGTH), same(CODING))
                } else {
                    (line.length && same(LENGTH), line.coding && same(CODING))
                };
                line.at += 1;
            }
            _ if line.length && !self.trailers => line.digit(byte)?,
            _ => {}
        }
        Ok(State::Line)
    }

    /// The LF of a line: the empty one ends the head.
    fn line_end(&mut self) -> Result<State, Fault> {
        let line = std::mem::take(&mut self.line);
        if line.at == 0 {
            return self.end();
        }
        if std::mem::replace(&mut self.fields, true) && !self.trailers && line.value {
            if line.length {
                let twice = self.length.replace(line.digits.ok_or(Fault::Length)?).is_some();
                if twice {
                    return Err(Fault::Lengths);
                }
            }
            if line.coding && std::mem::replace(&mut self.coded, true) {
                return Err(Fault::Codings);
            }
        }
        Ok(State::Line)
    }

    /// What follows the head. Which codings there may be, `parse` says.
    fn end(&self) -> Result<State, Fault> {
        match (self.length, self.coded) {
            _ if self.trailers => Ok(State::Between),
            (Some(_), true) => Err(Fault::LengthAndCoding),
            (None, true) => Ok(State::Size { size: 0, digits: 0 }),
            (None | Some(0), false) => Ok(State::Between),
            (Some(left), false) => Ok(State::Bytes { left, chunk: false }),
        }
    }
}

impl Line {
    /// A byte of a length: blanks, digits, blanks (RFC 9110, section 8.6; lists of equal lengths are legal
    /// there and refused here).
    fn digit(&mut self, byte: u8) -> Result<(), Fault> {
        match byte {
            b' ' | b'\t' => self.closed = self.digits.is_some(),
            b'0'..=b'9' if !self.closed => {
                let grown = self.digits.unwrap_or(0).checked_mul(10);
                let grown = grown.and_then(|value| value.checked_add(u64::from(byte - b'0')));
                self.digits = Some(grown.ok_or(Fault::Length)?);
            }
            _ => return Err(Fault::Length),
        }
        Ok(())
    }
}

impl RequestLine {
    /// A byte of the line but its CRLF.
    fn byte(&mut self, byte: u8) -> Result<(), Fault> {
        const HEAD: &[u8] = b"HEAD";
        const VERSION: &[u8] = b"HTTP/";
        let at = self.at;
        self.at += 1;
        match self.part {
            Part::Method if byte == b' ' => {
                self.head &= at == HEAD.len();
                (self.part, self.at) = (Part::Target, 0);
            }
            Part::Method => {
                self.head = (at == 0 || self.head) && HEAD.get(at) == Some(&byte);
                self.odd |= !byte.is_ascii_uppercase();
            }
            Part::Target => {
                self.sequence.byte(byte, at)?;
                if byte == b' ' {
                    (self.part, self.at, self.target_end) = (Part::Version, 0, at);
                } else if must_be_encoded(byte, self.query) {
                    return Err(Fault::Target { byte, position: at + 1 });
                }
                self.query |= byte == b'?';
            }
            // What follows is no version, so the space before it belongs to the target.
            Part::Version if !self.odd && VERSION.get(at).is_some_and(|want| *want != byte) => {
                return Err(Fault::Target { byte: b' ', position: self.target_end + 1 });
            }
            Part::Version => {}
        }
        Ok(())
    }
}

impl Sequence {
    /// The byte of the target at `at`.
    fn byte(&mut self, byte: u8, at: usize) -> Result<(), Fault> {
        if self.left > 0 {
            let (least, most) = std::mem::replace(&mut self.range, (0x80, 0xbf));
            if !(least..=most).contains(&byte) {
                return Err(Fault::Target { byte: self.first, position: self.at + 1 });
            }
            self.left -= 1;
            return Ok(());
        }
        let (left, range) = match byte {
            0..0x80 => return Ok(()),
            0xc2..=0xdf => (1, (0x80, 0xbf)),
            0xe0 => (2, (0xa0, 0xbf)),
            0xed => (2, (0x80, 0x9f)),
            0xe1..=0xef => (2, (0x80, 0xbf)),
            0xf0 => (3, (0x90, 0xbf)),
            0xf1..=0xf3 => (3, (0x80, 0xbf)),
            0xf4 => (3, (0x80, 0x8f)),
            _ => return Err(Fault::Target { byte, position: at + 1 }),
        };
        *self = Self { first: byte, at, left, range };
        Ok(())
    }
}

/// Whether a line of a head ends here, or seems to.
fn ends_line(byte: u8) -> bool {
    (byte == b'\r') | (byte == b'\n')
}

/// Whether the name of a header ends here.
fn ends_name(byte: u8) -> bool {
    (byte == b':') | ends_line(byte)
}

/// How many bytes there are before the first that is wanted. Looked at in pieces, without a branch for each byte: nearly all
/// of a head is skipped so. (Of a fixed length, and a closure of its own for each: only so the compiler compares a piece at once.)
fn before_first(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    let (pieces, _) = bytes.as_chunks::<16>();
    let has = |piece: &[u8; 16]| piece.iter().fold(false, |found, byte| found | wanted(*byte));
    let skipped = pieces.iter().take_while(|piece| !has(piece)).count() * 16;
    let rest = bytes.get(skipped..).unwrap_or_default();
    skipped + rest.iter().position(|byte| wanted(*byte)).unwrap_or(rest.len())
}

/// A byte of a chunk's size.
fn in_size(size: u64, digits: u8, byte: u8) -> Result<State, Fault> {
    match (char::from(byte).to_digit(16), byte) {
        // Sixteen digits are all that a u64 holds, so this cannot overflow.
        (Some(digit), _) if digits < 16 => {
            Ok(State::Size { size: size << 4 | u64::from(digit), digits: digits + 1 })
        }
        (None, b';') if digits > 0 => Ok(State::Extension { size }),
        (None, b'\r') if digits > 0 => Ok(State::SizeLf { size }),
        _ => Err(Fault::Chunk),
    }
}

#[cfg(test)]
mod tests;

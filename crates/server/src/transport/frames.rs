//! HTTP/2 frames that cost work and carry nothing, counted on the bytes before hyper reads them.
//!
//! h2 has limits of its own for streams that are opened and reset and for CONTINUATION; a flood of
//! SETTINGS, PING, PRIORITY, RST_STREAM or empty frames (CVE-2019-9512, -9514, -9515, -9518) it answers
//! without end. Here such frames are counted, and beyond
//! [`IDLE_FRAMES_MAX`](crate::guards::limits::IDLE_FRAMES_MAX) in
//! [`IDLE_FRAMES_TIME`](crate::guards::limits::IDLE_FRAMES_TIME) the connection is cut. Only the nine bytes of a
//! frame's head are looked at (RFC 9113, section 4.1); what they mean for a stream is h2's business.

use tokio::time::Instant;

use crate::guards::limits;

/// A counter of one connection.
#[derive(Debug)]
pub(crate) struct Frames {
    /// Bytes until the next frame's head: first the preface, then payloads.
    skip: usize,
    /// How much of a frame's head was read.
    have: usize,
    length: usize,
    kind: u8,
    flags: u8,
    idle: usize,
    since: Option<Instant>,
}

/// The bytes before the first frame (RFC 9113, section 3.4).
const PREFACE_BYTES: usize = 24;
const HEAD_BYTES: usize = 9;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;

impl Default for Frames {
    fn default() -> Self {
        Self { skip: PREFACE_BYTES, have: 0, length: 0, kind: 0, flags: 0, idle: 0, since: None }
    }
}

impl Frames {
    /// Watches the next bytes, read at `now`. False: this is a flood.
    #[must_use]
    pub(crate) fn watch(&mut self, mut bytes: &[u8], now: Instant) -> bool {
        loop {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            let Some((byte, rest)) = bytes.get(skipped..).and_then(<[u8]>::split_first) else {
                return true;
            };
            bytes = rest;
            match self.have {
                0..=2 => self.length = self.length << 8 | usize::from(*byte),
                3 => self.kind = *byte,
                4 => self.flags = *byte,
                _ => {}
            }
            self.have += 1;
            if self.have == HEAD_BYTES {
                if self.is_idle() && !self.count(now) {
                    return false;
                }
                self.skip = std::mem::take(&mut self.length);
                self.have = 0;
            }
        }
    }

    /// Whether a body was begun of which much may still come.
    #[must_use]
    pub(crate) fn in_bulk(&self) -> bool {
        self.kind == DATA && self.flags & END_STREAM == 0
    }

    /// Whether the frame moves no request forward. WINDOW_UPDATE does: every download sends many.
    fn is_idle(&self) -> bool {
        match self.kind {
            DATA => self.length == 0 && self.flags & END_STREAM == 0,
            CONTINUATION => self.length == 0,
            HEADERS | WINDOW_UPDATE => false,
            _ => true,
        }
    }

    fn count(&mut self, now: Instant) -> bool {
        let since = *self.since.get_or_insert(now);
        if now.duration_since(since) > limits::IDLE_FRAMES_TIME {
            (self.since, self.idle) = (Some(now), 0);
        }
        self.idle += 1;
        self.idle <= limits::IDLE_FRAMES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags, 0, 0, 0, 1], payload].concat()
    }

    /// Whether so many of one frame pass at one instant, read in pieces of seven bytes.
    fn pass(frame: &[u8], count: usize) -> bool {
        let mut frames = Frames::default();
        let now = Instant::now();
        let bytes = [vec![0; PREFACE_BYTES], frame.repeat(count)].concat();
        bytes.chunks(7).all(|piece| frames.watch(piece, now))
    }

    #[test]
    fn a_flood_of_frames_that_carry_nothing_is_seen() {
        for frame in [
            frame(2, 0, &[0; 5]),
            frame(3, 0, &[0; 4]),
            frame(4, 0, &[]),
            frame(6, 0, &[0; 8]),
            frame(DATA, 0, &[]),
            frame(CONTINUATION, 0, &[]),
            frame(200, 0, &[]),
        ] {
            assert!(pass(&frame, limits::IDLE_FRAMES_MAX), "{frame:?}");
            assert!(!pass(&frame, limits::IDLE_FRAMES_MAX + 1), "{frame:?}");
        }
    }

    #[test]
    fn frames_of_requests_are_not_counted() {
        for frame in [
            frame(HEADERS, 5, &[1, 2, 3]),
            frame(DATA, 0, b"x"),
            frame(DATA, END_STREAM, &[]),
            frame(WINDOW_UPDATE, 0, &[0; 4]),
        ] {
            assert!(pass(&frame, limits::IDLE_FRAMES_MAX * 3), "{frame:?}");
        }
    }

    #[test]
    fn much_is_expected_only_behind_data_that_does_not_end_its_stream() {
        for (frame, bulk) in [
            (frame(HEADERS, 4, &[1, 2, 3]), false),
            (frame(DATA, 0, b"x"), true),
            (frame(DATA, END_STREAM, b"x"), false),
        ] {
            let mut frames = Frames::default();
            assert!(frames.watch(&[0; PREFACE_BYTES], Instant::now()));
            assert!(frames.watch(&frame, Instant::now()));
            assert_eq!(frames.in_bulk(), bulk, "{frame:?}");
        }
    }

    #[test]
    fn time_forgives() {
        let mut frames = Frames::default();
        let now = Instant::now();
        let pings = frame(6, 0, &[0; 8]).repeat(limits::IDLE_FRAMES_MAX);
        assert!(frames.watch(&[0; PREFACE_BYTES], now));
        assert!(frames.watch(&pings, now));
        let later = now + limits::IDLE_FRAMES_TIME + std::time::Duration::from_secs(1);
        assert!(frames.watch(&pings, later));
    }
}

//! Splits the terminal's bytes into sequences, and turns them into input.
//!
//! No I/O and no clock: bytes arrive in any pieces. The reader calls [`Decoder::give_up`] when the rest of a sequence does not
//! arrive, since only a timeout separates the Esc key from the start of a sequence. Answers of the terminal (OSC, DCS, APC,
//! reports) are dropped: otail never asks, so another program asked for them.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::sequences::{self, Meaning};
use super::{Input, MAX_PASTE};

#[derive(Debug, Default)]
pub(super) struct Decoder {
    state: DecoderState,
    /// The parameters of a control sequence, the bytes of a character, or the text of a paste.
    held: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum DecoderState {
    #[default]
    Ground,
    /// After ESC.
    Escape,
    /// In a character that lacks `missing` bytes, after ESC or not.
    Character { alt: bool, missing: u8 },
    /// After ESC O: one more byte.
    Single,
    /// After ESC [: parameters, then a last byte.
    Control,
    /// After ESC [ [: one more byte, for the Linux console's function keys.
    Console,
    /// After ESC [ M: three more bytes.
    OldMouse,
    /// In an answer (after ESC ] and similar), up to BEL or ESC \.
    Answer { introducer: u8, empty: bool, escape: bool },
    /// In a paste, up to ESC [ 201 ~; `matched` bytes of that end have arrived.
    Paste { matched: usize },
}

const PASTE_END: &[u8] = b"\x1b[201~";
/// The longest parameters that are kept. No key has longer ones; otail only looks for the end of a longer sequence.
const MAX_PARAMETERS: usize = 64;

impl Decoder {
    pub(super) fn feed(&mut self, mut bytes: &[u8], emit: &mut dyn FnMut(Input)) {
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.state == (DecoderState::Paste { matched: 0 }) {
                let plain = memchr::memchr(0x1b, bytes).unwrap_or(bytes.len());
                self.paste(&bytes[..plain]);
                bytes = &bytes[plain..];
                if let [_, rest @ ..] = bytes {
                    self.state = DecoderState::Paste { matched: 1 };
                    bytes = rest;
                }
            } else {
                self.byte(byte, emit);
                bytes = rest;
            }
        }
    }

    /// How long to wait for the rest of a sequence. `None`: no sequence has begun.
    pub(super) fn patience(&self) -> Option<Duration> {
        let milliseconds = match self.state {
            DecoderState::Ground => return None,
            DecoderState::Escape | DecoderState::Single | DecoderState::Answer { empty: true, .. } => 25,
            DecoderState::Control if self.held.is_empty() => 25,
            DecoderState::Paste { .. } => 1000,
            _ => 100,
        };
        Some(Duration::from_millis(milliseconds))
    }

    /// The rest did not arrive: reads the incomplete sequence as the key that it can be alone.
    pub(super) fn give_up(&mut self, emit: &mut dyn FnMut(Input)) {
        match self.state {
            DecoderState::Escape => emit(key(KeyCode::Esc, KeyModifiers::NONE)),
            DecoderState::Single => emit(character('O', true)),
            DecoderState::Control if self.held.is_empty() => emit(character('[', true)),
            DecoderState::Answer { introducer, empty: true, .. } => emit(character(introducer.into(), true)),
            DecoderState::Paste { .. } => self.end_paste(emit),
            _ => {}
        }
        self.enter(DecoderState::Ground);
    }

    fn byte(&mut self, byte: u8, emit: &mut dyn FnMut(Input)) {
        match self.state {
            DecoderState::Ground => self.plain(byte, false, emit),
            DecoderState::Escape => match byte {
                b'[' => self.enter(DecoderState::Control),
                b'O' => self.enter(DecoderState::Single),
                b']' | b'P' | b'X' | b'^' | b'_' => {
                    self.enter(DecoderState::Answer { introducer: byte, empty: true, escape: false });
                }
                0x1b => emit(key(KeyCode::Esc, KeyModifiers::NONE)),
                _ => self.plain(byte, true, emit),
            },
            DecoderState::Character { alt, missing } => self.rest_of_character(byte, alt, missing, emit),
            DecoderState::Single => match byte {
                b'0'..=b'9' | b';' => {}
                _ => self.last(byte, emit, |_, byte| sequences::single(byte)),
            },
            DecoderState::Control => match byte {
                b'[' if self.held.is_empty() => self.enter(DecoderState::Console),
                b'M' if self.held.is_empty() => self.enter(DecoderState::OldMouse),
                0x20..=0x3f if self.held.len() < MAX_PARAMETERS => self.held.push(byte),
                0x20..=0x3f => {}
                _ => self.last(byte, emit, sequences::control),
            },
            DecoderState::Console => self.last(byte, emit, |_, byte| sequences::console(byte)),
            DecoderState::OldMouse => {
                self.held.push(byte);
                if let [button, column, row] = self.held[..] {
                    self.enter(DecoderState::Ground);
                    if let Some(mouse) = sequences::old_mouse(button, column, row) {
                        emit(Input::Mouse(mouse));
                    }
                }
            }
            DecoderState::Answer { escape: true, .. } if byte != b'\\' => {
                self.enter(DecoderState::Escape);
                self.byte(byte, emit);
            }
            DecoderState::Answer { introducer, escape, .. } => match byte {
                0x07 | 0x18 | 0x1a => self.enter(DecoderState::Ground),
                _ if escape => self.enter(DecoderState::Ground),
                _ => self.state = DecoderState::Answer { introducer, empty: false, escape: byte == 0x1b },
            },
            DecoderState::Paste { matched } => self.end_of_paste(byte, matched, emit),
        }
    }

    /// A byte outside any sequence, or after ESC.
    fn plain(&mut self, byte: u8, alt: bool, emit: &mut dyn FnMut(Input)) {
        self.enter(DecoderState::Ground);
        let missing = match byte {
            0x1b => return self.enter(DecoderState::Escape),
            0..=0x7f => return emit(ascii(byte, alt)),
            0xc2..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf4 => 3,
            // Not the first byte of a character.
            _ => return,
        };
        self.enter(DecoderState::Character { alt, missing });
        self.held.push(byte);
    }

    fn rest_of_character(&mut self, byte: u8, alt: bool, missing: u8, emit: &mut dyn FnMut(Input)) {
        if byte & 0xc0 != 0x80 {
            return self.plain(byte, false, emit);
        }
        self.held.push(byte);
        if missing > 1 {
            self.state = DecoderState::Character { alt, missing: missing - 1 };
            return;
        }
        if let Some(c) = std::str::from_utf8(&self.held).ok().and_then(|text| text.chars().next()) {
            emit(character(c, alt));
        }
        self.enter(DecoderState::Ground);
    }

    /// The byte that ends or cancels a sequence.
    fn last(&mut self, byte: u8, emit: &mut dyn FnMut(Input), meaning: fn(&[u8], u8) -> Meaning) {
        if !(0x40..=0x7e).contains(&byte) {
            return match byte {
                // Cancelled.
                0x18 | 0x1a => self.enter(DecoderState::Ground),
                _ => self.plain(byte, false, emit),
            };
        }
        let meaning = meaning(&self.held, byte);
        self.enter(DecoderState::Ground);
        match meaning {
            Meaning::Input(input) => emit(input),
            Meaning::Paste => self.enter(DecoderState::Paste { matched: 0 }),
            Meaning::Nothing => {}
        }
    }

    /// A byte of a paste after `matched` bytes of its end.
    fn end_of_paste(&mut self, byte: u8, matched: usize, emit: &mut dyn FnMut(Input)) {
        if PASTE_END[matched] == byte {
            if matched + 1 < PASTE_END.len() {
                self.state = DecoderState::Paste { matched: matched + 1 };
            } else {
                self.end_paste(emit);
                self.enter(DecoderState::Ground);
            }
            return;
        }
        self.paste(&PASTE_END[..matched]);
        self.state = DecoderState::Paste { matched: usize::from(byte == 0x1b) };
        if byte != 0x1b {
            self.paste(&[byte]);
        }
    }

    fn paste(&mut self, bytes: &[u8]) {
        let room = MAX_PASTE - self.held.len();
        self.held.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn end_paste(&mut self, emit: &mut dyn FnMut(Input)) {
        // A character that the limit splits is left out too.
        let whole = match std::str::from_utf8(&self.held) {
            Err(e) if self.held.len() == MAX_PASTE && e.error_len().is_none() => e.valid_up_to(),
            _ => self.held.len(),
        };
        let text = String::from_utf8_lossy(&self.held[..whole]);
        // Terminals send a carriage return for each line end, as the Enter key does.
        emit(Input::Paste(text.replace("\r\n", "\n").replace('\r', "\n")));
    }

    fn enter(&mut self, state: DecoderState) {
        self.state = state;
        if self.held.capacity() > MAX_PARAMETERS {
            self.held = Vec::new();
        } else {
            self.held.clear();
        }
    }
}

fn ascii(byte: u8, alt: bool) -> Input {
    let (code, mut modifiers) = match byte {
        b'\r' => (KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => (KeyCode::Tab, KeyModifiers::NONE),
        0x7f => (KeyCode::Backspace, KeyModifiers::NONE),
        0 => (KeyCode::Char(' '), KeyModifiers::CONTROL),
        0x01..=0x1a => (KeyCode::Char((byte - 1 + b'a').into()), KeyModifiers::CONTROL),
        0x1b..=0x1f => (KeyCode::Char((byte - 0x1c + b'4').into()), KeyModifiers::CONTROL),
        _ => return character(byte.into(), alt),
    };
    modifiers.set(KeyModifiers::ALT, alt);
    key(code, modifiers)
}

fn character(c: char, alt: bool) -> Input {
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::SHIFT, c.is_uppercase());
    modifiers.set(KeyModifiers::ALT, alt);
    key(KeyCode::Char(c), modifiers)
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Input {
    Input::Key(KeyEvent::new(code, modifiers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_in_pieces_is_one_key() {
        use KeyModifiers as M;
        for (bytes, code, modifiers) in [
            (&b"a"[..], KeyCode::Char('a'), M::NONE),
            (b"A", KeyCode::Char('A'), M::SHIFT),
            ("ß".as_bytes(), KeyCode::Char('ß'), M::NONE),
            ("🦀".as_bytes(), KeyCode::Char('🦀'), M::NONE),
            (b"\r", KeyCode::Enter, M::NONE),
            (b"\x7f", KeyCode::Backspace, M::NONE),
            (b"\x08", KeyCode::Char('h'), M::CONTROL),
            (b"\x1a", KeyCode::Char('z'), M::CONTROL),
            (b"\x1c", KeyCode::Char('4'), M::CONTROL),
            (b"\0", KeyCode::Char(' '), M::CONTROL),
            (b"\x1bx", KeyCode::Char('x'), M::ALT),
            ("\x1bé".as_bytes(), KeyCode::Char('é'), M::ALT),
            (b"\x1b\x7f", KeyCode::Backspace, M::ALT),
            (b"\x1b[A", KeyCode::Up, M::NONE),
            (b"\x1bOA", KeyCode::Up, M::NONE),
            (b"\x1b[1;5D", KeyCode::Left, M::CONTROL),
            (b"\x1b[5~", KeyCode::PageUp, M::NONE),
            (b"\x1b[3;2~", KeyCode::Delete, M::SHIFT),
            (b"\x1b[4~", KeyCode::End, M::NONE),
            (b"\x1bOP", KeyCode::F(1), M::NONE),
            (b"\x1b[[E", KeyCode::F(5), M::NONE),
            (b"\x1b[24~", KeyCode::F(12), M::NONE),
            (b"\x1b[Z", KeyCode::BackTab, M::SHIFT),
            (b"\x1b[105;5u", KeyCode::Char('i'), M::CONTROL),
            (b"\x1b[27;5;13~", KeyCode::Enter, M::CONTROL),
        ] {
            let expected = [Input::Key(KeyEvent::new(code, modifiers))];
            assert_eq!(decoded(&[bytes]), expected, "{bytes:?}");
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(decoded(&single), expected, "{bytes:?} byte by byte");
        }
    }

    #[test]
    fn answers_of_the_terminal_are_not_keys() {
        for answer in [
            &b"\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\"[..],
            b"\x1b]10;rgb:ffff/ffff/ffff\x07",
            b"\x1b]52;c;aGVsbG8=\x07",
            b"\x1b[12;40R",
            b"\x1b[?62;1;6;22c",
            b"\x1b[>41;354;0c",
            b"\x1b[0n",
            b"\x1b[?2026;2$y",
            b"\x1b[?1u",
            b"\x1b[8;24;80t",
            b"\x1b[I\x1b[O",
            b"\x1bP>|XTerm(390)\x1b\\",
            b"\x1bP1+r544e=787465726d\x1b\\",
            b"\x1b_Gi=31;OK\x1b\\",
            b"\x1b^private\x1b\\",
        ] {
            let mut input = answer.to_vec();
            input.push(b'k');
            assert_eq!(decoded(&[&input]), typed("k"), "{answer:?}");
            let single: Vec<&[u8]> = input.chunks(1).collect();
            assert_eq!(decoded(&single), typed("k"), "{answer:?} byte by byte");
        }
    }

    #[test]
    fn a_broken_sequence_does_not_affect_the_next() {
        for broken in
            [&b"\x1b[12\x18"[..], b"\x1b[99;99;99z", b"\xff", b"\xc3", b"\xf0\x9f", b"\x1b]0;x\x18", b"\x1bO5"]
        {
            let mut input = broken.to_vec();
            input.extend(b"\x1b[Ak");
            let up = Input::Key(KeyEvent::new(KeyCode::Up, KeyModifiers::NONE));
            assert_eq!(decoded(&[&input]), [vec![up], typed("k")].concat(), "{broken:?}");
        }
        let long = [b"\x1b[".to_vec(), vec![b'1'; 10_000], b"Ak".to_vec()].concat();
        assert_eq!(decoded(&[&long]).last(), typed("k").last());
    }

    #[test]
    fn an_incomplete_sequence_is_read_as_a_key() {
        for (bytes, c) in [("[", '['), ("O", 'O'), ("]", ']'), ("P", 'P')] {
            let mut decoder = Decoder::default();
            let mut got = Vec::new();
            decoder.feed(format!("\x1b{bytes}").as_bytes(), &mut |input| got.push(input));
            assert_eq!(got, []);
            assert!(decoder.patience().is_some());
            decoder.give_up(&mut |input| got.push(input));
            assert_eq!(got, [character(c, true)]);
            assert_eq!(decoder.patience(), None);
        }
        assert_eq!(
            decoded(&[b"\x1b\x1b"]),
            [key(KeyCode::Esc, KeyModifiers::NONE), key(KeyCode::Esc, KeyModifiers::NONE)]
        );
    }

    #[test]
    fn sequences_in_a_paste_are_text() {
        let text = "q\x1b[A\x1b[201\r\nd\rñ";
        let bytes = format!("\x1b[200~{text}\x1b[201~k");
        let expected = [vec![Input::Paste("q\x1b[A\x1b[201\nd\nñ".into())], typed("k")].concat();
        assert_eq!(decoded(&[bytes.as_bytes()]), expected);
        let single: Vec<&[u8]> = bytes.as_bytes().chunks(1).collect();
        assert_eq!(decoded(&single), expected);
    }

    #[test]
    fn a_long_paste_is_cut_between_characters() {
        let bytes = format!("\x1b[200~a{}\x1b[201~", "é".repeat(MAX_PASTE));
        let [Input::Paste(text)] = &decoded(&[bytes.as_bytes()])[..] else { panic!("one paste") };
        assert_eq!(text.len(), MAX_PASTE - 1);
        assert!(text.ends_with('é'));
    }

    #[test]
    fn a_paste_without_end_is_delivered_later() {
        let mut decoder = Decoder::default();
        let mut got = Vec::new();
        decoder.feed(b"\x1b[200~half", &mut |input| got.push(input));
        assert_eq!(got, []);
        decoder.give_up(&mut |input| got.push(input));
        assert_eq!(got, [Input::Paste("half".into())]);
    }

    fn decoded(pieces: &[&[u8]]) -> Vec<Input> {
        let mut decoder = Decoder::default();
        let mut got = Vec::new();
        for piece in pieces {
            decoder.feed(piece, &mut |input| got.push(input));
        }
        decoder.give_up(&mut |input| got.push(input));
        got
    }

    fn typed(text: &str) -> Vec<Input> {
        text.chars().map(|c| character(c, false)).collect()
    }
}

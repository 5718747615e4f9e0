//! The meaning of complete control sequences from the terminal.
//!
//! Keys: the sequences of xterm and similar terminals, rxvt, the Linux console, and the `CSI u` forms. Mouse: SGR (mode 1006)
//! and the older three bytes. All other sequences are reports, which otail ignores.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::Input;

pub(super) enum Meaning {
    Input(Input),
    /// A paste begins.
    Paste,
    Nothing,
}

/// `ESC [ parameters last`.
pub(super) fn control(parameters: &[u8], last: u8) -> Meaning {
    if let Some(mouse) = parameters.strip_prefix(b"<") {
        return match (last, numbers(mouse)) {
            (b'M' | b'm', Some([button, column, row])) => mouse_event(button, column, row, last == b'm')
                .map_or(Meaning::Nothing, |e| Meaning::Input(Input::Mouse(e))),
            _ => Meaning::Nothing,
        };
    }
    // `?`, `>`, `=`: a report.
    let Some([first, second, third]) = numbers(parameters) else { return Meaning::Nothing };
    let code = match last {
        // With a modifier, the sequence is `CSI 1 ; m A`.
        b'A'..=b'D' | b'F' | b'H' | b'P' | b'Q' | b'S' if first <= 1 => single_key(last),
        b'Z' => return press(KeyCode::BackTab, KeyModifiers::SHIFT | modifiers(second)),
        b'~' if first == 200 => return Meaning::Paste,
        b'~' if first == 27 => return key_of_code_point(third, modifiers(second)),
        b'~' => numbered_key(first),
        b'u' => return key_of_code_point(first, modifiers(second)),
        // Not `R`: F3 with a modifier looks like a report of the cursor's position.
        _ => None,
    };
    code.map_or(Meaning::Nothing, |code| press(code, modifiers(second)))
}

/// `ESC O last`.
pub(super) fn single(last: u8) -> Meaning {
    let code = match last {
        b'R' => Some(KeyCode::F(3)),
        b'M' => Some(KeyCode::Enter),
        // The digits and operators of the keypad in application mode.
        b'j'..=b'y' => Some(KeyCode::Char((last - b'j' + b'*').into())),
        _ => single_key(last),
    };
    code.map_or(Meaning::Nothing, |code| press(code, KeyModifiers::NONE))
}

/// `ESC [ [ last`.
pub(super) fn console(last: u8) -> Meaning {
    match last {
        b'A'..=b'E' => press(KeyCode::F(last - b'A' + 1), KeyModifiers::NONE),
        _ => Meaning::Nothing,
    }
}

/// `ESC [ M` and three bytes, each the value plus 32; columns and rows count from 1.
pub(super) fn old_mouse(button: u8, column: u8, row: u8) -> Option<MouseEvent> {
    let button = u16::from(button.checked_sub(32)?);
    // This form does not say which button was released.
    let released = button & 0b1100_0011 == 3;
    mouse_event(button, column.checked_sub(32)?.into(), row.checked_sub(32)?.into(), released)
}

fn mouse_event(button: u16, column: u16, row: u16, released: bool) -> Option<MouseEvent> {
    let which = match button & 0b11 {
        1 => MouseButton::Middle,
        2 => MouseButton::Right,
        _ => MouseButton::Left,
    };
    let moving = button & 32 != 0;
    let kind = match button & !0b11_1111 {
        0 if released => MouseEventKind::Up(which),
        0 if moving && button & 0b11 == 3 => MouseEventKind::Moved,
        0 if moving => MouseEventKind::Drag(which),
        0 => MouseEventKind::Down(which),
        64 => match button & 0b11 {
            0 => MouseEventKind::ScrollUp,
            1 => MouseEventKind::ScrollDown,
            2 => MouseEventKind::ScrollLeft,
            _ => MouseEventKind::ScrollRight,
        },
        _ => return None,
    };
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::SHIFT, button & 4 != 0);
    modifiers.set(KeyModifiers::ALT, button & 8 != 0);
    modifiers.set(KeyModifiers::CONTROL, button & 16 != 0);
    Some(MouseEvent { kind, column: column.checked_sub(1)?, row: row.checked_sub(1)?, modifiers })
}

fn single_key(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P' => KeyCode::F(1),
        b'Q' => KeyCode::F(2),
        b'S' => KeyCode::F(4),
        _ => return None,
    })
}

fn numbered_key(number: u16) -> Option<KeyCode> {
    let function = |first: u16, key: u8| u8::try_from(number - first).ok().map(|n| KeyCode::F(key + n));
    match number {
        1 | 7 => Some(KeyCode::Home),
        2 => Some(KeyCode::Insert),
        3 => Some(KeyCode::Delete),
        4 | 8 => Some(KeyCode::End),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        11..=15 => function(11, 1),
        17..=21 => function(17, 6),
        23..=26 => function(23, 11),
        28..=29 => function(28, 15),
        31..=34 => function(31, 17),
        _ => None,
    }
}

fn key_of_code_point(number: u16, modifiers: KeyModifiers) -> Meaning {
    let code = match number {
        9 if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        127 => KeyCode::Backspace,
        _ => match char::from_u32(number.into()) {
            Some(c) if !c.is_control() => KeyCode::Char(c),
            _ => return Meaning::Nothing,
        },
    };
    press(code, modifiers)
}

/// The modifiers of a parameter, which is a set of bits plus one, or missing (0).
fn modifiers(parameter: u16) -> KeyModifiers {
    let bits = parameter.saturating_sub(1);
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::SHIFT, bits & 1 != 0);
    // Alt and Meta count as the same key.
    modifiers.set(KeyModifiers::ALT, bits & 0b10_0010 != 0);
    modifiers.set(KeyModifiers::CONTROL, bits & 4 != 0);
    modifiers
}

/// Up to three numbers between semicolons; a missing one is 0. Sub-parameters after a colon are left out. `None`: not only
/// numbers.
fn numbers(parameters: &[u8]) -> Option<[u16; 3]> {
    let mut numbers = [0; 3];
    for (at, part) in parameters.split(|&b| b == b';').enumerate() {
        let digits = part.split(|&b| b == b':').next().unwrap_or_default();
        let mut number: u16 = 0;
        for digit in digits {
            let value = digit.is_ascii_digit().then(|| u16::from(digit - b'0'))?;
            number = number.checked_mul(10)?.checked_add(value)?;
        }
        *numbers.get_mut(at)? = number;
    }
    Some(numbers)
}

fn press(code: KeyCode, modifiers: KeyModifiers) -> Meaning {
    Meaning::Input(Input::Key(KeyEvent::new(code, modifiers)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mouse_sequences_give_place_and_button() {
        use MouseEventKind::*;
        for (parameters, last, kind, column, row) in [
            (&b"<0;1;1"[..], b'M', Down(MouseButton::Left), 0, 0),
            (b"<0;300;200", b'm', Up(MouseButton::Left), 299, 199),
            (b"<2;5;6", b'M', Down(MouseButton::Right), 4, 5),
            (b"<32;5;6", b'M', Drag(MouseButton::Left), 4, 5),
            (b"<64;5;6", b'M', ScrollUp, 4, 5),
            (b"<65;5;6", b'M', ScrollDown, 4, 5),
        ] {
            let Meaning::Input(Input::Mouse(got)) = control(parameters, last) else { panic!("{parameters:?}") };
            assert_eq!(got, MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE });
        }
        for impossible in [&b"<0;0;1"[..], b"<0;1", b"<256;1;1", b"<0;99999;1", b"<x;1;1"] {
            assert!(matches!(control(impossible, b'M'), Meaning::Nothing), "{impossible:?}");
        }
        let old = old_mouse(32, 33, 34).unwrap();
        assert_eq!((old.kind, old.column, old.row), (Down(MouseButton::Left), 0, 1));
        assert_eq!(old_mouse(35, 33, 33).unwrap().kind, Up(MouseButton::Left));
        assert_eq!(old_mouse(32, 3, 33), None);
    }

    #[test]
    fn mouse_sequences_have_modifiers() {
        let Meaning::Input(Input::Mouse(got)) = control(b"<20;1;1", b'M') else { panic!("no mouse") };
        assert_eq!(got.modifiers, KeyModifiers::SHIFT | KeyModifiers::CONTROL);
    }
}

//! The loop's mailbox: signals and resizes overtake everything, and keys have bounded room.
//!
//! ```text
//!  signals, resize, end of the terminal ─► first ─┐
//!  keys, pastes, the mouse ─────────────► typed ─┼─► the loop: `first`, then `typed` and `rest` in turns
//!  views, answers, connections … ───────► rest ──┘
//! ```
//!
//! Ten megabytes pasted without bracketed paste arrive as ten million keys, faster than otail handles them. Input that does
//! not fit into `typed` is dropped, counted, and reported by [`Message::Lost`] once the loop has caught up. `first` holds
//! at most one message of each kind. Senders to `rest` wait for the loop, or replace their waiting message.

use super::message::{Lost, Message};
use crate::terminal::{Input, Signal};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The maximum of waiting keys. Nobody types that far ahead.
const MOST_TYPED: usize = 4_096;
/// The maximum bytes of waiting pastes: two of the longest.
const MOST_PASTED: usize = 2 * crate::terminal::MAX_PASTE;

/// An empty mailbox.
pub(super) fn mailbox() -> (Sender, Receiver) {
    let shared = Arc::new(Shared { lanes: Mutex::default(), arrived: Condvar::new() });
    (Sender(shared.clone()), Receiver(shared))
}

/// Sends messages. Clones send into the same mailbox.
#[derive(Clone)]
pub(super) struct Sender(Arc<Shared>);

/// Receives messages. After it is dropped, `send` returns false.
pub(super) struct Receiver(Arc<Shared>);

struct Shared {
    lanes: Mutex<Lanes>,
    arrived: Condvar,
}

#[derive(Default)]
struct Lanes {
    first: VecDeque<Message>,
    typed: VecDeque<Input>,
    rest: VecDeque<Message>,
    /// Bytes of the pastes in `typed`.
    pasted: usize,
    /// All input that was dropped so far, and how much of it was reported.
    lost: Lost,
    reported: Lost,
    /// Whether `typed` is next, if both `typed` and `rest` wait.
    is_turn_of_typed: bool,
    is_closed: bool,
}

impl Sender {
    /// Never blocks. False: the receiver is gone.
    pub fn send(&self, message: Message) -> bool {
        let mut lanes = self.0.lock();
        if !lanes.is_closed {
            lanes.put(message);
            self.0.arrived.notify_one();
        }
        !lanes.is_closed
    }
}

impl Receiver {
    /// The next message, if one arrives within `patience`.
    pub fn wait(&self, patience: Duration) -> Option<Message> {
        let until = Instant::now() + patience;
        let mut lanes = self.0.lock();
        loop {
            if let Some(message) = lanes.take() {
                return Some(message);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            lanes = self.0.arrived.wait_timeout(lanes, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The next message, if one waits.
    pub fn next(&self) -> Option<Message> {
        self.0.lock().take()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        *self.0.lock() = Lanes { is_closed: true, ..Lanes::default() };
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lanes {
    fn put(&mut self, message: Message) {
        match message {
            Message::Signal(signal) => {
                let is_quit = |waiting: &Message| matches!(waiting, Message::Signal(Signal::Quit(_)));
                // The first signal that ends the program wins.
                if !self.first.iter().any(is_quit) {
                    self.put_first(message, |waiting| matches!(waiting, Message::Signal(same) if *same == signal));
                }
            }
            Message::Input(Input::Resize) => {
                self.put_first(message, |waiting| matches!(waiting, Message::Input(Input::Resize)));
            }
            Message::Input(Input::Closed) => self.first.push_back(message),
            Message::Input(input) => self.put_typed(input),
            message => self.rest.push_back(message),
        }
    }

    /// Adds a message, and replaces an earlier one of the same kind: a stop after a continuation is a stop.
    fn put_first(&mut self, message: Message, is_same: impl Fn(&Message) -> bool) {
        self.first.retain(|waiting| !is_same(waiting));
        self.first.push_back(message);
    }

    fn put_typed(&mut self, input: Input) {
        let bytes = if let Input::Paste(text) = &input { text.len() } else { 0 };
        if self.typed.len() < MOST_TYPED && self.pasted + bytes <= MOST_PASTED {
            self.pasted += bytes;
            self.typed.push_back(input);
        } else if let Input::Paste(_) = input {
            self.lost.pastes += 1;
        } else {
            self.lost.keys += 1;
        }
    }

    fn take(&mut self) -> Option<Message> {
        if let Some(first) = self.first.pop_front() {
            return Some(first);
        }
        self.is_turn_of_typed = !self.is_turn_of_typed;
        match self.is_turn_of_typed {
            true => self.take_typed().or_else(|| self.rest.pop_front()),
            false => self.rest.pop_front().or_else(|| self.take_typed()),
        }
    }

    fn take_typed(&mut self) -> Option<Message> {
        if let Some(input) = self.typed.pop_front() {
            if let Input::Paste(text) = &input {
                self.pasted -= text.len();
            }
            return Some(Message::Input(input));
        }
        (self.lost != self.reported).then(|| {
            self.reported = self.lost;
            Message::Lost(self.lost)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    fn key(c: char) -> Message {
        Message::Input(Input::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)))
    }

    fn all(receiver: &Receiver) -> Vec<String> {
        let word = |message| match message {
            Message::Input(Input::Key(key)) => key.code.to_string(),
            Message::Input(Input::Paste(text)) => format!("paste of {}", text.len()),
            Message::Input(Input::Resize) => "resize".to_owned(),
            Message::Input(_) => "closed".to_owned(),
            Message::Signal(signal) => format!("{signal:?}"),
            Message::Lost(lost) => format!("lost {} {}", lost.keys, lost.pastes),
            _ => "rest".to_owned(),
        };
        std::iter::from_fn(|| receiver.next()).map(word).collect()
    }

    #[test]
    fn signals_and_resizes_overtake_keys() {
        let (sender, receiver) = mailbox();
        for message in [key('a'), Message::View, Message::Input(Input::Resize), Message::Signal(Signal::Quit(15))] {
            assert!(sender.send(message));
        }
        assert_eq!(all(&receiver), ["resize", "Quit(15)", "a", "rest"]);
    }

    #[test]
    fn keys_without_room_are_dropped_and_counted() {
        let (sender, receiver) = mailbox();
        (0..MOST_TYPED + 7).for_each(|_| assert!(sender.send(key('a'))));
        let taken = all(&receiver);
        assert_eq!(taken.len(), MOST_TYPED + 1);
        assert_eq!(taken.last().map(String::as_str), Some("lost 7 0"));
        assert!(sender.send(key('b')));
        assert_eq!(all(&receiver), ["b"], "reported once");
    }

    #[test]
    fn pastes_have_bounded_room_in_bytes() {
        let (sender, receiver) = mailbox();
        for _ in 0..3 {
            sender.send(Message::Input(Input::Paste("x".repeat(crate::terminal::MAX_PASTE))));
        }
        sender.send(key('a'));
        assert_eq!(all(&receiver), ["paste of 1048576", "paste of 1048576", "a", "lost 0 1"]);
    }

    #[test]
    fn keys_and_the_rest_take_turns() {
        let (sender, receiver) = mailbox();
        [key('a'), key('b'), key('c'), Message::View, Message::View].into_iter().for_each(|it| _ = sender.send(it));
        let taken = all(&receiver);
        assert_eq!(taken.iter().take(4).filter(|word| *word == "rest").count(), 2, "{taken:?}");
    }

    #[test]
    fn signals_that_repeat_wait_once() {
        let (sender, receiver) = mailbox();
        for _ in 0..3 {
            _ = [Signal::Suspend, Signal::Continued].map(|signal| sender.send(Message::Signal(signal)));
            sender.send(Message::Input(Input::Resize));
        }
        assert_eq!(all(&receiver), ["Suspend", "Continued", "resize"]);
        _ = [Signal::Quit(2), Signal::Quit(15), Signal::Suspend].map(|signal| sender.send(Message::Signal(signal)));
        assert_eq!(all(&receiver), ["Quit(2)"], "the first end counts");
    }

    #[test]
    fn sending_without_a_receiver_fails() {
        let (sender, receiver) = mailbox();
        drop(receiver);
        assert!(!sender.send(Message::View));
    }
}

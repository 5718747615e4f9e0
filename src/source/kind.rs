//! What a kind of source is. A kind lies in a folder of its own and has one line in `registry`; nothing else knows it.

use super::error::SourceError;
use super::link::Link;
use super::options::Options;
use super::settings::Settings;
use crate::intake::Overflow;
use crate::model::SourceKind;
use std::any::Any;
use std::fmt::Debug;
use std::path::PathBuf;
use std::pin::Pin;

/// A source of some kind, understood from what was typed.
pub(super) trait Kind: Same + Debug + Send + Sync {
    /// How a SOURCE of this kind begins.
    fn schemes() -> &'static [Scheme]
    where
        Self: Sized;

    /// Reads a SOURCE that begins with one of the schemes.
    ///
    /// # Errors
    ///
    /// What is wrong with it and what would be right, without a secret.
    fn parse(text: &str) -> Result<Self, String>
    where
        Self: Sized;

    /// What it is, without a secret.
    fn describe(&self) -> Description;

    /// Its options in words, for people: what, and how. No secret.
    fn settings(&self, options: &Options) -> Vec<(&'static str, String)>;

    /// What becomes of items while the queue is full.
    fn overflow(&self) -> Overflow;

    /// Makes one attempt: connects, and hands over what arrives, until the connection breaks or the source ends. Returns soon
    /// after [`Link::closed`], with nothing left in hand.
    fn run<'a>(&'a self, attempt: Attempt<'a>) -> Run<'a>;
}

/// How a SOURCE of a kind begins.
pub(super) struct Scheme {
    /// Any of these; the empty one stands for a text without a scheme.
    pub prefixes: &'static [&'static str],
    /// All of them together, as in `http(s)://`.
    pub form: &'static str,
    /// What such a source is, in a few words.
    pub about: &'static str,
}

/// What everybody may know about a source.
pub(super) struct Description {
    /// What kind of thing it is.
    pub kind: SourceKind,
    /// Where it is.
    pub url: String,
    /// Names for people, the shortest first; at least one. A longer one is used where another source has the shorter.
    pub labels: Vec<String>,
    /// The SOURCE as it would be typed again.
    pub source: String,
    /// Scheme, host and port of the server that its credentials may go to, where it has one.
    pub server: Option<String>,
    /// What it takes for itself.
    pub claims: Vec<Claim>,
}

/// What no two sources may have at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Claim {
    /// Standard input: it can be read once.
    Stdin,
    /// A file, by its whole path: its items would be counted twice.
    File(PathBuf),
    /// A URL that is asked: its items would be counted twice, unless it is asked in another way, or by somebody else.
    Url(String),
    /// An address, `host:port`, that is listened on.
    Address(String),
}

/// What an attempt has at hand.
pub(super) struct Attempt<'a> {
    /// Where items go, and where it says how it fares.
    pub link: &'a Link,
    /// How the source is asked, trusted and kept.
    pub options: &'a Options,
    /// What is remembered from one attempt to the next.
    pub memory: &'a mut Memory,
    /// What applies to every connection.
    pub settings: &'a Settings,
}

/// An attempt under way; `Ok` where the source has ended.
pub(super) type Run<'a> = Pin<Box<dyn Future<Output = Result<(), SourceError>> + Send + 'a>>;

/// What a source remembers from one attempt to the next: one value, of a type that its kind chooses.
#[derive(Default)]
pub(super) struct Memory(Option<Box<dyn Any + Send>>);

impl Memory {
    /// The value; the default one in the first attempt.
    pub fn of<T: Any + Default + Send>(&mut self) -> &mut T {
        if !self.0.as_ref().is_some_and(|value| value.is::<T>()) {
            self.0 = None;
        }
        let value = self.0.get_or_insert_with(|| Box::new(T::default()));
        match value.downcast_mut() {
            Some(value) => value,
            None => unreachable!("the value was just made of this type"),
        }
    }
}

/// Equality between sources of any two kinds.
pub(super) trait Same: Any {
    fn is_same(&self, other: &dyn Any) -> bool;
}

impl<T: Any + Eq> Same for T {
    fn is_same(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<T>().is_some_and(|other| self == other)
    }
}

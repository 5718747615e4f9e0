//! The interface of a kind of source. Each kind has its own folder and one line in `registry`; no other code names it.

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

/// A parsed source of some kind.
pub(super) trait Kind: Same + Debug + Send + Sync {
    /// The URL schemes of this kind.
    fn schemes() -> &'static [Scheme]
    where
        Self: Sized;

    /// Parses a SOURCE that begins with one of the schemes.
    ///
    /// # Errors
    ///
    /// A message with cause and remedy, without secrets.
    fn parse(text: &str) -> Result<Self, String>
    where
        Self: Sized;

    /// Describes the source without secrets.
    fn describe(&self) -> Description;

    /// The settings to show, as pairs of name and value, without secrets.
    fn settings(&self, options: &Options) -> Vec<(&'static str, String)>;

    /// How to treat items while the queue is full.
    fn overflow(&self) -> Overflow;

    /// Makes one attempt: connects and delivers items until the connection breaks or the source ends. Returns soon after
    /// [`Link::closed`], with everything delivered.
    fn run<'a>(&'a self, attempt: Attempt<'a>) -> Run<'a>;
}

/// A URL scheme of a kind, with its help text.
pub(super) struct Scheme {
    /// The prefixes; an empty one matches a text without a scheme.
    pub prefixes: &'static [&'static str],
    /// All prefixes in short form, such as `http(s)://`.
    pub form: &'static str,
    /// A short explanation.
    pub about: &'static str,
}

/// The public description of a source.
pub(super) struct Description {
    /// The kind of source.
    pub kind: SourceKind,
    /// Its URL or path, for people.
    pub url: String,
    /// Names for people, the shortest first; at least one. A longer one is used where another source has the shorter.
    pub labels: Vec<String>,
    /// The SOURCE as the user would type it.
    pub source: String,
    /// Scheme, host and port of the server that may receive its credentials; `None` if there is no server.
    pub server: Option<String>,
    /// What no other source may use at the same time.
    pub claims: Vec<Claim>,
}

/// Something that only one source may use at a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Claim {
    /// Standard input, which can be read only once.
    Stdin,
    /// A file by its absolute path; two readers would count its items twice.
    File(PathBuf),
    /// A polled URL; two readers would count its items twice, unless they ask in different ways or with different
    /// credentials.
    Url(String),
    /// A listening address, `host:port`.
    Address(String),
}

/// The inputs of an attempt.
pub(super) struct Attempt<'a> {
    /// Where to deliver items and report the state.
    pub link: &'a Link,
    /// The options of the source.
    pub options: &'a Options,
    /// What the source remembers between attempts.
    pub memory: &'a mut Memory,
    /// The settings of all connections.
    pub settings: &'a Settings,
}

/// A running attempt; `Ok` if the source has ended.
pub(super) type Run<'a> = Pin<Box<dyn Future<Output = Result<(), SourceError>> + Send + 'a>>;

/// A value that a source keeps between attempts; its kind chooses the type.
#[derive(Default)]
pub(super) struct Memory(Option<Box<dyn Any + Send>>);

impl Memory {
    /// The value; `T::default()` in the first attempt.
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

/// Equality between sources of different kinds.
pub(super) trait Same: Any {
    fn is_same(&self, other: &dyn Any) -> bool;
}

impl<T: Any + Eq> Same for T {
    fn is_same(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<T>().is_some_and(|other| self == other)
    }
}

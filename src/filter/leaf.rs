//! The resolved form of an expression: a tree of tests. Built by `check`, run by `select`.

use super::Operator;
use super::field::{AttributePlace, IdField};
use super::quantity::Quantity;
use super::severity::SeverityTest;
use super::value_test::ValueTest;
use super::word::WordTest;

/// A resolved expression.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Always,
    Never,
    And(Vec<Test>),
    Or(Vec<Test>),
    Not(Box<Test>),
    Leaf(Leaf),
}

/// One test of an item. It fails if the item lacks the field.
#[derive(Clone, Debug)]
pub(super) enum Leaf {
    /// Bits by [`SIGNALS`](super::vocabulary::SIGNALS).
    Signal(u32),
    /// Bits by the codes of span kinds.
    Kind(u32),
    /// Bits by the codes of statuses.
    Status(u32),
    Severity(SeverityTest),
    /// Nanoseconds; both bounds inclusive.
    Duration {
        from: u64,
        to: u64,
    },
    Id(IdField, IdTest),
    /// The number of a point.
    Value(Operator, Quantity),
    /// Matches points that have a number.
    HasValue,
    Text(TextField, ValueTest),
    Session(ValueTest),
    Attribute(AttributePlace, String, ValueTest),
    Word(WordTest),
}

/// The fields that are one text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TextField {
    Service,
    Name,
    StatusMessage,
    Scope,
    ScopeVersion,
    Source,
    Type,
    Unit,
}

/// An id that is present and whose masked bytes are equal to these, or not equal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct IdTest {
    pub mask: [u8; 16],
    pub wanted: [u8; 16],
    pub negated: bool,
}

impl Test {
    /// The approximate cost of the test.
    pub fn cost(&self) -> u8 {
        match self {
            Test::Always | Test::Never => 0,
            Test::And(parts) | Test::Or(parts) => parts.iter().map(Test::cost).max().unwrap_or_default(),
            Test::Not(inner) => inner.cost(),
            Test::Leaf(leaf) => match leaf {
                Leaf::Signal(_) | Leaf::Kind(_) | Leaf::Status(_) | Leaf::Severity(_) => 1,
                Leaf::Value(..) | Leaf::HasValue | Leaf::Duration { .. } | Leaf::Id(..) => 2,
                Leaf::Text(..) => 3,
                Leaf::Session(_) | Leaf::Attribute(..) => 4,
                Leaf::Word(_) => 5,
            },
        }
    }
}

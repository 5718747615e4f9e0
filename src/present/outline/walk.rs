//! Visits the tree of an item line by line, from any line on.

use crate::present::fields::{Group, Node};
use std::ops::ControlFlow;

/// The position of a child among its siblings.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(in crate::present) struct Step {
    /// Its position, for [`Group::each`].
    pub at: u32,
    /// The number of siblings before it.
    pub index: u32,
}

/// A node of the tree, and the path to it.
#[derive(Clone, Copy, Debug)]
pub(in crate::present) struct NodePath<'p, 'a> {
    pub parent: Option<&'p NodePath<'p, 'a>>,
    pub step: Step,
    /// Empty in a list.
    pub key: &'a str,
    /// Whether it has a key: its parent is a map.
    pub keyed: bool,
    pub node: Node<'a>,
    /// Whether a sibling follows.
    pub more: bool,
}

impl<'p, 'a> NodePath<'p, 'a> {
    /// Its depth: the number of nodes above it.
    pub fn depth(&self) -> usize {
        std::iter::successors(self.parent, |place| place.parent).count()
    }

    /// Its ancestor at a depth; the node itself at its own depth.
    pub fn above(&self, depth: usize) -> &NodePath<'p, 'a> {
        let mut place = self;
        for _ in depth..self.depth() {
            place = place.parent.unwrap_or(place);
        }
        place
    }

    /// The steps from the root to the node.
    pub fn path(&self) -> Vec<Step> {
        let mut path: Vec<Step> =
            std::iter::successors(Some(self), |place| place.parent).map(|place| place.step).collect();
        path.reverse();
        path
    }
}

/// Which lines a node takes for itself; its children follow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::present) enum Form {
    /// No line.
    Nothing,
    /// One line, and none for its children.
    Line,
    /// No line, then the lines of its children.
    Children,
    /// One line, then the lines of its children.
    Heading,
    /// One line, the lines of its children, and a closing line.
    Brackets,
}

/// One line.
#[derive(Clone, Copy, Debug)]
pub(in crate::present) struct Line<'p, 'a> {
    pub place: &'p NodePath<'p, 'a>,
    /// Whether it is the node's closing line.
    pub closes: bool,
    /// Whether it opens a node that has a closing line.
    pub opens: bool,
}

/// Receives the lines.
pub(in crate::present) trait Visit<'a> {
    /// The next line.
    fn line(&mut self, line: Line<'_, 'a>) -> ControlFlow<()>;

    /// Whether to visit the children of a group; false if the group was handled as a whole.
    fn enter(&mut self, _: Option<&NodePath<'_, 'a>>, _: Group<'a>) -> bool {
        true
    }
}

/// Visits the lines of a group, starting at the node of `path`; all lines for an empty path.
pub(in crate::present) fn walk<'a>(
    group: Group<'a>,
    path: &[Step],
    form: &impl Fn(&NodePath<'_, 'a>) -> Form,
    visit: &mut impl Visit<'a>,
) -> ControlFlow<()> {
    walk_group(group, None, path, form, visit)
}

fn walk_group<'a>(
    group: Group<'a>,
    parent: Option<&NodePath<'_, 'a>>,
    path: &[Step],
    form: &impl Fn(&NodePath<'_, 'a>) -> Form,
    visit: &mut impl Visit<'a>,
) -> ControlFlow<()> {
    if path.is_empty() && !visit.enter(parent, group) {
        return ControlFlow::Continue(());
    }
    let keyed = group.is_map();
    let (start, mut inside) = path.split_first().map_or((Step::default(), path), |(start, rest)| (*start, rest));
    let mut index = start.index;
    // A node is passed on once it is known whether a sibling follows.
    let mut last: Option<NodePath<'_, 'a>> = None;
    group.each(start.at as usize, &mut |at, key, node| {
        let step = Step { at: at as u32, index };
        index += 1;
        match last.replace(NodePath { parent, step, key, keyed, node, more: true }) {
            Some(place) => walk_node(&place, std::mem::take(&mut inside), form, visit),
            None => ControlFlow::Continue(()),
        }
    })?;
    match last {
        Some(place) => walk_node(&NodePath { more: false, ..place }, inside, form, visit),
        None => ControlFlow::Continue(()),
    }
}

fn walk_node<'a>(
    place: &NodePath<'_, 'a>,
    inside: &[Step],
    form: &impl Fn(&NodePath<'_, 'a>) -> Form,
    visit: &mut impl Visit<'a>,
) -> ControlFlow<()> {
    let line = Line { place, closes: false, opens: false };
    let form_here = form(place);
    let brackets = form_here == Form::Brackets;
    if inside.is_empty() && matches!(form_here, Form::Line | Form::Heading | Form::Brackets) {
        visit.line(Line { opens: brackets, ..line })?;
    }
    if let (Form::Children | Form::Heading | Form::Brackets, Node::Group(group)) = (form_here, place.node) {
        walk_group(group, Some(place), inside, form, visit)?;
    }
    if brackets { visit.line(Line { closes: true, ..line }) } else { ControlFlow::Continue(()) }
}

//! The fields that an expression names, for the message that no item has one of them.

use super::{Comparison, Expr, Filter, well_known_fields};
use crate::columns::{Batch, ShapeId};
use crate::model::visible;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A field named in an expression.
#[derive(Clone, Debug)]
pub struct NamedField {
    /// Its name in the filter language.
    pub name: String,
    /// Selects the items that have it.
    pub exists: Arc<Filter>,
}

impl Filter {
    /// Each compared field once, in the order of the expression. Fields that every item has are left out.
    pub fn named_fields(&self) -> Vec<NamedField> {
        let mut names = Vec::new();
        collect(self.expr(), &mut names);
        let field = |name: String| {
            let exists = Filter::parse(&format!("{name}:*")).ok().filter(|exists| !exists.is_everything())?;
            Some(NamedField { name, exists: Arc::new(exists) })
        };
        names.into_iter().filter_map(field).collect()
    }
}

fn collect(expr: &Expr, names: &mut Vec<String>) {
    match expr {
        Expr::Everything | Expr::Word(_) => {}
        Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| collect(part, names)),
        Expr::Not(inner, _) => collect(inner, names),
        Expr::Comparison(Comparison { field, .. }) => {
            let name = field.to_string();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
}

/// The attribute keys of a batch: those of its items, resources and scopes, of span events and links.
pub fn attribute_keys(batch: &Batch) -> BTreeSet<&str> {
    let dictionary = &batch.dictionary;
    let shapes = (0..dictionary.shapes.len() as u32).map(ShapeId);
    shapes.flat_map(|shape| dictionary.shapes.keys(shape)).map(|key| dictionary.text(*key)).collect()
}

/// The message for a field that no item has, with the well-known field or the attribute key that looks most like it. It is
/// harmless on a terminal.
pub fn no_such_field<'a>(name: &str, keys: impl IntoIterator<Item = &'a str>) -> String {
    let meant = nearest(name, well_known_fields().map(|field| -> &'a str { field }).chain(keys));
    let question = meant.map(|meant| format!("; did you mean `{}`?", visible(meant))).unwrap_or_default();
    format!("no item has a field `{}`{question}", visible(name))
}

/// The name with the fewest typing errors between (one for every three characters at most), by the optimal string alignment
/// distance, ignoring case. A prefix such as `@` or `attributes.` is not compared.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let prefixes = ["@", ".", "attributes.", "resource.", "span."];
    let bare = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name).to_lowercase();
    let most = (bare.chars().count() / 3).max(1);
    let lengths = bare.len().saturating_sub(4 * most)..=bare.len() + 4 * most;
    let similar = known.filter(|known| *known != name && lengths.contains(&known.len()));
    let errors = similar.map(|known| (strsim::osa_distance(&bare, &known.to_lowercase()), known));
    errors.filter(|(errors, _)| *errors <= most).min_by_key(|(errors, _)| *errors).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compared_field_is_named_once() {
        let filter =
            Filter::parse("stauts:error (service:a or not \"a b\"=1) timeout stauts:ok @http.route:/x").unwrap();
        let names: Vec<String> = filter.named_fields().into_iter().map(|field| field.name).collect();
        assert_eq!(names, ["stauts", "service", "\"a b\"", "@http.route"]);
    }

    #[test]
    fn the_nearest_known_name_is_proposed() {
        let keys = ["http.route", "user.id"];
        for (name, message) in [
            ("stauts", "no item has a field `stauts`; did you mean `status`?"),
            ("@htp.route", "no item has a field `@htp.route`; did you mean `http.route`?"),
            ("User.Id", "no item has a field `User.Id`; did you mean `user.id`?"),
            ("colour", "no item has a field `colour`"),
            ("a\u{202e}b", "no item has a field `a\\u{202e}b`"),
        ] {
            assert_eq!(no_such_field(name, keys), message);
        }
    }
}

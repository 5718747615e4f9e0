//! What is offered while a filter is typed: fields, operators and values, by what stands at the cursor.

use super::App;
use super::line::Line;
use super::offers::{Completion, MAX_COMPLETIONS, Offered};
use super::query::{SeenAnswer, SeenQuery};
use super::typing::Typing;
use crate::analyze::KeyPlace;
use crate::filter::{
    FIELD_PREFIXES, ListedField, Name, Operator, Token, Typed, attribute_field, field_operators, main_fields,
    prefixed_field, typed_at, value_after,
};
use crate::model::{Value, visible};
use crate::present::number;
use std::collections::HashMap;

/// A candidate for the token at the cursor.
struct Offer {
    /// What is compared with the text that is typed.
    name: String,
    /// What takes the token's place.
    written: String,
    about: String,
    /// Whether something must follow.
    goes_on: bool,
}

/// Well-known fields in a few words.
const ABOUT: [(&str, &str); 21] = [
    ("service", "name of the service"),
    ("name", "of a span, metric or event"),
    ("kind", "server, client, …"),
    ("status", "unset, ok, error"),
    ("status_message", "why a span failed"),
    ("duration", "of a span: duration>250ms"),
    ("trace", "trace id, or its beginning"),
    ("span", "span id, or its beginning"),
    ("parent", "id of the parent span"),
    ("session", "session id"),
    ("severity", "of a log record: severity>=warn"),
    ("scope", "instrumentation scope"),
    ("scope.version", "version of the scope"),
    ("source", "name of the source"),
    ("signal", "span, metric, log, event, gap"),
    ("type", "of a metric or an event"),
    ("value", "number of a metric point"),
    ("unit", "of a metric"),
    ("genai", "GenAI operations: genai:true"),
    ("body", "of a log record"),
    ("payload", "of an event"),
];

impl Line {
    /// The token of an expression that begins at `lead` and has the cursor in it.
    pub(super) fn token(&self, lead: usize) -> Option<Typed> {
        typed_at(self.text().get(lead..)?, self.cursor().checked_sub(lead)?)
    }
}

impl App {
    /// What a line with an expression from `lead` on may become.
    pub(super) fn filters(&self, line: &Line, lead: usize) -> Offered {
        let Some(typed) = line.token(lead) else { return Offered::default() };
        let (offers, others) = match &typed.token {
            Token::Field { follows_term, has_operator } => {
                (self.field_offers(&typed.text, *follows_term, *has_operator), self.fields.keys.others)
            }
            Token::Value { field, operator } => self.value_offers(field, *operator, &typed.text),
        };
        let beyond = offers.len().saturating_sub(MAX_COMPLETIONS);
        let completion = |offer: Offer| {
            let text = line.text();
            let before = &text[..lead + typed.at.start];
            let line = format!("{before}{}{}", offer.written, &text[lead + typed.at.end..]);
            let cursor = before.len() + offer.written.len();
            let name = visible(&offer.written);
            Completion { name, argument: "", about: offer.about, line, cursor, goes_on: offer.goes_on }
        };
        let mut completions: Vec<Completion> = offers.into_iter().take(MAX_COMPLETIONS).map(completion).collect();
        align(&mut completions);
        Offered { completions, beyond, others }
    }

    fn field_offers(&self, typed: &str, follows_term: bool, has_operator: bool) -> Vec<Offer> {
        let field = |name: String, about: String| {
            let operators = field_operators(&name);
            let operator = if has_operator { "" } else { operators.first().copied().unwrap_or_default() };
            Offer { written: format!("{name}{operator}"), name, about, goes_on: !has_operator }
        };
        let mut offers: Vec<Offer> = Vec::new();
        for name in main_fields() {
            let about = ABOUT.iter().find(|(known, _)| *known == name).map_or("", |(_, about)| about);
            offers.push(field(name.to_owned(), about.to_owned()));
        }
        let keyword = |(name, about): (&str, &str)| {
            let (name, about) = (name.to_owned(), about.to_owned());
            Offer { written: format!("{name} "), name, about, goes_on: true }
        };
        let joints = [("or", "one of both holds"), ("and", "both hold, as without it")];
        offers.extend(joints.into_iter().filter(|_| follows_term && !has_operator).map(keyword));
        offers.extend([("not", "the opposite")].into_iter().filter(|_| !has_operator).map(keyword));
        let keys = self.keys_by_count(typed).into_iter().filter(|(name, _)| main_fields().all(|main| main != name));
        offers.extend(keys.map(|(name, count)| field(name, number::count(count))));
        let mut offers = fitting(offers, typed);
        // A name that is complete may be followed by any of its operators.
        if let Some(at) = offers.iter().position(|offer| offer.name == typed && offer.goes_on && !has_operator)
            && !offers[at].written.ends_with(' ')
        {
            let (name, about) = (offers[at].name.clone(), offers[at].about.clone());
            let others = field_operators(&name).iter().skip(1).map(|operator| Offer {
                written: format!("{name}{operator}"),
                name: name.clone(),
                about: about.clone(),
                goes_on: true,
            });
            let others: Vec<Offer> = others.collect();
            offers.splice(at + 1..at + 1, others);
        }
        offers
    }

    /// The keys as the language writes them, the most frequent first. Prefixes are written where one is typed or begun.
    fn keys_by_count(&self, typed: &str) -> Vec<(String, u64)> {
        let mut fields: HashMap<String, u64> = HashMap::new();
        for ((place, key), count) in &self.fields.keys.keys {
            if matches!(place, KeyPlace::Item | KeyPlace::Resource | KeyPlace::Payload) {
                *fields.entry(attribute_field(key)).or_default() += count;
            }
            let prefixes = FIELD_PREFIXES[*place as usize].iter();
            let begun = prefixes
                .filter(|prefix| !typed.is_empty() && (prefix.starts_with(typed) || typed.starts_with(**prefix)));
            begun.for_each(|prefix| *fields.entry(prefixed_field(prefix, key)).or_default() += count);
        }
        let mut fields: Vec<(String, u64)> = fields.into_iter().collect();
        fields.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        fields
    }

    /// The values seen of a field, the most frequent first, and how many rows have others.
    fn value_offers(&self, field: &Name, operator: Operator, typed: &str) -> (Vec<Offer>, u64) {
        let name = field.to_string();
        // Numbers are not guessed; severities have an order, too.
        if operator.is_order() && name != "severity" {
            return (Vec::new(), 0);
        }
        let offer = |value: Value<'_>, about: String| {
            let written = value_after(operator, value)?;
            let name = if let Value::Text(text) = value { text.to_owned() } else { value.display() };
            Some(Offer { name, written, about, goes_on: false })
        };
        if name == "genai" {
            return (fitting(offer(Value::Bool(true), String::new()).into_iter().collect(), typed), 0);
        }
        let Some((_, table)) =
            self.fields.values.as_ref().filter(|(known, _)| ListedField::of(field).as_ref() == Some(known))
        else {
            return (Vec::new(), 0);
        };
        let values = table.by_count().into_iter();
        let offers = values.filter_map(|(value, count)| offer(value.value(), number::count(count))).collect();
        let typed = typed.trim_start_matches(['"', '\'', '`', '^']);
        (fitting(offers, &typed.replace("\\\"", "\"")), table.others)
    }

    /// What the line that is typed wants to know of the view.
    pub(super) fn seen_query(&self) -> Option<SeenQuery> {
        let (line, lead) = self.typing.as_ref()?.expression()?;
        match line.token(lead)?.token {
            Token::Field { .. } => Some(SeenQuery::Keys),
            Token::Value { field, .. } => ListedField::of(&field).map(SeenQuery::Values),
        }
    }

    /// Takes what was seen. Whether the display changed.
    pub(super) fn take_seen(&mut self, answer: SeenAnswer) -> bool {
        match answer {
            SeenAnswer::Keys(keys) => self.fields.keys = keys,
            SeenAnswer::Values(field, values) => self.fields.values = Some((field, values)),
        }
        self.typing.as_ref().is_some_and(Typing::offers)
    }
}

/// The offers that begin with what is typed, then those that have it inside; in any case.
fn fitting(offers: Vec<Offer>, typed: &str) -> Vec<Offer> {
    let typed = typed.to_lowercase();
    let is_inside = typed.starts_with(char::is_alphanumeric);
    let (mut first, mut inside) = (Vec::new(), Vec::new());
    for offer in offers {
        let name = offer.name.to_lowercase();
        if name.starts_with(&typed) {
            first.push(offer);
        } else if is_inside && name.contains(&typed) {
            inside.push(offer);
        }
    }
    first.append(&mut inside);
    first
}

/// Puts counts below one another at their last digit.
fn align(completions: &mut [Completion]) {
    let is_count = |about: &str| about.starts_with(|c: char| c.is_ascii_digit());
    let counts = completions.iter().filter(|completion| is_count(&completion.about));
    let widest = counts.map(|completion| completion.about.chars().count()).max().unwrap_or_default();
    for completion in completions.iter_mut().filter(|completion| is_count(&completion.about)) {
        completion.about = format!("{:>widest$}", completion.about);
    }
}

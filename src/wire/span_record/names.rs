//! What the keys of a span record mean, in each of its four shapes, in camelCase and snake_case.

use super::envelope::Mark;
use crate::wire::json::{Entry, KeyId};
use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A field of a record. Several keys may name the same field, in different shapes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Field {
    TraceId,
    SpanId,
    ParentSpanId,
    TraceState,
    Session,
    Name,
    Service,
    ServiceVersion,
    Kind,
    /// Nanoseconds since 1970.
    StartNanos,
    EndNanos,
    /// A time as text, or a number whose unit is unknown.
    Start,
    End,
    DurationNanos,
    DurationMillis,
    StatusCode,
    Status,
    StatusMessage,
    Attributes,
    AttributesText,
    Resource,
    Events,
    Links,
}

/// How many fields there are, without the GenAI fields.
pub(super) const FIELDS: usize = Field::Links as usize + 1;

/// A GenAI field of a record: its index in [`GEN_AI`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct GenAiField(pub u8);

/// What a key at the top level of a record means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    Field(Field),
    GenAi(GenAiField),
    /// An object that contains GenAI fields.
    GenAiObject,
}

/// What a key means, by where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Known {
    /// At the top level of a record; `None` if otail does not know the key.
    pub in_record: Option<Meaning>,
    /// In an object of GenAI fields.
    pub in_gen_ai: Option<GenAiField>,
    /// In any object that may be a record or wrap one.
    pub mark: Option<Mark>,
}

/// The meanings of a stream's keys, by their numbers: each key is looked up once.
#[derive(Default)]
pub(super) struct Names(Vec<Option<Known>>);

impl Names {
    /// The meaning of an entry's key.
    #[inline]
    pub fn of(&mut self, entry: Entry<'_>) -> Known {
        let id = entry.key_id();
        match self.0.get(id.index()) {
            Some(Some(known)) => *known,
            _ => self.learn(id, entry.key()),
        }
    }

    fn learn(&mut self, id: KeyId, key: &str) -> Known {
        let known =
            Known { in_record: TOP.get(key).copied(), in_gen_ai: NESTED.get(key).copied(), mark: Mark::of(key) };
        if id != KeyId::NONE {
            if self.0.len() <= id.index() {
                self.0.resize(id.index() + 1, None);
            }
            self.0[id.index()] = Some(known);
        }
        known
    }
}

/// Whether a record's field can become this attribute: `session.id`, or one of [`GEN_AI`].
#[inline]
pub(super) fn may_be_of_field(attribute: &str) -> bool {
    match attribute.as_bytes().first() {
        Some(b'g') => attribute.starts_with("gen_ai."),
        Some(b'q') => attribute.starts_with("qyl."),
        Some(b's') => attribute == SESSION,
        _ => false,
    }
}

/// The attribute for the session field.
pub(super) const SESSION: &str = "session.id";

const RECORD: &[(&str, Field)] = &[
    ("traceId", Field::TraceId),
    ("spanId", Field::SpanId),
    ("parentSpanId", Field::ParentSpanId),
    ("traceState", Field::TraceState),
    ("sessionId", Field::Session),
    ("name", Field::Name),
    ("serviceName", Field::Service),
    ("serviceVersion", Field::ServiceVersion),
    ("kind", Field::Kind),
    ("startTimeUnixNano", Field::StartNanos),
    ("endTimeUnixNano", Field::EndNanos),
    ("startTime", Field::Start),
    ("endTime", Field::End),
    ("durationNs", Field::DurationNanos),
    ("durationMs", Field::DurationMillis),
    ("statusCode", Field::StatusCode),
    ("status", Field::Status),
    ("statusMessage", Field::StatusMessage),
    ("attributes", Field::Attributes),
    ("attributesJson", Field::AttributesText),
    ("resource", Field::Resource),
    ("resourceAttributes", Field::Resource),
    ("resourceJson", Field::Resource),
    ("events", Field::Events),
    ("eventsJson", Field::Events),
    ("links", Field::Links),
    ("linksJson", Field::Links),
];

/// GenAI fields: the key; other keys for the same field; whether they also stand without a prefix at the top level of a
/// record; the attribute's name in the semantic conventions, or the provider's name where these have none.
pub(super) const GEN_AI: &[(&[&str], bool, &str)] = &[
    (&["operationName"], false, OPERATION),
    (&["providerName"], true, "gen_ai.provider.name"),
    (&["requestModel"], true, "gen_ai.request.model"),
    (&["responseModel"], true, "gen_ai.response.model"),
    (&["inputTokens", "tokensIn"], true, "gen_ai.usage.input_tokens"),
    (&["outputTokens", "tokensOut"], true, "gen_ai.usage.output_tokens"),
    (&["totalTokens"], false, "gen_ai.usage.total_tokens"),
    (&["temperature"], false, "gen_ai.request.temperature"),
    (&["topP"], false, "gen_ai.request.top_p"),
    (&["topK"], false, "gen_ai.request.top_k"),
    (&["maxTokens"], false, "gen_ai.request.max_tokens"),
    (&["seed"], false, "gen_ai.request.seed"),
    (&["frequencyPenalty"], false, "gen_ai.request.frequency_penalty"),
    (&["presencePenalty"], false, "gen_ai.request.presence_penalty"),
    (&["choiceCount"], false, "gen_ai.request.choice.count"),
    (&["responseId"], false, "gen_ai.response.id"),
    (&["finishReasons", "finishReason", "stopReason"], true, FINISH_REASONS),
    (&["agentId"], false, "gen_ai.agent.id"),
    (&["agentName"], false, "gen_ai.agent.name"),
    (&["toolName"], false, "gen_ai.tool.name"),
    (&["toolCallId"], false, "gen_ai.tool.call.id"),
    (&["toolType"], false, "gen_ai.tool.type"),
    (&["conversationId"], false, "gen_ai.conversation.id"),
    (&["costUsd"], true, "qyl.cost.usd"),
    (&["evalScore"], true, "gen_ai.evaluation.score.value"),
    (&["evalReason"], true, "gen_ai.evaluation.explanation"),
];

/// Marks a span as a GenAI operation.
pub(super) const OPERATION: &str = "gen_ai.operation.name";

/// An array in the conventions; records have one text.
pub(super) const FINISH_REASONS: &str = "gen_ai.response.finish_reasons";

/// How many of the first entries of [`GEN_AI`] mark a span as a GenAI operation.
pub(super) const GEN_AI_MARKS: usize = 7;

/// The well-known values of `gen_ai.operation.name`. A GenAI span's name begins with one of them.
pub(super) const OPERATIONS: &[&str] = &[
    "chat",
    "generate_content",
    "text_completion",
    "embeddings",
    "retrieval",
    "execute_tool",
    "create_agent",
    "invoke_agent",
    "invoke_workflow",
];

type Table<M> = HashMap<String, M, FixedState>;

static TOP: LazyLock<Table<Meaning>> = LazyLock::new(|| {
    let mut names = Table::default();
    for (key, field) in RECORD {
        names.insert(key.to_string(), Meaning::Field(*field));
        names.insert(snake(key), Meaning::Field(*field));
    }
    for key in ["genAi", "genai", "gen_ai"] {
        names.insert(key.to_string(), Meaning::GenAiObject);
    }
    for (index, (keys, bare, _)) in GEN_AI.iter().enumerate() {
        let meaning = Meaning::GenAi(GenAiField(index as u8));
        for key in *keys {
            let (first, rest) = key.split_at(1);
            names.insert(format!("genAi{}{rest}", first.to_uppercase()), meaning);
            names.insert(format!("gen_ai_{}", snake(key)), meaning);
            if *bare {
                names.insert(key.to_string(), meaning);
                names.insert(snake(key), meaning);
            }
        }
    }
    names
});

static NESTED: LazyLock<Table<GenAiField>> = LazyLock::new(|| {
    let keys = GEN_AI.iter().enumerate().flat_map(|(index, (keys, ..))| keys.iter().map(move |key| (index, *key)));
    let both = keys.flat_map(|(index, key)| [key.to_string(), snake(key)].map(|key| (key, GenAiField(index as u8))));
    both.collect()
});

fn snake(camel: &str) -> String {
    let mut snake = String::new();
    for c in camel.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json::{Json, Level, Room};

    fn of_record(key: &str) -> Option<Meaning> {
        Names::default().learn(KeyId::NONE, key).in_record
    }

    fn of_gen_ai(key: &str) -> Option<GenAiField> {
        Names::default().learn(KeyId::NONE, key).in_gen_ai
    }

    #[test]
    fn a_key_keeps_its_meaning_after_other_keys() {
        let (mut names, mut room) = (Names::default(), Room::default());
        for text in
            [r#"{"name":1,"kind":2}"#, r#"{"kind":1,"mine":2,"na\u006de":3}"#, r#"{"mine":1,"name":2,"kind":[]}"#]
        {
            for _ in 0..2 {
                let json = Json::parse(&mut room, Level::Outer, text).unwrap();
                for entry in json.root().entries() {
                    assert_eq!(names.of(entry).in_record, of_record(entry.key()), "{text}");
                }
                room.take_back(json);
            }
        }
    }

    #[test]
    fn attributes_of_known_fields_are_recognized() {
        assert!(GEN_AI.iter().all(|(.., attribute)| may_be_of_field(attribute)));
        assert!(may_be_of_field(SESSION) && !may_be_of_field("http.route"));
    }

    #[test]
    fn either_case_means_the_same() {
        for (camel, snake) in [
            ("startTimeUnixNano", "start_time_unix_nano"),
            ("genAiProviderName", "gen_ai_provider_name"),
            ("genAiTopP", "gen_ai_top_p"),
            ("genAi", "gen_ai"),
            ("tokensIn", "tokens_in"),
        ] {
            assert!(of_record(camel).is_some(), "{camel}");
            assert_eq!(of_record(camel), of_record(snake));
        }
        assert_eq!(of_gen_ai("topP"), of_gen_ai("top_p"));
    }

    #[test]
    fn general_words_mean_genai_only_in_genai_objects() {
        for key in ["seed", "temperature", "agentId", "operationName"] {
            assert!(of_gen_ai(key).is_some() && of_record(key).is_none(), "{key}");
        }
    }
}

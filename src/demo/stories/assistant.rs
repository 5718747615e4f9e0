//! The assistant: an agent that plans, calls tools and answers, recorded by the conventions for generative AI.

use super::goods::GOODS;
use super::visit::{stock, through_gateway};
use crate::demo::attribute::{Attributes, boolean, double, int, maps, text, texts};
use crate::demo::calls::{Http, seconds};
use crate::demo::cast::Service;
use crate::demo::instrument::Instrument;
use crate::demo::language::Library;
use crate::demo::trace::Trace;
use crate::model::{Severity, SpanKind};

const MODEL: &str = "gpt-5-mini";
const SERVED: &str = "gpt-5-mini-2025-08-07";
const EMBEDDER: &str = "text-embedding-3-small";
const QUESTIONS: [&str; 6] = [
    "Which tea has the least caffeine?",
    "Is the gooseneck kettle in stock?",
    "What goes well with scones?",
    "How hot should the water be for sencha?",
    "A present for somebody who drinks only coffee?",
    "Wo ist meine Bestellung?",
];

pub(super) fn ask(t: &mut Trace) {
    let question = *t.simulation.random.pick(&QUESTIONS);
    through_gateway(t, &Http::post("/assistant"), &Http::post("/api/assistant"), |t| {
        t.http(Service::Assistant, &Http::post("/chat"), |t| {
            let conversation = format!("conv_{}", t.simulation.random.hex(12));
            let agent = "invoke_agent tea-sommelier".to_owned();
            t.inside(Library::GenAi, SpanKind::Internal, agent, |t| {
                t.set(about("invoke_agent"));
                t.set([text("gen_ai.agent.name", "tea-sommelier"), text("gen_ai.agent.id", "agent-tea-7")]);
                t.set([text("gen_ai.conversation.id", conversation.clone())]);
                converse(t, &conversation, question)
            })
        })
    });
}

/// Returns the HTTP status of the answer.
fn converse(t: &mut Trace, conversation: &str, question: &str) -> i64 {
    embed(t, question);
    let tools = t.simulation.random.whole(0, 2);
    for turn in 0..=tools {
        let last = turn == tools;
        if !chat(t, conversation, question, last) {
            return 503;
        }
        if !last {
            tool(t);
        }
    }
    t.log(Severity(9), format!("answered after {} model calls", tools + 1), vec![int("shop.assistant.tools", tools)]);
    200
}

fn embed(t: &mut Trace, question: &str) {
    t.inside(Library::GenAi, SpanKind::Client, format!("embeddings {EMBEDDER}"), |t| {
        t.set(about("embeddings"));
        t.set([text("gen_ai.request.model", EMBEDDER), int("gen_ai.usage.input_tokens", question.len() as i64 / 4)]);
        t.set([int("gen_ai.embeddings.dimension.count", 512)]);
        t.spend(48.0, 0.4);
    });
}

/// One call of the model; false if the provider refused.
fn chat(t: &mut Trace, conversation: &str, question: &str, last: bool) -> bool {
    t.inside(Library::GenAi, SpanKind::Client, format!("chat {MODEL}"), |t| {
        let began = t.now;
        let input = t.simulation.random.whole(380, 2_600);
        let output = if last { t.simulation.random.whole(60, 420) } else { t.simulation.random.whole(18, 40) };
        let reasoning = output / 3;
        let mut point = about("chat");
        point.push(text("gen_ai.request.model", MODEL));
        t.set(point.clone());
        t.set([
            text("server.address", "api.openai.com"),
            text("gen_ai.conversation.id", conversation),
            double("gen_ai.request.temperature", 0.2),
            int("gen_ai.request.max_tokens", 1_024),
            boolean("gen_ai.request.stream", true),
            maps("gen_ai.input.messages", messages("user", question)),
        ]);
        if t.chance(0.05) {
            t.work(130.0);
            t.set([int("http.response.status_code", 429)]);
            let frames = ["openai/_base_client.py:1044 in request", "assistant/agent.py:63 in converse"];
            t.exception("openai.RateLimitError", "Rate limit reached for gpt-5-mini in organization teashop", &frames);
            point.push(text("error.type", "openai.RateLimitError"));
            t.measure(Instrument::GenAiDuration, seconds(began, t.now), point);
            return false;
        }
        t.spend(280.0, 0.4);
        t.event("first chunk", vec![]);
        t.set([double("gen_ai.response.time_to_first_chunk", seconds(began, t.now))]);
        t.spend(output as f64 * 7.0, 0.15);
        let finish = if last { "stop" } else { "tool_calls" };
        let id = format!("chatcmpl-{}", t.simulation.random.hex(16));
        t.set([
            text("gen_ai.response.model", SERVED),
            text("gen_ai.response.id", id),
            texts("gen_ai.response.finish_reasons", &[finish]),
            int("gen_ai.usage.input_tokens", input),
            int("gen_ai.usage.output_tokens", output),
            int("gen_ai.usage.cache_read.input_tokens", input / 2),
            int("gen_ai.usage.reasoning.output_tokens", reasoning),
        ]);
        point.push(text("gen_ai.response.model", SERVED));
        t.measure(Instrument::GenAiDuration, seconds(began, t.now), point.clone());
        for (kind, tokens) in [("input", input), ("output", output)] {
            let mut point = point.clone();
            point.push(text("gen_ai.token.type", kind));
            t.measure(Instrument::TokenUsage, tokens as f64, point);
        }
        true
    })
}

fn tool(t: &mut Trace) {
    let good = t.simulation.random.popular(&GOODS);
    let look_up = t.chance(0.5);
    let name = if look_up { "get_stock" } else { "search_products" };
    t.inside(Library::GenAi, SpanKind::Internal, format!("execute_tool {name}"), |t| {
        let id = format!("call_{}", t.simulation.random.hex(12));
        t.set([text("gen_ai.operation.name", "execute_tool"), text("gen_ai.tool.name", name)]);
        t.set([text("gen_ai.tool.type", "function"), text("gen_ai.tool.call.id", id)]);
        t.set([text("gen_ai.tool.call.arguments", format!(r#"{{"sku":"{}"}}"#, good.sku))]);
        if look_up {
            stock(t, good);
        } else {
            t.http(Service::Catalog, &Http::get("/products/{sku}").of(good.sku), |t| {
                t.redis("GET", "product:{key}", 0.5);
                200
            });
        }
        t.set([text("gen_ai.tool.call.result", format!(r#"{{"name":"{}","price":{}}}"#, good.name, good.price))]);
    });
}

fn about(operation: &str) -> Attributes {
    vec![text("gen_ai.operation.name", operation), text("gen_ai.provider.name", "openai")]
}

/// One message in the format of the conventions' JSON schema.
fn messages(role: &str, content: &str) -> Vec<Attributes> {
    let part = vec![text("type", "text"), text("content", content)];
    vec![vec![text("role", role), maps("parts", vec![part])]]
}

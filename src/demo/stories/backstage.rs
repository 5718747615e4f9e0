//! Background work: probes, restocking, and the consumers of Kafka.

use crate::demo::attribute::{int, text};
use crate::demo::calls::{Answer, Http, Query, message};
use crate::demo::cast::Service;
use crate::demo::instrument::Instrument;
use crate::demo::language::Library;
use crate::demo::simulation::Order;
use crate::demo::trace::{Opening, Trace};
use crate::model::{Severity, SpanKind};
use opentelemetry_proto::tonic::common::v1::KeyValue;

const LOW: Query = Query {
    operation: "SELECT",
    table: "stock",
    sql: "SELECT sku, free FROM stock WHERE free < threshold ORDER BY free",
    ms: 18.0,
    rows: 3,
};
const SHIP: Query = Query {
    operation: "UPDATE",
    table: "orders",
    sql: "UPDATE orders SET state = 'shipped' WHERE id = $1",
    ms: 2.6,
    rows: 1,
};

pub(super) fn probe(t: &mut Trace) {
    t.arrive(Service::Gateway, &Http::get("/healthz"), "kube-probe/1.34", |t| {
        t.work(0.4);
        200
    });
}

pub(super) fn restock(t: &mut Trace) {
    let process = t.simulation.process_of(Service::Inventory);
    let name = "restock sweep".to_owned();
    t.within(Opening { process, library: Library::App, kind: SpanKind::Internal, name }, None, |t| {
        let low = t.simulation.random.whole(0, 4);
        t.postgres(&Query { rows: low, ..LOW }, None);
        t.set([int("shop.stock.low", low)]);
        for _ in 0..low {
            t.postgres(
                &Query {
                    operation: "INSERT",
                    table: "purchase_orders",
                    sql: "INSERT INTO purchase_orders (sku, amount) VALUES ($1, $2)",
                    ms: 2.0,
                    rows: 1,
                },
                None,
            );
        }
        if low > 0 {
            t.log(Severity(9), format!("ordered {low} products anew"), vec![int("shop.stock.low", low)]);
        } else {
            t.log(Severity(5), "nothing to order", vec![]);
        }
    });
}

/// A trace of its own that fetches orders in batches and links to their traces.
pub(super) fn fulfil(t: &mut Trace) {
    let count = t.simulation.queue.len().min(8);
    if count == 0 {
        return;
    }
    let orders: Vec<Order> = t.simulation.queue.drain(..count).collect();
    let process = t.simulation.process_of(Service::Fulfilment);
    let name = "poll orders".to_owned();
    t.within(Opening { process, library: Library::Kafka, kind: SpanKind::Client, name }, None, |t| {
        t.set(consuming("poll", "receive", "fulfilment"));
        t.set([int("messaging.batch.message_count", count as i64)]);
        for order in &orders {
            t.link(order.sent, message(&order.id, order.offset));
        }
        t.work(6.0);
        t.measure(Instrument::MessagesConsumed, count as f64, consuming("poll", "receive", "fulfilment").into());
        let waiting = t.simulation.queue.len() as f64;
        t.measure(Instrument::ConsumerLag, waiting, vec![text("messaging.consumer.group.name", "fulfilment")]);
        for order in &orders {
            t.inside(Library::Kafka, SpanKind::Consumer, "process orders".to_owned(), |t| ship(t, order));
        }
    });
}

fn ship(t: &mut Trace, order: &Order) {
    t.set(consuming("process", "process", "fulfilment"));
    t.set(message(&order.id, order.offset));
    t.link(order.sent, vec![]);
    let status = t.http(Service::Shipping, &Http::post("/shipments"), |t| {
        t.step("print label", |t| t.work(14.0));
        if t.chance(t.simulation.weather(t.now).mishaps * 2.0) {
            t.exception("ValueError", "street is longer than 35 characters", &["labels.py:77 in render"]);
            return 422;
        }
        201
    });
    if status == 201 {
        t.postgres(&SHIP, None);
        t.log(Severity(9), format!("{} shipped", order.id), vec![text("shop.order.id", order.id.clone())]);
    } else {
        t.fail("shipment", "no label, order put aside");
        t.log(Severity(17), format!("{} put aside", order.id), vec![text("shop.order.id", order.id.clone())]);
    }
}

/// Continues the order's own trace after that has ended.
pub(super) fn notify(t: &mut Trace, order: &Order) {
    let process = t.simulation.process_of(Service::Notifications);
    let name = "process orders".to_owned();
    t.within(Opening { process, library: Library::Kafka, kind: SpanKind::Consumer, name }, Some(order.sent), |t| {
        t.set(consuming("process", "process", "notifications"));
        t.set(message(&order.id, order.offset));
        t.measure(Instrument::MessagesConsumed, 1.0, consuming("process", "process", "notifications").into());
        t.step("render mail", |t| t.work(5.0));
        t.fetch("smtp-relay.example", &Http::post("/v3/mail/send"), |t| {
            t.spend(70.0, 0.5);
            Answer::Status(if t.chance(t.simulation.weather(t.now).mishaps) { 503 } else { 202 })
        });
        t.log(Severity(9), "confirmation sent", vec![text("shop.order.id", order.id.clone())]);
    });
}

fn consuming(operation: &str, kind: &str, group: &str) -> [KeyValue; 5] {
    [
        text("messaging.system", "kafka"),
        text("messaging.destination.name", "orders"),
        text("messaging.operation.name", operation),
        text("messaging.operation.type", kind),
        text("messaging.consumer.group.name", group),
    ]
}

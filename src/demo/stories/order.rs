//! Payment: the longest story, with the most ways to fail.

use super::goods::GOODS;
use super::visit::through_gateway;
use crate::demo::attribute::{double, int, map_value, text};
use crate::demo::calls::{Answer, Code, Http, Query};
use crate::demo::cast::Service;
use crate::demo::instrument::Instrument;
use crate::demo::simulation::{Happening, Order, later};
use crate::demo::trace::Trace;
use crate::model::Severity;

const RESERVE: Query = Query {
    operation: "UPDATE",
    table: "stock",
    sql: "UPDATE stock SET free = free - $2, reserved = reserved + $2 WHERE sku = $1 AND free >= $2",
    ms: 2.2,
    rows: 1,
};
const INSERT_ORDER: Query = Query {
    operation: "INSERT",
    table: "orders",
    sql: "INSERT INTO orders (id, user_id, total, state) VALUES ($1, $2, $3, 'paid')",
    ms: 3.1,
    rows: 1,
};
const PROVIDER: &str = "api.acquirer.example";
/// The payment service waits this many milliseconds for the provider, and asks it `ATTEMPTS` times.
const TIMEOUT_MS: f64 = 2_500.0;
const ATTEMPTS: i64 = 3;

pub(super) fn checkout(t: &mut Trace) {
    let items = t.simulation.random.whole(1, 4);
    let price: f64 = (0..items).map(|_| t.simulation.random.popular(&GOODS).price).sum();
    let total = (price * 100.0).round() / 100.0;
    t.simulation.orders += 1;
    let (number, order) = (t.simulation.orders, format!("ord-{}", t.simulation.orders));
    through_gateway(t, &Http::post("/checkout"), &Http::post("/api/orders"), |t| {
        t.http(Service::Checkout, &Http::post("/orders"), |t| {
            t.set([text("shop.order.id", order.clone()), double("shop.order.total", total)]);
            let outcome = place(t, &order, items, total);
            let about = vec![text("shop.order.outcome", outcome.word())];
            t.measure(Instrument::Orders, 1.0, about);
            t.measure(Instrument::BasketValue, total, vec![text("shop.currency", "EUR")]);
            if outcome == Outcome::Paid {
                t.measure(Instrument::Revenue, total, vec![text("shop.currency", "EUR")]);
                confirm(t, &order, number, items, total);
            }
            outcome.status()
        })
    });
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Paid,
    Declined,
    SoldOut,
    PaymentFailed,
    Broken,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Outcome::Paid => "paid",
            Outcome::Declined => "declined",
            Outcome::SoldOut => "sold_out",
            Outcome::PaymentFailed => "payment_failed",
            Outcome::Broken => "broken",
        }
    }

    fn status(self) -> i64 {
        match self {
            Outcome::Paid => 201,
            Outcome::Declined => 402,
            Outcome::SoldOut => 409,
            Outcome::PaymentFailed => 502,
            Outcome::Broken => 500,
        }
    }
}

fn place(t: &mut Trace, order: &str, items: i64, total: f64) -> Outcome {
    t.rpc(Service::Cart, "shop.cart.v1.Cart/GetCart", |t| {
        t.redis("HGETALL", "cart:{user}", 0.8);
        (Code::Ok, "")
    });
    let (reserved, _) = t.together(|t| reserve(t, items), quote);
    match reserved {
        Code::Ok => {}
        Code::FailedPrecondition => {
            t.log(Severity(13), format!("{order}: sold out"), vec![text("shop.order.id", order)]);
            return Outcome::SoldOut;
        }
        _ => {
            t.fail("inventory", "could not reserve stock");
            return Outcome::Broken;
        }
    }
    match charge(t, order, total) {
        Code::Ok => {}
        Code::FailedPrecondition => {
            t.log(Severity(13), format!("{order}: card declined"), vec![text("shop.order.id", order)]);
            return Outcome::Declined;
        }
        _ => {
            t.fail("payment", "payment provider did not answer");
            t.log(Severity(17), format!("{order}: payment failed"), vec![text("shop.order.id", order)]);
            return Outcome::PaymentFailed;
        }
    }
    t.postgres(&INSERT_ORDER, None);
    t.rpc(Service::Cart, "shop.cart.v1.Cart/EmptyCart", |t| {
        t.redis("DEL", "cart:{user}", 0.6);
        t.measure(Instrument::CartItems, -items as f64, vec![text("shop.cart.store", "redis")]);
        (Code::Ok, "")
    });
    Outcome::Paid
}

fn reserve(t: &mut Trace, items: i64) -> Code {
    t.rpc(Service::Inventory, "shop.inventory.v1.Inventory/Reserve", |t| {
        t.set([int("shop.order.item.count", items)]);
        for _ in 0..items {
            if t.chance(t.simulation.weather(t.now).mishaps) {
                let message = "deadlock detected: process 8127 waits for ShareLock on transaction 90417";
                t.postgres(&Query { ms: 1_000.0, ..RESERVE }, Some(("40P01", message)));
                return (Code::Internal, "deadlock detected");
            }
            t.postgres(&RESERVE, None);
        }
        if t.chance(0.03) { (Code::FailedPrecondition, "not enough in stock") } else { (Code::Ok, "") }
    })
}

fn quote(t: &mut Trace) {
    t.http(Service::Shipping, &Http::post("/quotes"), |t| {
        let carrier = *t.simulation.random.popular(&["dhl", "dpd", "pickup"]);
        t.set([text("shop.shipping.carrier", carrier)]);
        t.step("calculate parcels", |t| t.work(4.5));
        200
    });
}

fn charge(t: &mut Trace, order: &str, total: f64) -> Code {
    t.rpc(Service::Payments, "shop.payments.v1.Payments/Charge", |t| {
        let scheme = *t.simulation.random.popular(&["visa", "mastercard", "girocard", "amex"]);
        t.set([text("shop.payment.scheme", scheme), double("shop.payment.amount", total)]);
        t.set([text("shop.order.id", order)]);
        for attempt in 0..ATTEMPTS {
            match ask_provider(t, attempt) {
                200 => {
                    let about = vec![text("shop.order.id", order), text("shop.payment.scheme", scheme)];
                    t.log(Severity(9), format!("charged {total:.2} EUR to {scheme}"), about);
                    return (Code::Ok, "");
                }
                402 => return (Code::FailedPrecondition, "card declined: insufficient funds"),
                status => {
                    let what = if status == 0 { "timed out".to_owned() } else { format!("answered {status}") };
                    let about = vec![text("shop.order.id", order), int("shop.payment.attempt", attempt + 1)];
                    t.log(Severity(13), format!("payment provider {what}, attempt {}", attempt + 1), about);
                }
            }
            if attempt + 1 < ATTEMPTS {
                let pause = 100.0 * f64::from(1 << attempt);
                t.event("retry", vec![double("shop.retry.delay_ms", pause)]);
                t.work(pause);
            }
        }
        let frames = [
            "com.teashop.payments.Provider.charge(Provider.java:88)",
            "com.teashop.payments.PaymentsService.charge(PaymentsService.java:41)",
            "io.grpc.stub.ServerCalls$UnaryServerCallHandler.invoke(ServerCalls.java:182)",
        ];
        t.exception("com.teashop.payments.ProviderUnavailable", "gave up after 3 attempts", &frames);
        (Code::Unavailable, "payment provider unavailable")
    })
}

/// Returns the status of the provider's response; 0 if it timed out.
fn ask_provider(t: &mut Trace, attempt: i64) -> i64 {
    t.fetch(PROVIDER, &Http::post("/v1/charges"), |t| {
        let weather = t.simulation.weather(t.now);
        if attempt > 0 {
            t.set([int("http.request.resend_count", attempt)]);
        }
        let ms = t.simulation.random.around(weather.provider_ms, 0.45);
        if ms > TIMEOUT_MS || t.chance(weather.provider_fails / 2.0) {
            t.now = later(t.now, (TIMEOUT_MS * 1e6) as u64);
            return Answer::None("java.net.http.HttpTimeoutException", "request timed out");
        }
        t.now = later(t.now, (ms * 1e6) as u64);
        let status = if t.chance(weather.provider_fails / 2.0) {
            503
        } else if t.chance(0.06) {
            402
        } else {
            200
        };
        Answer::Status(status)
    })
}

/// Announces a paid order: a Kafka message, and a log event with a structured body.
fn confirm(t: &mut Trace, order: &str, number: i64, items: i64, total: f64) {
    let sent = t.send("orders", order, number);
    let body = map_value(vec![text("order", order), int("items", items), double("total", total)]);
    t.write("shop.order.placed", Severity(9), body, vec![text("shop.order.id", order)]);
    let order = Order { id: order.to_owned(), offset: number, sent };
    let seen = later(t.now, 5_000_000);
    t.simulation.schedule(seen, Happening::Queued(order.clone()));
    let mail = later(seen, t.simulation.random.wait(4.0));
    t.simulation.schedule(mail, Happening::Story(super::Story::Notify(order)));
}

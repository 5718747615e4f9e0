//! The visitors' actions: browse, search, fill a cart, log in.

use super::goods::{GOODS, Good};
use crate::demo::attribute::{int, text};
use crate::demo::calls::{Code, Http, Query};
use crate::demo::cast::Service;
use crate::demo::instrument::Instrument;
use crate::demo::trace::Trace;
use crate::model::Severity;

const PRODUCT: Query = Query {
    operation: "SELECT",
    table: "products",
    sql: "SELECT sku, name, price, stock FROM products WHERE sku = $1",
    ms: 1.6,
    rows: 1,
};
const FRONT: Query = Query {
    operation: "SELECT",
    table: "products",
    sql: "SELECT sku, name, price FROM products WHERE featured ORDER BY rank LIMIT 12",
    ms: 4.2,
    rows: 12,
};
const SEARCH: Query = Query {
    operation: "SELECT",
    table: "products",
    sql: "SELECT sku, name, price FROM products WHERE document @@ websearch_to_tsquery($1) LIMIT 40",
    ms: 11.0,
    rows: 24,
};
const REVIEWS: Query = Query {
    operation: "SELECT",
    table: "reviews",
    sql: "SELECT avg(stars), count(*) FROM reviews WHERE sku = $1",
    ms: 2.4,
    rows: 1,
};
const FEATURES: Query = Query {
    operation: "SELECT",
    table: "purchases",
    sql: "SELECT sku, count(*) FROM purchases WHERE user_id = ANY($1) GROUP BY sku",
    ms: 140.0,
    rows: 4_180,
};

pub(super) fn home(t: &mut Trace) {
    through_gateway(t, &Http::get("/"), &Http::get("/api/home"), |t| {
        let (status, _) = t.together(
            |t| {
                t.http(Service::Catalog, &Http::get("/featured"), |t| {
                    cached(t, "featured", 0.05, |t| t.postgres(&FRONT, None));
                    200
                })
            },
            recommend,
        );
        status
    });
}

pub(super) fn product(t: &mut Trace) {
    let good = t.simulation.random.popular(&GOODS);
    let known = !t.chance(0.03);
    let sku = if known { good.sku } else { "OLD-404" };
    through_gateway(t, &Http::get("/product/{sku}").of(sku), &Http::get("/api/products/{sku}").of(sku), |t| {
        let status = t.http(Service::Catalog, &Http::get("/products/{sku}").of(sku), |t| {
            cached(t, "product", 0.15, |t| t.postgres(&PRODUCT, None));
            if known {
                200
            } else {
                t.log(Severity(13), format!("product {sku} not found"), vec![text("shop.product.sku", sku)]);
                404
            }
        });
        if known {
            t.together(|t| stock(t, good), recommend);
        }
        status
    });
}

pub(super) fn search(t: &mut Trace) {
    let word =
        *t.simulation.random.popular(&["green tea", "matcha", "kettle", "chai", "gift", "decaf", "cup", "oolong"]);
    let query = format!("q={}", word.replace(' ', "+"));
    let page = Http::get("/search").asking(query.clone());
    through_gateway(t, &page, &Http::get("/api/search").asking(query.clone()), |t| {
        t.http(Service::Catalog, &Http::get("/search").asking(query), |t| {
            t.postgres(&SEARCH, None);
            let results = t.simulation.random.whole(6, 24);
            if t.chance(t.simulation.weather(t.now).one_query_each) {
                t.step("load reviews", |t| (0..results).for_each(|_| t.postgres(&REVIEWS, None)));
            } else {
                t.postgres(&Query { rows: results, ms: 5.0, ..REVIEWS }, None);
            }
            t.log(
                Severity(9),
                format!("search '{word}' found {results}"),
                vec![text("shop.search.text", word), int("shop.search.results", results)],
            );
            200
        })
    });
}

pub(super) fn add_to_cart(t: &mut Trace) {
    let good = t.simulation.random.popular(&GOODS);
    through_gateway(t, &Http::post("/cart"), &Http::post("/api/cart/items"), |t| {
        let code = t.rpc(Service::Cart, "shop.cart.v1.Cart/AddItem", |t| {
            t.set([text("shop.product.sku", good.sku)]);
            t.redis("HSET", "cart:{user}", 0.7);
            if t.chance(t.simulation.weather(t.now).mishaps) {
                let frames =
                    ["StackExchange.Redis.ConnectionMultiplexer.ExecuteAsync()", "Shop.Cart.Store.AddItem(Item item)"];
                let message = "No connection is active to service HSET; redis-cache:6379";
                t.exception("StackExchange.Redis.RedisConnectionException", message, &frames);
                return (Code::Unavailable, "cart store not reachable");
            }
            let count = t.simulation.random.whole(1, 4);
            t.measure(Instrument::CartItems, count as f64, vec![text("shop.cart.store", "redis")]);
            t.log(
                Severity(9),
                format!("added {count} × {} to cart", good.name),
                vec![text("shop.product.sku", good.sku), int("shop.cart.item.count", count)],
            );
            (Code::Ok, "")
        });
        if code == Code::Ok { 201 } else { 503 }
    });
}

pub(super) fn login(t: &mut Trace) {
    let right = !t.chance(0.3);
    through_gateway(t, &Http::post("/login"), &Http::post("/api/session"), |t| {
        t.step("verify password", |t| t.work(62.0));
        if !right {
            t.log(Severity(13), "login refused: wrong password", vec![text("enduser.auth.method", "password")]);
        }
        if right { 200 } else { 401 }
    });
}

/// A page of the frontend that calls the gateway, as most pages do.
pub(super) fn through_gateway(t: &mut Trace, page: &Http, api: &Http, tell: impl FnOnce(&mut Trace) -> i64) {
    let browser = t.meet();
    t.arrive(Service::Frontend, page, browser, |t| {
        t.set(t.visitor.clone());
        let began = t.now;
        let status = t.http(Service::Gateway, api, |t| {
            let status = tell(t);
            let (ms, severity) = (t.now.since(began) as f64 / 1e6, if status >= 500 { 17 } else { 9 });
            t.log(
                Severity(severity),
                format!("{} {} {status} {ms:.1}ms", api.method, api.path),
                vec![text("http.route", api.route), int("http.response.status_code", status)],
            );
            status
        });
        t.step("render", |t| t.work(3.5));
        status
    });
}

/// Asks the inventory for the number in stock.
pub(super) fn stock(t: &mut Trace, good: &Good) {
    t.rpc(Service::Inventory, "shop.inventory.v1.Inventory/GetStock", |t| {
        t.set([text("shop.product.sku", good.sku)]);
        t.postgres(&Query { table: "stock", sql: "SELECT free FROM stock WHERE sku = $1", ms: 1.1, ..PRODUCT }, None);
        (Code::Ok, "")
    });
}

/// Looks in the cache; calls `load` on a miss.
fn cached(t: &mut Trace, cache: &str, misses: f64, load: impl FnOnce(&mut Trace)) {
    t.redis("GET", &format!("{cache}:{{key}}"), 0.5);
    let missed = t.chance(misses);
    let result = if missed { "miss" } else { "hit" };
    t.measure(Instrument::CacheLookups, 1.0, vec![text("shop.cache.name", cache), text("shop.cache.result", result)]);
    if missed {
        load(t);
        t.redis("SETEX", &format!("{cache}:{{key}}"), 0.6);
    }
}

/// Recommends other products; slow with a cold cache.
fn recommend(t: &mut Trace) {
    t.http(Service::Recommendations, &Http::get("/recommendations"), |t| {
        let misses = t.simulation.weather(t.now).cache_misses;
        cached(t, "recommendations", misses, |t| {
            t.log(
                Severity(13),
                "cache is cold, ranking from scratch",
                vec![text("shop.cache.name", "recommendations")],
            );
            t.step("rank candidates", |t| {
                t.set([text("shop.model.name", "two-tower-7"), int("shop.model.candidates", 4_180)]);
                t.postgres(&FEATURES, None);
                t.event("features loaded", vec![int("shop.model.features", 96)]);
                t.step("score", |t| t.spend(520.0, 0.3));
            });
        });
        if t.chance(t.simulation.weather(t.now).mishaps) {
            let frames = ["ranker.py:112 in rank", "server.py:41 in recommendations"];
            t.exception("KeyError", "'embedding'", &frames);
            return 500;
        }
        200
    });
}

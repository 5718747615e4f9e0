//! The goods and the customers of the shop.

use crate::demo::attribute::text;
use crate::demo::trace::Trace;

/// A product; the price is in euros.
pub(super) struct Good {
    pub(super) sku: &'static str,
    pub(super) name: &'static str,
    pub(super) price: f64,
}

const fn good(sku: &'static str, name: &'static str, price: f64) -> Good {
    Good { sku, name, price }
}

/// The first are bought most often.
pub(super) const GOODS: [Good; 16] = [
    good("ASM-100", "Assam Breakfast, 100 g", 6.9),
    good("EGR-100", "Earl Grey, 100 g", 7.5),
    good("SEN-050", "Sencha, 50 g", 8.2),
    good("DAR-100", "Darjeeling First Flush, 100 g", 14.9),
    good("CHA-200", "Masala Chai, 200 g", 9.8),
    good("OOL-050", "Oolong, 50 g", 12.4),
    good("MAT-030", "Matcha, 30 g", 24.0),
    good("ROO-100", "Rooibos, 100 g", 5.4),
    good("KET-001", "Gooseneck Kettle", 89.0),
    good("POT-002", "Cast Iron Pot, 1 l", 64.0),
    good("CUP-004", "Four Porcelain Cups", 38.0),
    good("WHI-001", "Bamboo Whisk", 19.5),
    good("PUE-357", "Pu-erh Cake, 357 g", 42.0),
    good("STR-001", "Strainer", 8.0),
    good("TIN-100", "Tin, 100 g", 6.5),
    good("GIF-025", "Gift Card", 25.0),
];

pub(super) const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
];

impl Trace<'_> {
    /// Chooses the visitor of the trace: one of 400 users, in a session. Returns the browser's user agent.
    pub(super) fn meet(&mut self) -> &'static str {
        let user = self.simulation.random.whole(1, 400);
        let session = self.simulation.random.hex(12);
        self.visitor = vec![text("user.id", format!("u-{user:04}")), text("session.id", session)];
        BROWSERS[user as usize % BROWSERS.len()]
    }
}

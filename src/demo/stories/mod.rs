//! What happens in the shop. A story is told as one reads its trace; time passes where it says so.
//!
//! `visit` is what visitors do, `order` is paying, `assistant` is the model that talks to them, `backstage` is what
//! happens when nobody looks.

mod assistant;
mod backstage;
mod goods;
mod order;
mod visit;

use super::random::Random;
use super::stage::{Happening, Order, Stage, later};
use super::trace::Trace;
use crate::model::Time;

/// A trace to be told.
#[derive(Clone)]
pub(super) enum Story {
    /// Somebody looks at the front page.
    Home,
    /// Somebody looks at one product.
    Product,
    /// Somebody searches.
    Search,
    /// Somebody puts something into the cart.
    AddToCart,
    /// Somebody pays.
    Checkout,
    /// Somebody logs in, or tries to.
    Login,
    /// Somebody asks the assistant.
    Assistant,
    /// Kubernetes asks whether the gateway is well.
    Probe,
    /// The inventory looks for what has to be ordered.
    Restock,
    /// The fulfilment worker fetches orders from Kafka.
    Fulfil,
    /// An order's confirmation is sent to the buyer.
    Notify(Order),
}

impl Story {
    /// What the next visitor does.
    pub(super) fn of_a_visitor(random: &mut Random) -> Story {
        match random.weighed(&[(24, 0), (28, 1), (13, 2), (14, 3), (10, 4), (6, 5), (5, 6)]) {
            0 => Story::Home,
            1 => Story::Product,
            2 => Story::Search,
            3 => Story::AddToCart,
            4 => Story::Checkout,
            5 => Story::Login,
            _ => Story::Assistant,
        }
    }

    /// What happens by itself, with the seconds between two times.
    pub(super) fn by_itself() -> [(u64, Story); 3] {
        [(10, Story::Probe), (25, Story::Restock), (2, Story::Fulfil)]
    }

    /// Tells it from `at` on.
    pub(super) fn tell(self, stage: &mut Stage, at: Time) {
        if let Some((seconds, _)) = Story::by_itself().iter().find(|(_, other)| self.is_a(other)) {
            stage.schedule(later(at, seconds * 1_000_000_000), Happening::Story(self.clone()));
        }
        let mut trace = Trace::begin(stage, at);
        match self {
            Story::Home => visit::home(&mut trace),
            Story::Product => visit::product(&mut trace),
            Story::Search => visit::search(&mut trace),
            Story::AddToCart => visit::add_to_cart(&mut trace),
            Story::Login => visit::login(&mut trace),
            Story::Checkout => order::checkout(&mut trace),
            Story::Assistant => assistant::ask(&mut trace),
            Story::Probe => backstage::probe(&mut trace),
            Story::Restock => backstage::restock(&mut trace),
            Story::Fulfil => backstage::fulfil(&mut trace),
            Story::Notify(order) => backstage::notify(&mut trace, &order),
        }
    }

    fn is_a(&self, other: &Story) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

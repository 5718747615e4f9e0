//! The events in the shop. A story calls its steps in the order of its trace; time passes only where it says so.
//!
//! `visit` has the visitors' actions, `order` the payment, `assistant` the chat with the model, `backstage` the background
//! work.

mod assistant;
mod backstage;
mod goods;
mod order;
mod visit;

use super::random::Random;
use super::simulation::{Happening, Order, Simulation, later};
use super::trace::Trace;
use crate::model::Time;

/// The plot of one trace.
#[derive(Clone)]
pub(super) enum Story {
    /// A visitor opens the front page.
    Home,
    /// A visitor opens one product.
    Product,
    /// A visitor searches.
    Search,
    /// A visitor adds a product to the cart.
    AddToCart,
    /// A visitor pays.
    Checkout,
    /// A visitor logs in, or tries to.
    Login,
    /// A visitor asks the assistant.
    Assistant,
    /// Kubernetes probes the gateway.
    Probe,
    /// The inventory checks which products to reorder.
    Restock,
    /// The fulfilment worker fetches orders from Kafka.
    Fulfil,
    /// An order's confirmation goes to the buyer.
    Notify(Order),
}

impl Story {
    /// The action of the next visitor.
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

    /// The recurring stories, with their intervals in seconds.
    pub(super) fn by_itself() -> [(u64, Story); 3] {
        [(10, Story::Probe), (25, Story::Restock), (2, Story::Fulfil)]
    }

    /// Adds the story's telemetry from `at` on.
    pub(super) fn tell(self, simulation: &mut Simulation, at: Time) {
        if let Some((seconds, _)) = Story::by_itself().iter().find(|(_, other)| self.is_a(other)) {
            simulation.schedule(later(at, seconds * 1_000_000_000), Happening::Story(self.clone()));
        }
        let mut trace = Trace::begin(simulation, at);
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

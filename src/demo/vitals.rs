//! The observations of each process about itself at collection: CPU, memory, connection pools, garbage collection.

use super::attribute::{Attributes, text};
use super::cast::Service;
use super::instrument::Instrument;
use super::language::Language;
use super::simulation::{Measurement, ProcessId, Simulation};
use crate::model::Time;

const MEBIBYTE: f64 = 1_048_576.0;

/// The observations of a process at `at`, `seconds` after the previous ones. They follow the shop's load.
pub(super) fn observe(simulation: &mut Simulation, process: ProcessId, at: Time, seconds: f64) -> Vec<Measurement> {
    let role = simulation.processes[process].role;
    let age = simulation.seconds(at);
    let load = simulation.scenario.visits(age);
    let user = (0.02 + load * 0.012) * simulation.random.around(1.0, 0.12);
    let system = user * simulation.random.between(0.2, 0.3);
    let mut all = Vec::new();
    for (mode, share) in [("user", user), ("system", system)] {
        let about = vec![text("cpu.mode", mode)];
        all.push(observation(Instrument::CpuUtilization, share.min(1.0), about.clone()));
        all.push(observation(Instrument::CpuTime, share.min(1.0) * seconds, about));
    }
    let (base, swing) = match role.language {
        Language::Java => (410.0, 160.0),
        Language::Node | Language::Python | Language::Dotnet => (120.0, 35.0),
        Language::Go | Language::Rust => (38.0, 12.0),
    };
    // A sawtooth, typical of garbage collectors.
    let tooth = (age / 45.0 + process as f64 * 0.37).fract();
    let memory = (base + swing * tooth + simulation.random.between(0.0, 4.0)) * MEBIBYTE;
    all.push(observation(Instrument::MemoryUsage, memory.round(), vec![]));
    if let Service::Catalog | Service::Inventory | Service::Checkout = role.service {
        let used = (load * 0.4 * simulation.random.between(0.4, 1.6)).min(20.0).floor();
        for (state, count) in [("used", used), ("idle", 20.0 - used)] {
            let about = vec![text("db.client.connection.pool.name", "shop"), text("db.client.connection.state", state)];
            all.push(observation(Instrument::DbConnections, count, about));
        }
    }
    if role.language == Language::Go {
        for _ in 0..simulation.random.whole(1, 3) {
            let pause = simulation.random.around(0.000_09, 0.6);
            all.push(observation(Instrument::GcDuration, pause, vec![]));
        }
    }
    all
}

fn observation(instrument: Instrument, value: f64, attributes: Attributes) -> Measurement {
    Measurement { instrument, value, attributes, context: None, filtered: Attributes::new() }
}

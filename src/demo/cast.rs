//! The services, their languages and frameworks, and their processes.

use super::attribute::{Attributes, int, text};
use super::language::{Language, Library};
use super::random::Random;
use super::shop::Protocol;
use crate::model::Temporality;
use opentelemetry_proto::tonic::{common::v1::InstrumentationScope, resource::v1::Resource};

/// A service of the shop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Service {
    Frontend,
    Gateway,
    Catalog,
    Cart,
    Checkout,
    Payments,
    Inventory,
    Shipping,
    Recommendations,
    Assistant,
    Fulfilment,
    Notifications,
}

/// The properties that all processes of a service share.
#[derive(Clone, Copy)]
pub(super) struct Role {
    pub(super) service: Service,
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) language: Language,
    pub(super) port: i64,
    pub(super) replicas: usize,
    /// Milliseconds between two exports of spans; logs wait twice as long.
    pub(super) every_ms: u64,
    /// Seconds between two exports of metrics.
    pub(super) metrics_s: u64,
    /// The temporality of its counters and histograms.
    pub(super) temporality: Temporality,
    pub(super) protocol: Protocol,
}

/// One running process, with its SDK and its exporter.
pub(super) struct Process {
    pub(super) role: &'static Role,
    pub(super) resource: Resource,
    pub(super) address: String,
}

impl Service {
    pub(super) fn role(self) -> &'static Role {
        &ROLES[self as usize]
    }
}

/// In the order of [`Service`].
static ROLES: [Role; 12] = {
    use {Language::*, Protocol::*, Service::*, Temporality::Delta};
    [
        Role { every_ms: 400, temporality: Delta, protocol: HttpGzip, ..role(Frontend, "frontend", "4.12.0", Node) },
        Role { replicas: 2, every_ms: 200, metrics_s: 5, ..role(Gateway, "gateway", "2.8.1", Go) },
        Role { every_ms: 300, protocol: HttpGzip, ..role(Catalog, "catalog", "1.31.4", Java) },
        Role { port: 5000, ..role(Cart, "cart", "1.9.2", Dotnet) },
        Role { replicas: 2, every_ms: 250, metrics_s: 5, port: 5050, ..role(Checkout, "checkout", "3.4.0", Go) },
        Role { every_ms: 350, metrics_s: 5, port: 5051, protocol: Grpc, ..role(Payments, "payments", "2.0.7", Java) },
        Role { every_ms: 450, port: 5052, protocol: Grpc, ..role(Inventory, "inventory", "0.18.3", Rust) },
        Role { every_ms: 700, ..role(Shipping, "shipping", "1.3.0", Python) },
        Role { every_ms: 600, protocol: HttpGzip, ..role(Recommendations, "recommendations", "5.1.0", Python) },
        Role { every_ms: 800, temporality: Delta, protocol: HttpGzip, ..role(Assistant, "assistant", "0.7.2", Python) },
        Role { every_ms: 1_000, ..role(Fulfilment, "fulfilment", "1.14.0", Java) },
        Role { every_ms: 900, ..role(Notifications, "notifications", "2.2.5", Node) },
    ]
};

const fn role(service: Service, name: &'static str, version: &'static str, language: Language) -> Role {
    Role {
        service,
        name,
        version,
        language,
        port: 8080,
        replicas: 1,
        every_ms: 500,
        metrics_s: 10,
        temporality: Temporality::Cumulative,
        protocol: Protocol::Http,
    }
}

/// Every process of the shop, in the order of [`Service`].
pub(super) fn processes(random: &mut Random) -> Vec<Process> {
    let replicas = ROLES.iter().flat_map(|role| std::iter::repeat_n(role, role.replicas));
    replicas.enumerate().map(|(place, role)| Process::start(role, place, random)).collect()
}

impl Process {
    fn start(role: &'static Role, place: usize, random: &mut Random) -> Process {
        let node = format!("node-{}", (b'a' + (place % 4) as u8) as char);
        let pod = format!("{}-{}-{}", role.name, random.hex(9), random.hex(5));
        let (runtime, runtime_version) = role.language.runtime();
        let attributes = vec![
            text("service.name", role.name),
            text("service.namespace", "teashop"),
            text("service.version", role.version),
            text("service.instance.id", random.uuid()),
            text("deployment.environment.name", "production"),
            text("host.name", node.clone()),
            text("host.arch", "arm64"),
            text("os.type", "linux"),
            text("cloud.region", "eu-central-1"),
            text("k8s.cluster.name", "teashop-prod"),
            text("k8s.namespace.name", "teashop"),
            text("k8s.deployment.name", role.name),
            text("k8s.pod.name", pod),
            text("k8s.container.name", role.name),
            text("k8s.node.name", node),
            int("process.pid", random.whole(1, 40)),
            text("process.runtime.name", runtime),
            text("process.runtime.version", runtime_version),
            text("telemetry.sdk.name", "opentelemetry"),
            text("telemetry.sdk.language", role.language.word()),
            text("telemetry.sdk.version", role.language.sdk_version()),
        ];
        let address = format!("10.42.{}.{}", place % 4, 11 + place);
        Process { role, resource: Resource { attributes, ..Resource::default() }, address }
    }

    /// The instrumentation scope of `library` in this process.
    pub(super) fn scope(&self, library: Library) -> InstrumentationScope {
        let (name, version) = match library {
            Library::App => (self.role.name, self.role.version),
            library => self.role.language.instrumentation(library),
        };
        let attributes = Attributes::new();
        InstrumentationScope { name: name.to_owned(), version: version.to_owned(), attributes, ..Default::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_has_its_own_role() {
        for role in &ROLES {
            assert_eq!(role.service.role().name, role.name);
        }
    }
}

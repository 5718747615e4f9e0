//! The keys by which a comparison pairs series.

use super::digest::Kind;
use super::{Attributes, Content, Keys, Metric, Origin, OriginId, PairKey, value};
use crate::model::Value;

/// Attribute keys that change with a deployment or an instance, and that a comparison ignores. A key that ends with `*`
/// stands for all keys with that prefix.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ignored(Vec<String>);

impl Default for Ignored {
    fn default() -> Ignored {
        const KEYS: [&str; 9] = [
            "service.version",
            "service.instance.id",
            "host.*",
            "k8s.pod.*",
            "k8s.node.*",
            "container.*",
            "process.*",
            "os.*",
            "telemetry.*",
        ];
        Ignored::new(KEYS)
    }
}

impl Ignored {
    /// Ignores these keys and no others.
    pub fn new<S: Into<String>>(keys: impl IntoIterator<Item = S>) -> Ignored {
        Ignored(keys.into_iter().map(Into::into).collect())
    }

    /// Whether a key is ignored.
    pub fn has(&self, key: &str) -> bool {
        self.0.iter().any(|ignored| match ignored.strip_suffix('*') {
            Some(beginning) => key.starts_with(beginning),
            None => key == ignored,
        })
    }
}

impl Keys<'_> {
    /// The key by which a comparison pairs a series. Series that differ only in ignored attributes have the same key.
    pub fn pair(&mut self, metric: &Metric, origin: OriginId, attributes: Attributes, ignored: &Ignored) -> PairKey {
        const NAMES: [&str; 3] = ["service.name", "service.namespace", "deployment.environment.name"];
        let Origin { resource, scope } = self.origin(origin);
        let resource = self.content.resources.get(resource.0 as usize).copied().unwrap_or_default();
        let scope = self.content.scopes.get(scope.0 as usize).copied().unwrap_or_default();
        let [service, namespace, environment] = NAMES.map(|name| found(self.content, resource.attributes, name));
        // The name of the environment until 2024.
        let environment = environment.or_else(|| found(self.content, resource.attributes, "deployment.environment"));
        let content = self.content;
        let sorted = self.shape(attributes.shape);
        let names = content.shapes.keys(attributes.shape);
        self.digest.begin(Kind::Pair);
        for part in [service, namespace, environment] {
            self.digest.value(part.unwrap_or(Value::Empty));
        }
        self.digest.text(content.texts.get(scope.name)).text(content.texts.get(metric.name));
        for at in &sorted.order {
            let at = *at as usize;
            let name = content.texts.get(names[at]);
            if !ignored.has(name) {
                let word = content.words.get(attributes.start as usize + at).copied().unwrap_or_default();
                self.digest.text(name).value(value(content, word));
            }
        }
        let key = PairKey(self.digest.finish());
        self.put_back(attributes.shape, sorted);
        key
    }
}

/// The value of a key in a list; the last of several.
fn found<'a>(content: Content<'a>, list: Attributes, name: &str) -> Option<Value<'a>> {
    let at = content.shapes.keys(list.shape).iter().rposition(|key| content.texts.get(*key) == name)?;
    content.words.get(list.start as usize + at).map(|word| value(content, *word))
}

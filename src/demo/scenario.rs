//! Scenarios: how many visitors come, and what fails when.

use std::str::FromStr;

/// The values of `--scenario`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Scenario {
    /// An ordinary day: waves of visitors, sometimes a cold cache or a slow payment provider.
    #[default]
    Shop,
    /// An ordinary day, but payments are slow and fail from minute 1 to minute 3 of every four.
    Incident,
    /// A visitor every few seconds, and no deliberate failures.
    Quiet,
    /// Few visitors, but very many for three seconds in every twenty.
    Burst,
}

/// The name of an unknown scenario.
#[derive(Debug, thiserror::Error)]
#[error("there is no scenario '{0}'; choose one of {all}", all = Scenario::words())]
pub struct UnknownScenario(String);

/// The faults at one moment.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Weather {
    /// The payment provider's median response time, in milliseconds.
    pub(super) provider_ms: f64,
    /// The share of calls to the payment provider that fail.
    pub(super) provider_fails: f64,
    /// The share of recommendations that miss the cache.
    pub(super) cache_misses: f64,
    /// The share of searches that query the database once per result.
    pub(super) one_query_each: f64,
    /// The share of all other operations that fail at random.
    pub(super) mishaps: f64,
}

impl Scenario {
    /// Every scenario, in the order of the help.
    pub const ALL: [Scenario; 4] = [Scenario::Shop, Scenario::Incident, Scenario::Quiet, Scenario::Burst];

    /// Its name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Scenario::Shop => "shop",
            Scenario::Incident => "incident",
            Scenario::Quiet => "quiet",
            Scenario::Burst => "burst",
        }
    }

    fn words() -> String {
        Scenario::ALL.map(Scenario::word).join(", ")
    }

    /// The maximum of [`Scenario::visits`].
    pub(super) const BUSIEST: f64 = 40.0;

    /// Visits per second, `seconds` after the shop opened; a visit has about ten spans.
    pub(super) fn visits(self, seconds: f64) -> f64 {
        let wave = |period: f64| (std::f64::consts::TAU * seconds / period).sin();
        let rush = |every: f64, lasts: f64| (seconds + every / 2.0) % every < lasts;
        match self {
            Scenario::Shop | Scenario::Incident => {
                let calm = 4.4 + 1.3 * wave(180.0) + 0.6 * wave(37.0);
                if rush(70.0, 2.0) { calm * 2.5 } else { calm }
            }
            Scenario::Quiet => 0.3,
            Scenario::Burst if rush(20.0, 3.0) => Scenario::BUSIEST,
            Scenario::Burst => 1.5,
        }
    }

    /// The factor by which metrics are exported more slowly than usual.
    pub(super) fn metrics_slower(self) -> u64 {
        if self == Scenario::Quiet { 3 } else { 1 }
    }

    /// The faults, `seconds` after the shop opened.
    pub(super) fn weather(self, seconds: f64) -> Weather {
        let calm = Weather {
            provider_ms: 85.0,
            provider_fails: 0.03,
            cache_misses: 0.01,
            one_query_each: 0.12,
            mishaps: 0.012,
        };
        let during = |every: f64, from: f64, to: f64| (from..to).contains(&(seconds % every));
        match self {
            Scenario::Quiet => Weather { provider_fails: 0.0, one_query_each: 0.0, mishaps: 0.0, ..calm },
            Scenario::Incident if during(240.0, 60.0, 180.0) => {
                Weather { provider_ms: 1_400.0, provider_fails: 0.6, ..calm }
            }
            Scenario::Burst => calm,
            Scenario::Shop | Scenario::Incident => Weather {
                provider_ms: if during(90.0, 40.0, 55.0) { 700.0 } else { calm.provider_ms },
                cache_misses: if during(75.0, 20.0, 25.0) { 0.8 } else { calm.cache_misses },
                ..calm
            },
        }
    }
}

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(word: &str) -> Result<Scenario, UnknownScenario> {
        let named = |scenario: &Scenario| scenario.word().eq_ignore_ascii_case(word);
        Scenario::ALL.into_iter().find(named).ok_or_else(|| UnknownScenario(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_is_read_from_its_name() {
        for scenario in Scenario::ALL {
            assert_eq!(scenario.word().to_uppercase().parse::<Scenario>().unwrap(), scenario);
        }
    }

    #[test]
    fn an_unknown_scenario_lists_the_known_ones() {
        let error = "blackfriday".parse::<Scenario>().unwrap_err().to_string();
        assert_eq!(error, "there is no scenario 'blackfriday'; choose one of shop, incident, quiet, burst");
    }

    #[test]
    fn no_scenario_is_busier_than_the_busiest() {
        for scenario in Scenario::ALL {
            for second in 0..2_000 {
                let visits = scenario.visits(f64::from(second) / 2.0);
                assert!(visits > 0.0 && visits <= Scenario::BUSIEST, "{scenario:?} at {second}: {visits}");
            }
        }
    }

    #[test]
    fn an_incident_recurs_from_minute_one_to_three() {
        let failing = |second: f64| Scenario::Incident.weather(second).provider_fails > 0.1;
        let told: Vec<bool> = [59.0, 60.0, 179.0, 180.0, 300.0, 419.0, 420.0].map(failing).to_vec();
        assert_eq!(told, [false, true, true, false, true, true, false]);
    }
}

//! The hue of each service.
//!
//! A service keeps its hue for the run. Its name chooses the hue, so that it is mostly the same in every run. If another
//! service has that hue already, it takes the next free one; if none is free, services share.

use std::collections::HashMap;

/// The hues of the services shown so far, as numbers below [`Hues::palette`].
#[derive(Clone, Debug)]
pub struct Hues {
    /// The number of hues in the theme.
    palette: usize,
    services: HashMap<String, Shown>,
    /// The number of pages shown so far.
    now: u64,
}

#[derive(Clone, Copy, Debug)]
struct Shown {
    hue: usize,
    /// The last page that showed the service.
    last: u64,
}

/// Maximum number of services remembered. Beyond it, the one shown least recently is forgotten.
const MOST: usize = 1_024;
/// The number of hues in the built-in theme.
const PALETTE: usize = 12;

impl Default for Hues {
    fn default() -> Hues {
        Hues { palette: PALETTE, services: HashMap::new(), now: 0 }
    }
}

impl Hues {
    /// The hue of a service. Before it is shown, its name chooses the hue.
    pub fn of(&self, service: &str) -> usize {
        self.services.get(service).map_or_else(|| self.chosen(service), |shown| shown.hue)
    }

    /// Switches to a theme with this many hues and assigns a new hue to every service.
    pub(super) fn repaint(&mut self, palette: usize) {
        if palette.max(1) != self.palette {
            self.palette = palette.max(1);
            let mut known: Vec<(String, Shown)> = self.services.drain().collect();
            known.sort_by(|(a, was_a), (b, was_b)| was_b.last.cmp(&was_a.last).then_with(|| a.cmp(b)));
            for (service, Shown { last, .. }) in known {
                let hue = self.free(&service);
                self.services.insert(service, Shown { hue, last });
            }
        }
    }

    /// Records the services of the shown page, in order, and assigns hues to new ones.
    pub(super) fn see<'a>(&mut self, services: impl Iterator<Item = &'a str>) {
        self.now += 1;
        let now = self.now;
        let mut new: Vec<&str> = Vec::new();
        for service in services.filter(|service| !service.is_empty()) {
            match self.services.get_mut(service) {
                Some(shown) => shown.last = now,
                None if new.last() == Some(&service) || new.contains(&service) || new.len() >= MOST => {}
                None => new.push(service),
            }
        }
        for service in new {
            if self.services.len() >= MOST {
                self.forget();
            }
            let hue = self.free(service);
            self.services.insert(service.to_owned(), Shown { hue, last: now });
        }
    }

    /// The hue shown least recently; unused hues come first. Among equals, the next one from the hue that the name
    /// chooses.
    fn free(&self, service: &str) -> usize {
        let mut last = vec![0; self.palette];
        for shown in self.services.values() {
            last[shown.hue] = last[shown.hue].max(shown.last);
        }
        let chosen = self.chosen(service);
        let hues = (0..self.palette).map(|step| (chosen + step) % self.palette);
        hues.min_by_key(|hue| last[*hue]).unwrap_or_default()
    }

    fn forget(&mut self) {
        let oldest = self.services.iter().min_by_key(|(_, shown)| shown.last).map(|(service, _)| service.clone());
        oldest.map(|service| self.services.remove(&service));
    }

    /// The hue that the name chooses, by its FNV-1a hash.
    fn chosen(&self, service: &str) -> usize {
        let add = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let hash = service.bytes().fold(0xcbf2_9ce4_8422_2325, add);
        (hash >> 24) as usize % self.palette
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn hues(hues: &Hues, services: &[String]) -> Vec<usize> {
        services.iter().map(|service| hues.of(service)).collect()
    }

    fn services(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("service-{number}")).collect()
    }

    #[test]
    fn services_share_no_hue_while_one_is_free() {
        let mut known = Hues::default();
        let services = services(PALETTE);
        known.see(services.iter().map(String::as_str));
        assert_eq!(hues(&known, &services).into_iter().collect::<HashSet<_>>().len(), PALETTE);
    }

    #[test]
    fn a_service_keeps_its_hue() {
        let mut known = Hues::default();
        let services = services(300);
        let alone = Hues::default().of("service-0");
        known.see(services[..3].iter().map(String::as_str));
        assert_eq!(known.of("service-0"), alone, "the first has the hue that its name chooses");
        let before = hues(&known, &services[..3]);
        services.iter().for_each(|service| known.see([service.as_str()].into_iter()));
        assert_eq!(hues(&known, &services[..3]), before);
    }

    #[test]
    fn new_services_take_the_least_recent_hue() {
        let mut known = Hues::default();
        let old = services(PALETTE);
        known.see(old.iter().map(String::as_str));
        known.see(old[1..].iter().map(String::as_str));
        known.see(["new"].into_iter());
        assert_eq!(known.of("new"), known.of("service-0"));
    }

    #[test]
    fn many_services_take_bounded_memory() {
        let mut known = Hues::default();
        services(3 * MOST).chunks(100).for_each(|page| known.see(page.iter().map(String::as_str)));
        assert_eq!(known.services.len(), MOST);
    }

    #[test]
    fn a_smaller_palette_spreads_the_services_anew() {
        let mut known = Hues::default();
        let services = services(8);
        known.see(services.iter().map(String::as_str));
        known.repaint(8);
        assert_eq!(hues(&known, &services).into_iter().collect::<HashSet<_>>().len(), 8);
        known.repaint(0);
        assert_eq!(known.of("service-1"), 0);
    }
}

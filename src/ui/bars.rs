//! Horizontal bars with a last cell in eighths.

/// A duration as a bar of at most `cells` cells. All bars share one logarithmic scale, so they can be compared across rows
/// and screens: empty at 100 µs, full at 10 s.
pub(super) fn duration(nanos: u64, cells: u16, ascii: bool) -> String {
    const NOTHING: f64 = 1e5;
    const DECADES: f64 = 5.0;
    let part = ((nanos as f64 / NOTHING).log10() / DECADES).clamp(0.0, 1.0);
    of(part, cells, ascii)
}

/// A bar that fills the fraction `part` of `cells` cells. The last cell's height shows the rest in eighths.
pub(super) fn of(part: f64, cells: u16, ascii: bool) -> String {
    const EIGHTHS: [char; 7] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇'];
    let steps = if ascii { 2 } else { EIGHTHS.len() };
    let filled = (part.clamp(0.0, 1.0) * f64::from(cells) * steps as f64).round() as usize;
    let (full, rest) = (filled / steps, filled % steps);
    let mut bar = if ascii { "=" } else { "▇" }.repeat(full);
    match (rest, ascii) {
        (0, _) => {}
        (_, true) => bar.push('-'),
        (rest, false) => bar.push(EIGHTHS[rest - 1]),
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_grows_within_its_cells() {
        let mut before = 0;
        for exponent in 0..20 {
            let bar = duration(10u64.pow(exponent), 8, false);
            let width = bar.chars().count();
            assert!(width >= before && width <= 8, "{bar}");
            before = width;
        }
        assert_eq!(duration(0, 8, false), "");
        assert_eq!(duration(u64::MAX, 8, false), "▇▇▇▇▇▇▇▇");
        assert_eq!(duration(10_000_000, 8, false), "▇▇▇▁");
        assert_eq!(of(0.5, 3, true), "=-");
        assert_eq!(of(f64::NAN, 3, false), "");
    }
}

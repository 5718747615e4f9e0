//! Bars in eighths of a cell.

/// A duration as a bar of at most so many cells. The scale is the same everywhere, so that bars can be compared across
/// rows and screens: logarithmic, 100 µs is nothing and 10 s is full.
pub(super) fn duration(nanos: u64, cells: u16, ascii: bool) -> String {
    const NOTHING: f64 = 1e5;
    const DECADES: f64 = 5.0;
    let part = ((nanos as f64 / NOTHING).log10() / DECADES).clamp(0.0, 1.0);
    of(part, cells, ascii)
}

/// A bar of this part of so many cells.
pub(super) fn of(part: f64, cells: u16, ascii: bool) -> String {
    const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let eighths = (part.clamp(0.0, 1.0) * f64::from(cells) * 8.0).round() as usize;
    let (full, rest) = (eighths / 8, eighths % 8);
    let mut bar = if ascii { "=" } else { "█" }.repeat(full);
    match (rest, ascii) {
        (0, _) => {}
        (rest, true) => bar.push(if rest < 4 { '.' } else { '-' }),
        (rest, false) => bar.push(EIGHTHS[rest - 1]),
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_grows_with_the_duration_and_stays_in_its_cells() {
        let mut before = 0;
        for exponent in 0..20 {
            let bar = duration(10u64.pow(exponent), 8, false);
            let width = bar.chars().count();
            assert!(width >= before && width <= 8, "{bar}");
            before = width;
        }
        assert_eq!(duration(0, 8, false), "");
        assert_eq!(duration(u64::MAX, 8, false), "████████");
        assert_eq!(duration(10_000_000, 8, false), "███▎");
        assert_eq!(of(0.5, 3, true), "=-");
        assert_eq!(of(f64::NAN, 3, false), "");
    }
}

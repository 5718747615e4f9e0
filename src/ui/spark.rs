//! Sparklines: a minute in a few cells, each as high as the mean of its seconds, in eighths.

/// A sparkline of at most `cells` cells, newest at the right. The highest cell is full. A cell is blank only without any
/// items.
pub(super) fn of(seconds: &[f64], cells: u16) -> String {
    const EIGHTHS: [char; 7] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇'];
    let cells = usize::from(cells).min(seconds.len());
    let sums: Vec<f64> = (0..cells)
        .map(|cell| {
            let part = &seconds[cell * seconds.len() / cells..(cell + 1) * seconds.len() / cells];
            part.iter().sum::<f64>() / part.len() as f64
        })
        .collect();
    let most = sums.iter().copied().fold(0.0, f64::max);
    let steps = (EIGHTHS.len() - 1) as f64;
    let eighth = |sum: &f64| match sum {
        0.0 => ' ',
        sum => EIGHTHS[((sum / most * steps).round() as usize).min(EIGHTHS.len() - 1)],
    };
    sums.iter().map(eighth).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_cell_is_full_zero_blank() {
        assert_eq!(of(&[0.0, 0.0, 1.0, 1.0, 3.0, 5.0, 12.0, 0.0], 4), " ▂▅▇");
        assert_eq!(of(&[0.0; 60], 3), "   ");
        assert_eq!(of(&[9.0, 1.0, 0.0, 1e19], 4), "▁▁ ▇");
        assert_eq!(of(&[1.0, 2.0], 10).chars().count(), 2);
        assert_eq!(of(&[1.0, 2.0], 0), "");
    }
}

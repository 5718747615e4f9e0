//! What somebody who mistyped a name probably meant.

/// The known name that is nearest to the given one, if any is near: at most a third of its letters inserted, removed,
/// replaced, or swapped with their neighbours.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let reach = (name.chars().count() / 3).max(1);
    let near = known.into_iter().map(|word| (distance(name, word), word)).filter(|(far, _)| *far <= reach);
    near.min_by_key(|(far, _)| *far).map(|(_, word)| word)
}

/// Optimal string alignment distance, by letters.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let above = &rows[i];
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut cost = (above[j] + usize::from(x != y)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                cost = cost.min(rows[i - 1][j - 1] + 1);
            }
            row.push(cost);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_found_and_a_far_one_is_not() {
        let known = ["grpc", "http", "hosts", "max_body"];
        assert_eq!(nearest("gprc", known), Some("grpc"));
        assert_eq!(nearest("host", known), Some("hosts"));
        assert_eq!(nearest("maxbody", known), Some("max_body"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("", known), None);
    }
}

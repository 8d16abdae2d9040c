//! The nearest of several names: what somebody probably meant.

/// How many candidates are looked at: a stranger's file may offer countless ones, and ask as often.
const MOST_CANDIDATES: usize = 500;

/// The candidate that differs least from `name`, if it is near enough to be a slip.
#[must_use]
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    near(name, candidates).min().map(|(_, candidate)| candidate)
}

/// The candidate that `name` is a slip of, if there is no second one.
#[must_use]
pub fn only_near<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let mut near = near(name, candidates);
    let (_, only) = near.next()?;
    near.next().is_none().then_some(only)
}

/// The candidates that are near enough, each with how much it differs.
fn near<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> impl Iterator<Item = (usize, &'c str)> {
    // Long texts are no slips of a key, and the distance costs the product of both lengths.
    let is_short = name.len() <= 100;
    let length = name.chars().count();
    let allowed = (length / 3).max(1);
    // Each letter more or less is a step of its own.
    let may_be_near = move |candidate: &&str| {
        is_short && candidate.len() <= 200 && candidate.chars().count().abs_diff(length) <= allowed
    };
    candidates
        .into_iter()
        .take(MOST_CANDIDATES)
        .filter(may_be_near)
        .map(move |candidate| (distance(name, candidate), candidate))
        .filter(move |(distance, _)| *distance <= allowed)
}

/// `did you mean …?`, if a candidate is near enough.
#[must_use]
pub fn did_you_mean<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<String> {
    nearest(name, candidates).map(|nearest| format!("did you mean `{nearest}`?"))
}

/// Names as a list for people: `` `a`, `b`, `c` ``; long ones are cut short.
#[must_use]
pub fn listed<'c>(names: impl IntoIterator<Item = &'c str>) -> String {
    const MOST: usize = 16;
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.len() {
        0 => "none".to_owned(),
        n if n > MOST => format!("{} and {} more", names[..MOST].join(", "), n - MOST),
        _ => names.join(", "),
    }
}

/// The least number of letters to add, drop, change or swap with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().flat_map(char::to_lowercase).collect();
    let to: Vec<char> = to.chars().flat_map(char::to_lowercase).collect();
    let mut rows = vec![vec![0_usize; to.len() + 1]; from.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=from.len() {
        for j in 1..=to.len() {
            let change = usize::from(from[i - 1] != to[j - 1]);
            let mut best = (rows[i - 1][j] + 1)
                .min(rows[i][j - 1] + 1)
                .min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_what_was_meant() {
        let names = ["service", "severity", "vendor", "ticket"];
        assert_eq!(nearest("servce", names), Some("service"));
        assert_eq!(nearest("SEVERITY", names), Some("severity"));
        assert_eq!(nearest("tciket", names), Some("ticket"));
        assert_eq!(nearest("colour", names), None);
    }

    #[test]
    fn of_equally_near_names_the_first_in_order_is_taken() {
        assert_eq!(nearest("sev0", ["sev2", "sev1"]), Some("sev1"));
    }

    #[test]
    fn a_slip_of_two_names_is_a_slip_of_none_for_sure() {
        assert_eq!(only_near("sev0", ["sev2", "sev1"]), None);
        assert_eq!(only_near("tem", ["team", "teams"]), Some("team"));
        assert_eq!(only_near("colour", ["team", "teams"]), None);
    }

    #[test]
    fn a_long_text_is_no_slip() {
        assert_eq!(nearest(&"x".repeat(10_000), ["x"]), None);
    }
}

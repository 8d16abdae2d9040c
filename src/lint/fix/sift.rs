//! Finding the few that spoil something among many, with few tries.

/// As many of `all` as go together, found by halving: `good` says whether these do.
///
/// After so many tries what is undecided is left out.
pub(super) fn sift<T: Copy, E>(
    all: Vec<T>,
    tries: usize,
    mut good: impl FnMut(&[T]) -> Result<bool, E>,
) -> Result<Vec<T>, E> {
    let mut taken: Vec<T> = Vec::new();
    let mut groups = vec![all];
    for _ in 0..tries {
        let Some(mut group) = groups.pop() else {
            break;
        };
        if group.is_empty() {
            continue;
        }
        let together = [taken.as_slice(), &group].concat();
        if good(&together)? {
            taken = together;
        } else if group.len() > 1 {
            let rest = group.split_off(group.len() / 2);
            groups.extend([rest, group]);
        }
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is taken of the numbers below `most`, and how many tries that took.
    fn sifted(most: u32, tries: usize, good: impl Fn(&[u32]) -> bool) -> (Vec<u32>, usize) {
        let mut count = 0;
        let taken = sift((0..most).collect(), tries, |trial| {
            count += 1;
            Ok::<_, ()>(good(trial))
        });
        (taken.unwrap(), count)
    }

    #[test]
    fn where_all_go_together_one_try_is_enough() {
        assert_eq!(sifted(100, 64, |_| true), ((0..100).collect(), 1));
        assert_eq!(sifted(0, 64, |_| true), (vec![], 0));
    }

    #[test]
    fn only_those_that_spoil_something_are_left_out() {
        let (taken, count) = sifted(100, 64, |trial| !trial.contains(&41) && !trial.contains(&7));
        let rest: Vec<u32> = (0..100).filter(|n| ![7, 41].contains(n)).collect();
        assert_eq!(taken, rest);
        assert!(count < 40, "{count}");
    }

    #[test]
    fn of_two_that_do_not_go_together_the_first_stays() {
        let both = |trial: &[u32]| trial.contains(&1) && trial.contains(&2);
        assert_eq!(sifted(4, 64, |trial| !both(trial)).0, [0, 1, 3]);
    }

    #[test]
    fn there_is_an_end_to_trying() {
        let (taken, count) = sifted(1_000, 16, |_| false);
        assert_eq!((taken.len(), count), (0, 16));
    }
}

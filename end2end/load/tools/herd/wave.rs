//! The rate at which clients try to connect and arrive, second by second, and whether it comes in more than one wave.

use app::client::Millis;

use super::worker::Sample;

/// Characters of the longest bar.
const BAR: usize = 50;
/// A wave is over when a second has less than this part of the busiest one ...
const EBB_PART: usize = 10;
/// ... and another has come when one has this part of it again ...
const FLOOD_PART: usize = 4;
/// ... and more than this, because a few clients are no wave.
const FEW: usize = 20;

/// One second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Second {
    tries: usize,
    arrivals: usize,
}

#[derive(Debug)]
pub(super) struct Wave {
    seconds: Vec<Second>,
    /// The second in which the server was up again.
    up: usize,
}

impl Wave {
    /// From the samples of every worker, as of `began`.
    pub(super) fn of(workers: &[Vec<Sample>], began: Millis, up: Millis) -> Self {
        let second = |at: Millis| usize::try_from(at.saturating_sub(began) / 1_000).unwrap_or(0);
        let mut seconds = Vec::new();
        for pair in workers.iter().flat_map(|samples| samples.windows(2)) {
            let [before, after] = pair else { continue };
            if after.at < began {
                continue;
            }
            let index = second(after.at);
            if seconds.len() <= index {
                seconds.resize(index + 1, Second::default());
            }
            seconds[index].tries += after.tries - before.tries;
            seconds[index].arrivals += after.arrivals - before.arrivals;
        }
        Self { seconds, up: second(up) }
    }

    /// When a second wave began, in seconds after the server was up.
    pub(super) fn second_wave(&self) -> Option<usize> {
        let after = self.seconds.get(self.up..)?;
        let (peak, most) = after
            .iter()
            .enumerate()
            .max_by_key(|(index, second)| (second.tries, std::cmp::Reverse(*index)))?;
        let most = most.tries;
        let ebb = after.iter().skip(peak).position(|second| second.tries < most.div_ceil(EBB_PART))? + peak;
        let flood = (most / FLOOD_PART).max(FEW);
        after.iter().skip(ebb).position(|second| second.tries > flood).map(|index| index + ebb)
    }

    /// A line for every second.
    pub(super) fn histogram(&self, began: Millis, ended: Millis, up: Millis) -> String {
        let most = self.seconds.iter().map(|second| second.tries).max().unwrap_or(0).max(1);
        let mut lines = vec!["second   tries  arrivals".to_owned()];
        for (index, second) in self.seconds.iter().enumerate() {
            let is_here = |at: Millis| usize::try_from(at.saturating_sub(began) / 1_000) == Ok(index);
            let mark = match (is_here(ended), is_here(up)) {
                (_, true) => "  <- the server is up",
                (true, false) => "  <- the server has ended",
                (false, false) => "",
            };
            let bar = "#".repeat((second.tries * BAR).div_ceil(most));
            lines.push(format!("{index:>6}  {:>6}  {:>8}  {bar}{mark}", second.tries, second.arrivals));
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(tries: &[usize]) -> Wave {
        let seconds = tries.iter().map(|tries| Second { tries: *tries, arrivals: 0 }).collect();
        Wave { seconds, up: 1 }
    }

    #[test]
    fn a_wave_that_ebbs_away_is_one() {
        assert_eq!(wave(&[900, 500, 400, 200, 90, 45, 100, 20, 0, 3]).second_wave(), None);
        assert_eq!(wave(&[0, 10, 400, 390, 90, 39, 0, 0]).second_wave(), None);
    }

    #[test]
    fn a_wave_that_comes_again_is_two() {
        assert_eq!(wave(&[0, 500, 100, 20, 0, 0, 300, 2]).second_wave(), Some(5));
    }

    #[test]
    fn a_few_clients_are_no_wave() {
        assert_eq!(wave(&[0, 40, 0, 0, 19, 0]).second_wave(), None);
    }

    #[test]
    fn samples_are_counted_in_their_second() {
        let sample = |at, tries, arrivals| Sample { at, tries, arrivals, right: 0 };
        let one = vec![sample(900, 5, 5), sample(1_100, 7, 5), sample(2_500, 9, 8)];
        let other = vec![sample(900, 1, 1), sample(2_600, 2, 2)];
        let wave = Wave::of(&[one, other], 1_000, 2_000);
        let expected = [Second { tries: 2, arrivals: 0 }, Second { tries: 3, arrivals: 4 }];
        assert_eq!((wave.seconds.as_slice(), wave.up), (&expected[..], 1));
    }
}

//! A tiny deterministic generator (splitmix64), seeded once by the driver. It spreads retries and names the
//! client's own asks; it keeps no secrets.

#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Evenly from `least` to `most`, both included. The ranges here are far too small for the remainder to matter.
    pub(super) fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % most.saturating_sub(least).saturating_add(1)
    }

    pub(super) fn bits(&mut self) -> u128 {
        (u128::from(self.next()) << 64) | u128::from(self.next())
    }
}

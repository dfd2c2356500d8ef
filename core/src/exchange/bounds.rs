//! What an amount has to be on the way, so that it can still lead to a better route than the best.

use super::arithmetic::MAX_AMOUNT;
use super::search::{Search, MAX_HOPS, SLACK};

impl Search<'_> {
    /// What has to be there, with so many hops left, to beat the best: at least (sending), or at
    /// most so much may still be asked for (receiving).
    pub(super) fn bound(&mut self, assets: usize) {
        let sending = self.question.sending;
        let target = match self.found.first() {
            Some((value, ..)) if sending => value + 1,
            Some((value, ..)) => value - 1,
            None if sending => 1,
            None => MAX_AMOUNT,
        };
        let mut now: Vec<Option<u128>> = vec![None; assets];
        now[self.goal as usize] = Some(target);
        self.bounds = vec![now.clone()];
        let mut frontier = vec![self.goal];
        for _ in 0..MAX_HOPS {
            let before = &self.bounds[self.bounds.len() - 1];
            let mut next = Vec::new();
            for asset in frontier {
                let Some(wanted) = before[asset as usize] else { continue };
                for edge in &self.backward[asset as usize] {
                    let near = self.near(*edge);
                    if near == self.goal || !self.bound_may_ease(*edge, wanted, now[near as usize])
                    {
                        continue;
                    }
                    let seen = &self.seen[*edge];
                    let asked = if sending {
                        seen.least(wanted)
                    } else {
                        Some(seen.most(wanted)).filter(|most| *most > 0)
                    };
                    let Some(asked) = asked else { continue };
                    let known = now[near as usize];
                    if known.is_none_or(|known| if sending { asked < known } else { asked > known })
                    {
                        now[near as usize] = Some(asked);
                        if !next.contains(&near) {
                            next.push(near);
                        }
                    }
                }
            }
            self.bounds.push(now.clone());
            frontier = next;
        }
    }

    /// What is more than can pass on is no use, however good its price was.
    pub(super) fn find_rooms(&mut self, assets: usize) {
        let mut now = vec![0u128; assets];
        now[self.goal as usize] = u128::MAX - 1;
        self.rooms = vec![now.clone()];
        let mut frontier = vec![self.goal];
        for _ in 0..MAX_HOPS {
            let before = &self.rooms[self.rooms.len() - 1];
            let mut next = Vec::new();
            for asset in frontier {
                for edge in &self.backward[asset as usize] {
                    let near = self.near(*edge) as usize;
                    if now[near] == u128::MAX - 1 {
                        continue;
                    }
                    let room = self.seen[*edge].room(before[asset as usize]);
                    if room > now[near] {
                        now[near] = room.min(u128::MAX - 1);
                        if !next.contains(&(near as u32)) {
                            next.push(near as u32);
                        }
                    }
                }
            }
            self.rooms.push(now.clone());
            frontier = next;
        }
    }

    pub(super) fn fits(&self, asset: u32, amount: u128, left: usize) -> bool {
        !self.question.sending || amount <= self.rooms[left][asset as usize]
    }

    fn bound_may_ease(&self, edge: usize, wanted: u128, known: Option<u128>) -> bool {
        let Some(known) = known else { return true };
        let (wanted, known, rate) = (wanted as f64, known as f64, self.seen[edge].best_rate);
        if self.question.sending {
            wanted / rate * (1.0 - SLACK) <= known
        } else {
            wanted * rate * (1.0 + SLACK) >= known
        }
    }

    pub(super) fn meets(&self, asset: u32, amount: u128, left: usize) -> bool {
        let fits = self.fits(asset, amount, left);
        fits && self.bounds[left][asset as usize].is_some_and(|bound| {
            if self.question.sending {
                amount >= bound
            } else {
                amount <= bound
            }
        })
    }
}

//! Which queued payments settle together: multilateral netting, exact where small, fast where large.
//!
//! The specification, with what is promised and why, is src/tongbao/modules/settlement/netting; this
//! gives the same answers. Sums have to stay within i128: the caller sees to it.

mod choice;
mod exact;
mod heuristic;
mod pruning;

pub use heuristic::net;

/// What settles whole or not at all.
#[derive(Debug, Clone)]
pub struct Unit {
    /// (capacity, change): above zero draws on it, below zero adds to it. Each capacity once.
    pub effects: Vec<(usize, i128)>,
    /// Payments in it.
    pub payments: i128,
    /// What it counts for by value.
    pub value: i128,
}

/// What is settled the most of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objective {
    /// Payments.
    Count,
    /// Their value.
    Value,
}

/// How good a choice is: by the objective, then by the other measure.
pub type Weight = (i128, i128);

impl Objective {
    fn weight(self, payments: i128, value: i128) -> Weight {
        match self {
            Objective::Count => (payments, value),
            Objective::Value => (value, payments),
        }
    }

    fn of(self, unit: &Unit) -> i128 {
        self.weight(unit.payments, unit.value).0
    }
}

fn weigh(units: &[Unit], chosen: impl Iterator<Item = usize>, objective: Objective) -> Weight {
    let (mut payments, mut value) = (0, 0);
    for place in chosen {
        payments += units[place].payments;
        value += units[place].value;
    }
    objective.weight(payments, value)
}

/// Whether no sum that the netting forms leaves i128, whatever it chooses.
pub fn fits(capacities: &[i128], units: &[Unit]) -> bool {
    let changes = units.iter().flat_map(|unit| unit.effects.iter().map(|(_, change)| *change));
    let values = units.iter().flat_map(|unit| [unit.payments, unit.value]);
    let all = capacities.iter().copied().chain(changes).chain(values);
    let sum = all.fold(0u128, |sum, one| sum.saturating_add(one.unsigned_abs()));
    sum < 1 << 126
}

//! Every choice weighed, in the order of a Gray code: each differs from the one before in one unit.

use super::{Objective, Unit};

/// The best choice as bits; None where not even the empty one is feasible. `left` is used up.
pub fn best_mask(left: &mut [i128], units: &[&Unit], objective: Objective) -> Option<u32> {
    let size = units.len() as u32;
    let mut exceeded = left.iter().filter(|rest| **rest < 0).count();
    let mut best = (exceeded == 0).then_some((0u32, (0, 0), 0u32));
    let (mut payments, mut value, mut mask) = (0, 0, 0u32);
    for step in 1..1u32 << size {
        let place = step.trailing_zeros();
        let unit = units[place as usize];
        let sign = if mask >> place & 1 == 1 { -1 } else { 1 };
        mask ^= 1 << place;
        for (capacity, change) in &unit.effects {
            let before = left[*capacity];
            left[*capacity] = before - sign * change;
            exceeded += usize::from(left[*capacity] < 0);
            exceeded -= usize::from(before < 0);
        }
        payments += sign * unit.payments;
        value += sign * unit.value;
        if exceeded == 0 {
            let weight = objective.weight(payments, value);
            let earliest = mask.reverse_bits() >> (32 - size);
            if best.is_none_or(|(_, most, early)| (weight, earliest) > (most, early)) {
                best = Some((mask, weight, earliest));
            }
        }
    }
    best.map(|(mask, _, _)| mask)
}

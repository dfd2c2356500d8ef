//! From too much to what fits: units are removed where a capacity is exceeded, until none is.

use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};

use super::choice::Choice;
use super::{Objective, Unit};

/// Which unit goes where a capacity is exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The smallest that suffices alone, else the largest.
    Fewest,
    /// The one that lowers the sum of all excesses most for what it is worth.
    Gentlest,
    /// The last in the queue.
    Latest,
}

/// All rules, in the order in which they are tried.
pub const RULES: [Rule; 3] = [Rule::Fewest, Rule::Gentlest, Rule::Latest];

/// Take all of `places`, then remove of them until no capacity is exceeded; how many stayed.
pub fn prune(choice: &mut Choice, places: &[usize], rule: Rule, objective: Objective) -> usize {
    for place in places {
        choice.take(*place);
    }
    let units = choice.units;
    let mut drawing: Vec<Vec<(i128, usize)>> = vec![Vec::new(); choice.left.len()];
    for place in places {
        for (capacity, change) in units[*place].effects.iter().filter(|(_, change)| *change > 0) {
            drawing[*capacity].push((*change, *place));
        }
    }
    let mut debtors: Vec<Option<Debtors>> = drawing.iter().map(|_| None).collect();
    let exceeded = |capacity: &usize| choice.left[*capacity] < 0 && !drawing[*capacity].is_empty();
    let mut short: VecDeque<usize> = (0..choice.left.len()).filter(exceeded).collect();
    let mut waiting = vec![false; choice.left.len()];
    short.iter().for_each(|capacity| waiting[*capacity] = true);
    let mut removed = 0;
    while let Some(capacity) = short.pop_front() {
        waiting[capacity] = false;
        while choice.left[capacity] < 0 {
            let row = debtors[capacity].get_or_insert_with(|| {
                let drawn = std::mem::take(&mut drawing[capacity]);
                Debtors::new(units, capacity, drawn, rule, objective)
            });
            // Who exceeds a capacity draws on it: there is one to remove.
            let Some(place) = row.next(choice).filter(|place| choice.chosen[*place]) else { break };
            choice.give(place);
            removed += 1;
            for (other, _) in &units[place].effects {
                if choice.left[*other] < 0 && *other != capacity && !waiting[*other] {
                    waiting[*other] = true;
                    short.push_back(*other);
                }
            }
        }
    }
    places.len() - removed
}

/// Those who draw on one capacity.
struct Debtors {
    capacity: usize,
    rows: Rows,
}

enum Rows {
    Fewest(Row),
    Gentlest(Vec<Row>, Objective),
    Latest(Vec<usize>),
}

impl Debtors {
    fn new(
        units: &[Unit],
        capacity: usize,
        drawn: Vec<(i128, usize)>,
        rule: Rule,
        objective: Objective,
    ) -> Self {
        let rows = match rule {
            Rule::Fewest => Rows::Fewest(Row::new(drawn)),
            Rule::Latest => {
                let mut places: Vec<usize> = drawn.into_iter().map(|(_, place)| place).collect();
                places.sort_unstable();
                Rows::Latest(places)
            }
            Rule::Gentlest => {
                let mut alike: BTreeMap<Vec<usize>, Vec<(i128, usize)>> = BTreeMap::new();
                for (amount, place) in drawn {
                    let touched = units[place].effects.iter().map(|(c, _)| *c).collect();
                    alike.entry(touched).or_default().push((amount, place));
                }
                Rows::Gentlest(alike.into_values().map(Row::new).collect(), objective)
            }
        };
        Debtors { capacity, rows }
    }

    /// Whom to remove now.
    fn next(&mut self, choice: &Choice) -> Option<usize> {
        let (chosen, short) = (&choice.chosen, -choice.left[self.capacity]);
        match &mut self.rows {
            Rows::Latest(places) => {
                while places.last().is_some_and(|place| !chosen[*place]) {
                    places.pop();
                }
                places.pop()
            }
            Rows::Fewest(row) => row.at_least(chosen, short).or_else(|| row.at_most(chosen, None)),
            Rows::Gentlest(rows, objective) => gentlest(rows, choice, short, *objective),
        }
    }
}

fn gentlest(rows: &mut [Row], choice: &Choice, short: i128, objective: Objective) -> Option<usize> {
    let mut best: Option<(i128, i128, usize)> = None;
    for row in rows {
        let enough = row.at_least(&choice.chosen, short);
        let part = (enough.is_none() || objective == Objective::Value)
            .then(|| row.at_most(&choice.chosen, enough.map(|_| short)))
            .flatten();
        for place in enough.into_iter().chain(part) {
            let unit = &choice.units[place];
            let one = (relief(&choice.left, unit), objective.of(unit), place);
            if best.is_none_or(|best| gentler(one, best)) {
                best = Some(one);
            }
        }
    }
    best.map(|(_, _, place)| place)
}

/// How much less exceeded all capacities together are without the unit; below zero: more.
fn relief(left: &[i128], unit: &Unit) -> i128 {
    let one = |(capacity, change): &(usize, i128)| {
        let rest = left[*capacity];
        if *change > 0 {
            (*change).min(-rest).max(0)
        } else {
            -(-change).min(-change - rest).max(0)
        }
    };
    unit.effects.iter().map(one).sum()
}

/// Whether (relief, weight, place) is better: relief per weight; where worse comes of it, the
/// lighter harm; of equal ones the later in the queue.
fn gentler(one: (i128, i128, usize), other: (i128, i128, usize)) -> bool {
    let ((relief, weight, place), (least, most, latest)) = (one, other);
    if (relief >= 0) != (least >= 0) {
        return relief >= 0;
    }
    let order = if relief >= 0 {
        product(relief, most).cmp(&product(least, weight))
    } else {
        product(least, most).cmp(&product(relief, weight))
    };
    order.then(place.cmp(&latest)) == Ordering::Greater
}

/// |a| * |b| without loss, as (high, low).
fn product(a: i128, b: i128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
    let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let (low, left, right) = (a0 * b0, a1 * b0, a0 * b1);
    let middle = (low >> 64) + (left & LOW) + (right & LOW);
    let high = a1 * b1 + (left >> 64) + (right >> 64) + (middle >> 64);
    (high, middle << 64 | low & LOW)
}

/// Units ascending by what they draw; of equal ones the later in the queue comes first. Removed
/// units are passed over by two forests of pointers with halved paths.
struct Row {
    amounts: Vec<i128>,
    places: Vec<usize>,
    above: Vec<usize>,
    below: Vec<usize>,
}

impl Row {
    fn new(mut drawn: Vec<(i128, usize)>) -> Self {
        drawn.sort_unstable_by(|one, other| one.0.cmp(&other.0).then(other.1.cmp(&one.1)));
        let ends: Vec<usize> = (0..=drawn.len()).collect();
        let (amounts, places) = drawn.into_iter().unzip();
        Row { amounts, places, above: ends.clone(), below: ends }
    }

    /// The smallest that draws so much or more.
    fn at_least(&mut self, chosen: &[bool], amount: i128) -> Option<usize> {
        let start = self.amounts.partition_point(|one| *one < amount);
        let position = self.upper(start, chosen);
        self.places.get(position).copied()
    }

    /// The largest that draws so much or less; the largest of all without an amount.
    fn at_most(&mut self, chosen: &[bool], amount: Option<i128>) -> Option<usize> {
        let whole = self.places.len();
        let end = amount.map_or(whole, |most| self.amounts.partition_point(|one| *one <= most));
        let end = self.lower(end, chosen);
        let drawn = *self.amounts.get(end.checked_sub(1)?)?;
        let same = self.amounts.partition_point(|one| *one < drawn);
        let position = self.upper(same, chosen);
        self.places.get(position).copied()
    }

    fn upper(&mut self, mut position: usize, chosen: &[bool]) -> usize {
        while position < self.places.len() && !chosen[self.places[position]] {
            let further = self.above[position];
            self.above[position] =
                if further == position { position + 1 } else { self.above[further] };
            position = further.max(position + 1);
        }
        position
    }

    /// One past the position of the last that is there before `end`; 0 where none is.
    fn lower(&mut self, mut end: usize, chosen: &[bool]) -> usize {
        while end > 0 && !chosen[self.places[end - 1]] {
            let further = self.below[end];
            self.below[end] = if further == end { end - 1 } else { self.below[further] };
            end = further.min(end - 1);
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::product;

    #[test]
    fn a_product_is_exact_where_it_needs_256_bits() {
        assert_eq!(product(i128::MAX, 2), (0, u128::MAX - 1));
        assert_eq!(product(i128::MIN, i128::MIN), (1 << 126, 0));
        assert_eq!(product(-3, 5), (0, 15));
        assert_eq!(product(i128::MAX, i128::MAX), ((1 << 126) - 1, 1));
    }
}

//! The netting for any size: prune, insert, and improve in neighbourhoods.

use std::collections::BTreeSet;

use super::choice::Choice;
use super::exact::best_mask;
use super::pruning::{prune, Rule, RULES};
use super::{weigh, Objective, Unit};

const EXACT: usize = 16;
const MAX_ROUNDS: usize = 8;
const NEIGHBOURHOODS: usize = 160;
const NEIGHBOURS_OUT: usize = 6;
const NEIGHBOURS_IN: usize = 4;

/// Places of the units that settle together, ascending. With `always` the heuristic, however few.
pub fn net(capacities: &[i128], units: &[Unit], objective: Objective, always: bool) -> Vec<usize> {
    if units.len() > EXACT || always {
        return approximate(capacities, units, objective);
    }
    let every: Vec<&Unit> = units.iter().collect();
    let mask = best_mask(&mut capacities.to_vec(), &every, objective).unwrap_or(0);
    (0..units.len()).filter(|place| mask >> place & 1 == 1).collect()
}

fn approximate(capacities: &[i128], units: &[Unit], objective: Objective) -> Vec<usize> {
    let order = offering(units, objective);
    let weight = |choice: &Choice| weigh(units, choice.places(true).into_iter(), objective);
    let mut best = from_whole(capacities, units, RULES[0], objective, &order);
    for rule in &RULES[1..] {
        let other = from_whole(capacities, units, *rule, objective, &order);
        if weight(&other) > weight(&best) {
            best = other;
        }
    }
    let mut sequence = Choice::new(capacities, units);
    sequence.insert(0..units.len());
    fill(&mut sequence, &order);
    if weight(&sequence) > weight(&best) {
        best = sequence;
    }
    improve(&mut best, objective);
    fill(&mut best, &order);
    best.places(true)
}

/// In which what is left out is offered one by one: small draws, or large values, first.
fn offering(units: &[Unit], objective: Objective) -> Vec<usize> {
    let mut order: Vec<usize> = (0..units.len()).collect();
    let draw = |unit: &Unit| unit.effects.iter().map(|(_, change)| *change).max().unwrap_or(0);
    match objective {
        Objective::Count => order.sort_by_cached_key(|place| (draw(&units[*place]), *place)),
        Objective::Value => order.sort_by_key(|place| (-units[*place].value, *place)),
    }
    order
}

fn from_whole<'a>(
    capacities: &[i128],
    units: &'a [Unit],
    rule: Rule,
    objective: Objective,
    order: &[usize],
) -> Choice<'a> {
    let mut choice = Choice::new(capacities, units);
    for _ in 0..MAX_ROUNDS {
        let outside = choice.places(false);
        let stayed = prune(&mut choice, &outside, rule, objective);
        if choice.insert(order.iter().copied()) == 0 && stayed == 0 {
            break;
        }
    }
    fill(&mut choice, order);
    choice
}

/// One by one until nothing fits any more.
fn fill(choice: &mut Choice, order: &[usize]) {
    while choice.insert(order.iter().copied()) > 0 {}
}

/// A fixed sequence that jumps about (Knuth's MMIX generator, its upper bits).
struct Steps(u64);

impl Steps {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Solve small neighbourhoods of the choice exactly; each can only better it.
fn improve(choice: &mut Choice, objective: Objective) {
    let units = choice.units;
    let mut steps = Steps(1);
    let (mut outside, mut inside) = (choice.places(false), choice.places(true));
    let mut drawing = drawing_on(choice, &outside);
    for number in 0..NEIGHBOURHOODS {
        if outside.is_empty() {
            return;
        }
        let near: BTreeSet<usize> = if number % 2 == 1 || inside.is_empty() {
            walk(units, &outside, &drawing, &mut steps)
        } else {
            let mut near = BTreeSet::new();
            for _ in 0..NEIGHBOURS_OUT {
                near.insert(outside[steps.below(outside.len())]);
            }
            for _ in 0..NEIGHBOURS_IN {
                near.insert(inside[steps.below(inside.len())]);
            }
            near
        };
        let places: Vec<usize> = near.into_iter().collect();
        let before: Vec<usize> =
            places.iter().copied().filter(|place| choice.chosen[*place]).collect();
        before.iter().for_each(|place| choice.give(*place));
        let mask = neighbourhood(choice, &places, objective);
        let after: Vec<usize> = places
            .iter()
            .enumerate()
            .filter(|(number, _)| mask >> number & 1 == 1)
            .map(|(_, place)| *place)
            .collect();
        let gain = |chosen: &[usize]| weigh(units, chosen.iter().copied(), objective);
        let better = gain(&after) > gain(&before);
        for place in if better { &after } else { &before } {
            choice.take(*place);
        }
        if better {
            (outside, inside) = (choice.places(false), choice.places(true));
            drawing = drawing_on(choice, &outside);
        }
    }
}

/// Who draws on each capacity.
fn drawing_on(choice: &Choice, places: &[usize]) -> Vec<Vec<usize>> {
    let mut drawing = vec![Vec::new(); choice.left.len()];
    for place in places {
        for (capacity, _) in choice.units[*place].effects.iter().filter(|(_, c)| *c > 0) {
            drawing[*capacity].push(*place);
        }
    }
    drawing
}

/// From one left out to another that is paid from it, and on: so rings come together.
fn walk(
    units: &[Unit],
    outside: &[usize],
    drawing: &[Vec<usize>],
    steps: &mut Steps,
) -> BTreeSet<usize> {
    let mut place = outside[steps.below(outside.len())];
    let mut near = BTreeSet::from([place]);
    for _ in 0..NEIGHBOURS_OUT + NEIGHBOURS_IN - 1 {
        let paid = units[place].effects.iter().filter(|(_, change)| *change < 0);
        let mut paid = paid.map(|(c, _)| &drawing[*c][..]);
        let following = paid.find(|row| !row.is_empty()).unwrap_or(outside);
        place = following[steps.below(following.len())];
        near.insert(place);
    }
    near
}

/// The best choice of some units beside all others; only the capacities that they touch count.
fn neighbourhood(choice: &Choice, places: &[usize], objective: Objective) -> u32 {
    let there = || places.iter().map(|place| &choice.units[*place]);
    let touched: BTreeSet<usize> =
        there().flat_map(|unit| unit.effects.iter().map(|(capacity, _)| *capacity)).collect();
    let numbers: Vec<usize> = touched.into_iter().collect();
    let mut left: Vec<i128> = numbers.iter().map(|capacity| choice.left[*capacity]).collect();
    let renumbered: Vec<Unit> = there()
        .map(|unit| {
            let effects = unit.effects.iter().map(|(capacity, change)| {
                (numbers.partition_point(|number| number < capacity), *change)
            });
            Unit { effects: effects.collect(), ..*unit }
        })
        .collect();
    let every: Vec<&Unit> = renumbered.iter().collect();
    best_mask(&mut left, &every, objective).unwrap_or(0)
}

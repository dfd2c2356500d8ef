//! A choice of units in the making, and what it leaves of every capacity.

use super::Unit;

/// A choice.
pub struct Choice<'a> {
    pub units: &'a [Unit],
    pub left: Vec<i128>,
    pub chosen: Vec<bool>,
}

impl<'a> Choice<'a> {
    pub fn new(capacities: &[i128], units: &'a [Unit]) -> Self {
        Choice { units, left: capacities.to_vec(), chosen: vec![false; units.len()] }
    }

    /// Choose a unit.
    pub fn take(&mut self, place: usize) {
        self.chosen[place] = true;
        for (capacity, change) in &self.units[place].effects {
            self.left[*capacity] -= change;
        }
    }

    /// Give a unit back.
    pub fn give(&mut self, place: usize) {
        self.chosen[place] = false;
        for (capacity, change) in &self.units[place].effects {
            self.left[*capacity] += change;
        }
    }

    /// Offer units one by one: whatever fits alone is chosen. How many fitted.
    pub fn insert(&mut self, places: impl Iterator<Item = usize>) -> usize {
        let mut fitted = 0;
        for place in places {
            let fits = |(capacity, change): &(usize, i128)| *change <= self.left[*capacity];
            if !self.chosen[place] && self.units[place].effects.iter().all(fits) {
                self.take(place);
                fitted += 1;
            }
        }
        fitted
    }

    /// What is, or is not, chosen, in order.
    pub fn places(&self, chosen: bool) -> Vec<usize> {
        (0..self.chosen.len()).filter(|place| self.chosen[*place] == chosen).collect()
    }
}

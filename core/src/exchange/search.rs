//! The best routes: exact, and fast because a bound tells where none better can be.
//!
//! First a sweep, hop by hop, keeps the best amount at every asset (a route, but perhaps not the
//! best: what is best on the way may bar the way on). Then a sweep from the other end tells for each
//! asset what one must have there, with so many hops left, to beat the best route found. Where no
//! amount that can be had meets it, the best is proven; else a depth-first search looks at what is
//! left. The search stops after a number of steps; then the best is the best found, and says so.

use super::book::Hop;
use super::market::Seen;

/// Hops of a route at most.
pub const MAX_HOPS: usize = 6;
/// Room for the rounding of rates kept as floats: a bound is never too tight.
pub(super) const SLACK: f64 = 1e-9;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// Asset sent.
    pub from: u32,
    /// Asset received.
    pub to: u32,
    /// Exactly so much is sent, or received.
    pub amount: u128,
    /// Whether `amount` is what is sent.
    pub sending: bool,
    /// So many routes at most.
    pub limit: usize,
    /// So many trials of a hop at most.
    pub budget: usize,
}

/// A route: ways in order, and (paid, got, offers taken) of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Ways, by number.
    pub edges: Vec<usize>,
    /// What each does.
    pub hops: Vec<(u128, u128, usize)>,
}

#[derive(Clone, Copy)]
pub(super) struct Node {
    asset: u32,
    amount: u128,
    edge: usize,
    parent: usize,
    fills: usize,
}

const NONE: usize = usize::MAX;

pub(super) struct Search<'a> {
    pub(super) seen: &'a [Seen<'a>],
    pub(super) question: Question,
    pub(super) start: u32,
    pub(super) goal: u32,
    pub(super) onward: Vec<Vec<usize>>,
    pub(super) backward: Vec<Vec<usize>>,
    pub(super) nodes: Vec<Node>,
    /// (value, hops, last node), best first.
    pub(super) found: Vec<(u128, usize, usize)>,
    pub(super) bounds: Vec<Vec<Option<u128>>>,
    /// Sending: the most that can pass on from each asset, with so many hops left.
    pub(super) rooms: Vec<Vec<u128>>,
    pub(super) trials: usize,
}

/// The best routes, best first, and whether the first is proven to be the best there is.
pub fn routes(seen: &[Seen<'_>], assets: usize, question: Question) -> (Vec<Route>, bool) {
    if question.from == question.to || question.amount == 0 {
        return (Vec::new(), true);
    }
    let mut search = Search::new(seen, assets, question);
    if question.sending {
        search.find_rooms(assets);
        if question.amount > search.rooms[MAX_HOPS][question.from as usize] {
            return (Vec::new(), true);
        }
    }
    search.sweep(assets);
    search.bound(assets);
    let first =
        Node { asset: search.start, amount: question.amount, edge: NONE, parent: NONE, fills: 0 };
    search.nodes.push(first);
    let root = search.nodes.len() - 1;
    let proven = search.deepen(root, 0, assets);
    (search.told(), proven)
}

impl<'a> Search<'a> {
    fn new(seen: &'a [Seen<'a>], assets: usize, question: Question) -> Self {
        let (mut from, mut to) = (vec![Vec::new(); assets], vec![Vec::new(); assets]);
        for (number, edge) in seen.iter().enumerate() {
            if edge.best_rate > 0.0 {
                from[edge.pay as usize].push(number);
                to[edge.get as usize].push(number);
            }
        }
        let (start, goal, onward, backward) = if question.sending {
            (question.from, question.to, from, to)
        } else {
            (question.to, question.from, to, from)
        };
        let (nodes, found) = (Vec::with_capacity(1_024), Vec::new());
        let (bounds, rooms) = (Vec::new(), Vec::new());
        Search {
            seen,
            question,
            start,
            goal,
            onward,
            backward,
            nodes,
            found,
            bounds,
            rooms,
            trials: 0,
        }
    }

    // ---- directions ------------------------------------------------------------------------

    fn far(&self, edge: usize) -> u32 {
        if self.question.sending {
            self.seen[edge].get
        } else {
            self.seen[edge].pay
        }
    }

    pub(super) fn near(&self, edge: usize) -> u32 {
        if self.question.sending {
            self.seen[edge].pay
        } else {
            self.seen[edge].get
        }
    }

    fn step(&mut self, edge: usize, amount: u128) -> Option<Hop> {
        self.trials += 1;
        let edge = &self.seen[edge];
        if self.question.sending {
            edge.pay(amount)
        } else {
            edge.get(amount)
        }
    }

    fn better(&self, one: u128, other: u128) -> bool {
        if self.question.sending {
            one > other
        } else {
            one < other
        }
    }

    /// Whether a step could at best come to something better than `other`.
    fn may_beat(&self, edge: usize, amount: u128, other: Option<u128>) -> bool {
        let Some(other) = other else { return true };
        let (amount, other, rate) = (amount as f64, other as f64, self.seen[edge].best_rate);
        if self.question.sending {
            amount * rate * (1.0 + SLACK) >= other
        } else {
            amount / rate * (1.0 - SLACK) <= other
        }
    }

    // ---- the sweep -------------------------------------------------------------------------

    fn distances(&self, assets: usize) -> Vec<usize> {
        let mut distance = vec![NONE; assets];
        distance[self.goal as usize] = 0;
        let mut frontier = vec![self.goal];
        for hops in 1..=MAX_HOPS {
            let mut next = Vec::new();
            for asset in frontier {
                for edge in &self.backward[asset as usize] {
                    let near = self.near(*edge);
                    if distance[near as usize] == NONE {
                        distance[near as usize] = hops;
                        next.push(near);
                    }
                }
            }
            frontier = next;
        }
        distance
    }

    fn sweep(&mut self, assets: usize) {
        let distance = self.distances(assets);
        let mut best: Vec<Option<(u128, usize)>> = vec![None; assets];
        let (asset, amount) = (self.start, self.question.amount);
        self.nodes.push(Node { asset, amount, edge: NONE, parent: NONE, fills: 0 });
        best[asset as usize] = Some((amount, 0));
        let mut frontier = vec![0];
        for hops in 1..=MAX_HOPS {
            let mut next = Vec::new();
            for node in frontier {
                let Node { asset, amount, fills, .. } = self.nodes[node];
                if best[asset as usize].is_some_and(|(_, newest)| newest != node) {
                    continue;
                }
                for place in 0..self.onward[asset as usize].len() {
                    let edge = self.onward[asset as usize][place];
                    let far = self.far(edge);
                    if far == self.goal {
                        self.arrive(node, edge, hops);
                        continue;
                    }
                    let reach = distance[far as usize];
                    let known = best[far as usize].map(|(amount, _)| amount);
                    let open = reach != NONE && hops + reach <= MAX_HOPS;
                    if !open || !self.may_beat(edge, amount, known) || self.passed(node, far) {
                        continue;
                    }
                    let Some((amount, more)) = self.step(edge, amount) else { continue };
                    let fits = self.fits(far, amount, MAX_HOPS - hops);
                    if fits && known.is_none_or(|known| self.better(amount, known)) {
                        let further =
                            Node { asset: far, amount, edge, parent: node, fills: fills + more };
                        self.nodes.push(further);
                        best[far as usize] = Some((amount, self.nodes.len() - 1));
                        next.push(self.nodes.len() - 1);
                    }
                }
            }
            frontier = next;
        }
    }

    fn passed(&self, node: usize, asset: u32) -> bool {
        let mut place = node;
        while place != NONE {
            if self.nodes[place].asset == asset {
                return true;
            }
            place = self.nodes[place].parent;
        }
        false
    }

    /// Take a last hop; whether the route is the best so far.
    fn arrive(&mut self, node: usize, edge: usize, hops: usize) -> bool {
        let Node { amount, fills, .. } = self.nodes[node];
        let full = self.found.len() >= self.question.limit;
        let worst = if full { self.found.last().map(|found| found.0) } else { None };
        if !self.may_beat(edge, amount, worst) {
            return false;
        }
        let Some((value, more)) = self.step(edge, amount) else { return false };
        if worst.is_some_and(|worst| !self.better(value, worst)) {
            return false;
        }
        let here =
            Node { asset: self.goal, amount: value, edge, parent: node, fills: fills + more };
        self.nodes.push(here);
        let last = self.nodes.len() - 1;
        let ways = self.ways(last);
        if self.found.iter().any(|found| found.0 == value && self.ways(found.2) == ways) {
            return false;
        }
        let sending = self.question.sending;
        let place = self.found.partition_point(|found| {
            if found.0 == value {
                found.1 <= hops
            } else {
                (found.0 > value) == sending
            }
        });
        let best = self.found.first().is_none_or(|first| self.better(value, first.0));
        self.found.insert(place, (value, hops, last));
        self.found.truncate(self.question.limit.max(1));
        best
    }

    fn ways(&self, last: usize) -> Vec<usize> {
        let mut ways = Vec::with_capacity(MAX_HOPS);
        let mut place = last;
        while self.nodes[place].edge != NONE {
            ways.push(self.nodes[place].edge);
            place = self.nodes[place].parent;
        }
        if self.question.sending {
            ways.reverse();
        }
        ways
    }

    // ---- what is left ----------------------------------------------------------------------

    /// Look at everything that the bound leaves open; false where the budget ended it.
    fn deepen(&mut self, node: usize, hops: usize, assets: usize) -> bool {
        let Node { asset, amount, fills, .. } = self.nodes[node];
        if !self.meets(asset, amount, MAX_HOPS - hops) {
            return true;
        }
        for place in 0..self.onward[asset as usize].len() {
            if self.trials > self.question.budget {
                return false;
            }
            let edge = self.onward[asset as usize][place];
            let far = self.far(edge);
            if far == self.goal {
                if self.arrive(node, edge, hops + 1) {
                    self.bound(assets);
                }
                continue;
            }
            let left = MAX_HOPS - hops - 1;
            let bound = self.bounds[left][far as usize];
            let open = left > 0 && bound.is_some() && self.may_beat(edge, amount, bound);
            if !open || self.passed(node, far) {
                continue;
            }
            let Some((amount, more)) = self.step(edge, amount) else { continue };
            if !self.meets(far, amount, left) {
                continue;
            }
            self.nodes.push(Node { asset: far, amount, edge, parent: node, fills: fills + more });
            if !self.deepen(self.nodes.len() - 1, hops + 1, assets) {
                return false;
            }
        }
        true
    }

    fn told(&self) -> Vec<Route> {
        self.found.iter().map(|(_, _, last)| self.route(*last)).collect()
    }

    fn route(&self, last: usize) -> Route {
        let mut hops = Vec::new();
        let mut place = last;
        while self.nodes[place].edge != NONE {
            let here = self.nodes[place];
            let before = self.nodes[here.parent];
            let fills = here.fills - before.fills;
            hops.push(if self.question.sending {
                (before.amount, here.amount, fills)
            } else {
                (here.amount, before.amount, fills)
            });
            place = here.parent;
        }
        if self.question.sending {
            hops.reverse();
        }
        Route { edges: self.ways(last), hops }
    }
}

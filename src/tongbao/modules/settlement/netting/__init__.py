"""Which queued payments settle together: multilateral netting, exact where small, fast where large.

The question: of units (a payment, or a linked pair) with effects on capacities (an account's
funds, a limit), choose those whose effects, all at once, exceed no capacity, so that the most
settle: by count, or by value; a tie goes to the other measure, then to the earlier in the queue.
Choosing the most is NP-hard in general (it contains the knapsack problem; Güntzer, Jungnickel and
Leclerc 1998), so beyond `EXACT` units this is a heuristic. What it promises always:

* feasible: no capacity is exceeded once everything chosen has settled;
* never fewer (or, by value, less) than one by one in sequence, which is gross FIFO;
* maximal: nothing left out could settle alone beside what was chosen;
* the same on every machine, and bounded: about n log n, and a constant for the neighbourhoods.

How: the whole queue is taken, and units are removed until no capacity is exceeded, by each of the
rules in `pruning`; what was removed is offered again to what is left, together and then one by one.
Beside these stands the queue in sequence. The best is then improved in small neighbourhoods, each
solved exactly. Where it may fall short: an optimum that differs from it in more units than a
neighbourhood holds.

What runs is the core (core/src/netting); this here is its specification, and differential tests
hold both to the same answers.
"""

from tongbao.modules.settlement.netting.choosing import (
    COUNT,
    OBJECTIVES,
    VALUE,
    Unit,
    excess,
    in_sequence,
    weigh,
)
from tongbao.modules.settlement.netting.exact import EXACT, exhaustive
from tongbao.modules.settlement.netting.heuristic import approximate, net, spell

__all__ = [
    "COUNT",
    "EXACT",
    "OBJECTIVES",
    "VALUE",
    "Unit",
    "approximate",
    "excess",
    "exhaustive",
    "in_sequence",
    "net",
    "spell",
    "weigh",
]

"""The registry: modules, transactions and events of a protocol version; suites of a chain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Union

import msgspec

from tongbao.kernel.codes import Code, KernelCode
from tongbao.kernel.records import EventList, Record
from tongbao.kernel.signing import Suite, implementations
from tongbao.kernel.tables import Table
from tongbao.kernel.transaction import Body, Event, Outcome, Transaction
from tongbao.kernel.validators import Misbehavior
from tongbao.kernel.views import ReadView, WriteView

if TYPE_CHECKING:
    from tongbao.kernel.generation import Generator

Timer = Callable[[WriteView, str], Iterator[Event]]
"""What happens when a scheduled time arrives: gets the ledger and the id that was scheduled."""


Evidence = Callable[[WriteView, Misbehavior], Iterator[Event]]
"""What happens when a validator was caught. Must not refuse."""


@dataclass(frozen=True)
class Invariant:
    """A law of a module about one table: what can never happen to a row of it.

    `holds(view, key parts, before, after)` is asked about every row that a transaction touched,
    after the transaction; False halts the node in strict mode and refuses it in production.
    """

    table: Table[Any]
    law: str
    holds: Callable[[ReadView, tuple[Any, ...], Any, Any], bool]


Weigh = Callable[[tuple[Any, ...], Any], Iterator[tuple[tuple[str, ...], int]]]
"""What a row, by its key parts and value, counts: (what it counts for, how much) pairs."""


@dataclass(frozen=True)
class Tally:
    """A law over whole tables: for whatever rows count for, the sum of what they count is zero.

    E.g. what is set aside for holds (counted negative) is the sum of the open holds (positive).
    Within a transaction only the rows that it touched are summed, before against after, so that
    the law costs what the transaction costs; the audit sums every row.
    """

    law: str
    terms: tuple[tuple[Table[Any], Weigh], ...]


class Broken(NamedTuple):
    """Something that had set money aside and gave way to an order."""

    what: str
    """Its kind and id, e.g. `hold firm-a:r1:2026-11-25.1`."""
    events: tuple[Event, ...]


GiveWay = Callable[[WriteView, str, str, str], Iterator[Broken]]
"""(ledger, account, asset, why) -> what of the account's is broken, one thing a step.

Each step frees what the thing had set aside; whoever asks goes on only while it is not enough.
"""


@dataclass(frozen=True)
class Reservation:
    """Who gives money free that is set aside for certain purposes, when the law takes it.

    Money may be set aside for a purpose only if a module declares so here: nothing on the ledger
    is out of reach of a lawful order (docs/decisions/reservations.md).
    """

    order: int
    """Lower ones give way first."""
    purposes: tuple[str, ...]
    """Of rows in the table `reserved`; none where money is kept apart without one (a pool)."""
    give_way: GiveWay


Outflow = Callable[[WriteView, str, str, int], object]
"""(ledger, account, asset, amount): counts what leaves an account, or refuses it."""


@dataclass(frozen=True)
class Module:
    """One room of the business, as its `__init__` declares it."""

    name: str
    number: int
    """First byte of its table prefixes (0x20 and up); its refusal codes start at 1000 and up."""
    uses: tuple[str, ...] = ()
    tables: tuple[Table[Any], ...] = ()
    transactions: tuple[type[Transaction], ...] = ()
    events: tuple[type[Event], ...] = ()
    codes: type[Code] | None = None
    invariants: tuple[Invariant, ...] = ()
    tallies: tuple[Tally, ...] = ()
    timers: Mapping[str, Timer] = field(default_factory=dict)
    on_misbehavior: Evidence | None = None
    reservations: tuple[Reservation, ...] = ()
    on_outflow: Outflow | None = None
    """Asked by modules below this one about whatever leaves an account."""
    records: tuple[Record | EventList, ...] = ()
    """What people list of its tables and its events."""
    generators: Mapping[str, Generator] = field(default_factory=dict)
    """Tag of a kind of transaction -> how the simulator draws it."""
    public: tuple[type[Event], ...] = ()
    """Events that anybody may read, beside those of public records."""
    internal: tuple[Table[Any] | type[Event], ...] = ()
    """Tables that only its own rules read, and events that stand in no list but that of all."""

    @property
    def neither(self) -> tuple[Table[Any] | type[Event], ...]:
        """Tables and events that no record shows, and that are not declared internal."""
        shown: set[object] = set(self.internal)
        for one in self.records:
            if isinstance(one, Record):
                shown |= {*one.tables, *one.endings, *one.notes}
            else:
                shown |= {*one.events}
        own: tuple[Table[Any] | type[Event], ...] = (*self.tables, *self.events)
        return tuple(one for one in own if one not in shown)


class Registry:
    """The modules of one protocol version, checked against one another once."""

    def __init__(
        self, modules: Sequence[Module], version: int = 1, suites: Sequence[str] = ()
    ) -> None:
        """Build the decoders; a clash of names, numbers or prefixes is an error at start.

        Without `suites` it accepts no signature: which ones, a chain says (`Protocols.at`).
        """
        self.version = version
        self.suites: Mapping[str, Suite] = implementations(suites)
        """The signature suites that the chain accepts, by name."""
        self.modules = {module.name: module for module in modules}
        self.transactions = _unique(modules, "transactions", _tag)
        self.events = _unique(modules, "events", _tag)
        self.timers = {name: timer for m in modules for name, timer in m.timers.items()}
        self.tables = {table.prefix: table for m in modules for table in m.tables}
        self.codes = _codes(modules)
        self.laws: dict[bytes, tuple[Invariant, ...]] = {}
        for module in modules:
            for law in module.invariants:
                prefix = law.table.prefix
                self.laws[prefix] = (*self.laws.get(prefix, ()), law)
        declared = [one for module in modules for one in module.reservations]
        self.reservations = tuple(sorted(declared, key=lambda one: one.order))
        self.purposes = frozenset(purpose for one in declared for purpose in one.purposes)
        self.outflows = tuple(m.on_outflow for m in modules if m.on_outflow is not None)
        self.tallies = tuple(tally for module in modules for tally in module.tallies)
        lawful = [law.table for laws in self.laws.values() for law in laws]
        lawful += [table for tally in self.tallies for table, _ in tally.terms]
        self.watched: dict[bytes, Table[Any]] = {table.prefix: table for table in lawful}
        """The tables about whose rows some law has a say, by prefix; some are the kernel's own."""
        self.records = {one.name: one for module in modules for one in module.records}
        """What people list, by name."""
        mirrored = (one for one in self.records.values() if isinstance(one, Record))
        self.mirrored = frozenset(table.prefix for one in mirrored for table in one.tables)
        """Prefixes of the tables whose writes are kept with a block."""
        self.public_events = frozenset(one for module in modules for one in _public(module))
        """Events that anybody may read; any other is read by those whom it names."""
        self._check(modules)
        kinds: Any = Union[tuple(self.transactions.values())]  # noqa: UP007
        self.body_decoder: msgspec.json.Decoder[Body[Any]] = msgspec.json.Decoder(Body[kinds])
        self.action_decoder: msgspec.json.Decoder[tuple[Transaction, ...]] = msgspec.json.Decoder(
            tuple[kinds, ...]
        )
        happened: Any = Union[tuple(self.events.values())]  # noqa: UP007
        self.decode_outcome: Callable[[bytes], Outcome[Any]] = msgspec.json.Decoder(
            Outcome[happened]
        ).decode

    def accepting(self, suites: Sequence[str]) -> Registry:
        """The same rules on a chain that accepts these suites."""
        narrowed = copy(self)
        narrowed.suites = implementations(suites)
        return narrowed

    def _check(self, modules: Sequence[Module]) -> None:
        prefixes = [t.prefix for m in modules for t in m.tables]
        if len(set(prefixes)) != len(prefixes):
            raise ValueError("two tables share a prefix")
        for module in modules:
            missing = [name for name in module.uses if name not in self.modules]
            if missing:
                raise ValueError(f"module {module.name} uses {missing}, which are not installed")
            _require_shown(module)


def registry_of(ledger: WriteView) -> Registry:
    """The registry by whose rules the ledger is written."""
    assert isinstance(ledger.rules, Registry)
    return ledger.rules


def _public(module: Module) -> Iterator[type[Event]]:
    yield from module.public
    for one in module.records:
        if one.public:
            yield from (one.events if isinstance(one, EventList) else (*one.endings, *one.notes))


def _require_shown(module: Module) -> None:
    """What nobody lists and what is not declared internal was forgotten."""
    forgotten = [one.name if isinstance(one, Table) else one.__name__ for one in module.neither]
    if forgotten:
        raise ValueError(
            f"module {module.name}: {', '.join(forgotten)} is neither in its records nor internal"
        )


def _tag(kind: type[Transaction] | type[Event]) -> str:
    tag = kind.__struct_config__.tag
    if not isinstance(tag, str) or "." not in tag:
        raise ValueError(f"{kind.__name__} needs a tag like 'module.name'")
    return tag


def _unique(
    modules: Sequence[Module], what: str, name: Callable[[Any], str]
) -> dict[str, type[Any]]:
    found: dict[str, type[Any]] = {}
    for module in modules:
        for kind in getattr(module, what):
            if found.setdefault(name(kind), kind) is not kind:
                raise ValueError(f"two {what} are called {name(kind)}")
    numbers = [kind.code for kind in found.values() if hasattr(kind, "code")]
    if len(set(numbers)) != len(numbers):
        raise ValueError(f"two {what} share a number")
    return found


def _codes(modules: Sequence[Module]) -> dict[int, Code]:
    found: dict[int, Code] = {int(code): code for code in KernelCode}
    for table in (module.codes for module in modules if module.codes is not None):
        for code in table:
            if found.setdefault(int(code), code) is not code:
                raise ValueError(f"refusal code {int(code)} stands for two rules")
    return found

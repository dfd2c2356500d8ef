"""What a vote may bring about: when each is sound, and how it is applied."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import refuse, require
from tongbao.kernel.genesis import MAX_POWER
from tongbao.kernel.identity import SUSPENDED
from tongbao.kernel.protocols import STEPS, Step, agreed_step, steps
from tongbao.kernel.transaction import Event
from tongbao.kernel.validators import SEATS, Seat
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.governance.codes import GovernanceCode
from tongbao.modules.governance.events import (
    EvidenceAnswered,
    UpgradeAgreed,
    UpgradeCancelled,
)
from tongbao.modules.governance.model import (
    MAX_HEIGHT,
    MAX_SEATS,
    MAX_VERSION,
    OF_SEATS,
    Admit,
    CancelUpgrade,
    Change,
    Evidence,
    Expel,
    Remove,
    ReplaceKey,
    SetPower,
    Upgrade,
)
from tongbao.modules.governance.seats import (
    change_seat,
    moved_by,
    require_fresh_key,
    require_member,
    require_movable,
    seats_of,
    terms_of,
)
from tongbao.modules.governance.state import EVIDENCE, TERMS, THE_TERMS
from tongbao.modules.parties import require_party


def parties_concerned(change: Change) -> tuple[str, ...]:
    """Whose consent a change takes besides the vote: nobody is seated against its will."""
    return (change.party,) if isinstance(change, Admit | ReplaceKey) else ()


def subject_of(change: Change) -> str:
    """Whom or what a change is about, in no language: a party, or version and height."""
    if isinstance(change, Upgrade):
        return f"v{change.version} @ {change.height}"
    return f"v{change.version}" if isinstance(change, CancelUpgrade) else change.party


def check_change(change: Change) -> None:
    """Shape alone."""
    if isinstance(change, Admit | SetPower):
        check_power(change.power)
    if isinstance(change, Admit | ReplaceKey):
        check_consensus_key(change.public, change.proof)
    if isinstance(change, Upgrade):
        sound = 0 < change.version <= MAX_VERSION
        require(sound, GovernanceCode.UPGRADE_VERSION, version=0, wanted=change.version)
        sound = 0 < change.height <= MAX_HEIGHT
        require(sound, GovernanceCode.UPGRADE_HEIGHT, earliest=1, height=change.height)


def check_power(power: int) -> None:
    """Refuse a power that is none, or beyond what engines can add up."""
    require(0 < power <= MAX_POWER, GovernanceCode.BAD_POWER, power=power, limit=MAX_POWER)


def check_consensus_key(public: bytes, proof: bytes) -> None:
    """Refuse what is no Ed25519 key with a signature."""
    require(len(public) == 32 and len(proof) == 64, GovernanceCode.BAD_CONSENSUS_KEY)


def require_founded(view: ReadView) -> None:
    """Refuse where the genesis left no way to change the validators."""
    require(view.has(TERMS, THE_TERMS), GovernanceCode.MEMBERSHIP_FIXED)


def admit_change(view: ReadView, change: Change) -> None:
    """Whether the ledger permits it as things stand; when it carries this is asked again."""
    if isinstance(change, OF_SEATS):
        require_founded(view)
        before, after = _seat(view, change)
        require_movable(view, moved_by(before, after))
    elif isinstance(change, Upgrade):
        _admit_upgrade(view, change)
    else:
        _agreed(view, change)


def apply_change(ledger: WriteView, change: Change, cause: str) -> Iterator[Event]:
    """Do it. The ladder of `admit_change` is the caller's to walk first."""
    if isinstance(change, OF_SEATS):
        _, after = _seat(ledger, change)
        yield from change_seat(ledger, change.party, after, _HOW[type(change)], cause)
        if isinstance(change, Expel):
            evidence = _evidence(ledger, change)
            answered = replace(evidence, expelled=True)
            ledger.put(EVIDENCE, change.evidence, value=answered)
            yield EvidenceAnswered(change.evidence, change.party)
    elif isinstance(change, Upgrade):
        ledger.put(STEPS, change.height, value=change.version)
        yield UpgradeAgreed(change.version, change.height)
    else:
        step = _agreed(ledger, change)
        ledger.delete(STEPS, step.height)
        yield UpgradeCancelled(step.version, step.height)


_HOW: dict[type, str] = {
    Admit: "admitted", Remove: "removed", SetPower: "power", ReplaceKey: "key", Expel: "expelled",
}  # fmt: skip


# ---- seats ---------------------------------------------------------------------------------------


def _seat(
    view: ReadView, change: Admit | Remove | SetPower | ReplaceKey | Expel
) -> tuple[Seat | None, Seat | None]:
    """The seat before and after a change, each rule of it asked."""
    if isinstance(change, Admit):
        return None, _admitted(view, change)
    before = require_member(view, change.party)
    if isinstance(change, SetPower):
        same = change.power == before.power
        changes = GovernanceCode.NOTHING_CHANGES
        require(not same, changes, party=change.party, power=change.power)
        return before, Seat(before.public, change.power)
    if isinstance(change, ReplaceKey):
        require_fresh_key(view, change.party, change.public, change.proof)
        return before, Seat(change.public, before.power)
    if isinstance(change, Expel):
        _evidence(view, change)
    require(len(seats_of(view)) > 1, GovernanceCode.LAST_SEAT, party=change.party)
    return before, None


def _admitted(view: ReadView, change: Admit) -> Seat:
    require_party(view, change.party)
    suspended = view.has(SUSPENDED, change.party)
    require(not suspended, GovernanceCode.CANDIDATE_SUSPENDED, party=change.party)
    taken = view.has(SEATS, change.party)
    require(not taken, GovernanceCode.SEAT_TAKEN, party=change.party)
    require_fresh_key(view, change.party, change.public, change.proof)
    full = len(seats_of(view)) >= MAX_SEATS
    require(not full, GovernanceCode.TOO_MANY_SEATS, limit=MAX_SEATS)
    return Seat(change.public, change.power)


def _evidence(view: ReadView, change: Expel) -> Evidence:
    found = view.get(EVIDENCE, change.evidence)
    if found is None or found.party != change.party or found.expelled:
        evidence = change.evidence[:80]
        refuse(GovernanceCode.EVIDENCE_UNKNOWN, evidence=evidence, party=change.party)
    return found


# ---- the protocol --------------------------------------------------------------------------------


def _admit_upgrade(view: ReadView, change: Upgrade) -> None:
    agreed = agreed_step(view)
    if agreed is not None:
        version, height = agreed.version, agreed.height
        refuse(GovernanceCode.UPGRADE_AGREED, version=version, height=height)
    newest = max((step.version for step in steps(view)), default=1)
    above = change.version > newest
    require(above, GovernanceCode.UPGRADE_VERSION, version=newest, wanted=change.version)
    earliest = view.block.height + terms_of(view).notice_blocks
    timely = change.height >= earliest
    require(timely, GovernanceCode.UPGRADE_HEIGHT, earliest=earliest, height=change.height)


def _agreed(view: ReadView, change: CancelUpgrade) -> Step:
    agreed = agreed_step(view)
    if agreed is None or agreed.version != change.version:
        refuse(GovernanceCode.NO_UPGRADE, version=change.version)
    return agreed

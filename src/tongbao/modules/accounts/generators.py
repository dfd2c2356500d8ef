"""How the simulator draws this module's transactions."""

from __future__ import annotations

import random  # determinism: the type alone; the simulator injects the source

from tongbao.kernel.generation import Draw, Generator, amount_of, attacks, drawn, pick
from tongbao.kernel.money import owner_of
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts.model import MAX_ASSETS, Account
from tongbao.modules.accounts.state import ACCOUNTS, ALIASES, EXPECTED
from tongbao.modules.accounts.transactions.close import CloseAccount
from tongbao.modules.accounts.transactions.drop_asset import DropAsset
from tongbao.modules.accounts.transactions.freeze import FreezeAccount
from tongbao.modules.accounts.transactions.hold_asset import HoldAsset
from tongbao.modules.accounts.transactions.link_identifier import LinkIdentifier
from tongbao.modules.accounts.transactions.open import OpenAccount
from tongbao.modules.accounts.transactions.set_limits import SetLimits
from tongbao.modules.accounts.transactions.set_reference_required import SetReferenceRequired
from tongbao.modules.accounts.transactions.unfreeze import UnfreezeAccount
from tongbao.modules.accounts.transactions.unlink_identifier import UnlinkIdentifier
from tongbao.modules.assets import ASSETS
from tongbao.modules.parties import PARTIES, has_role

MOST_ACCOUNTS = 60
NOWHERE = "nobody/none"


def _accounts(view: ReadView) -> list[Account]:
    return [account for _, account in view.scan(ACCOUNTS) if not account.closed_at_ms]


def _asset(rng: random.Random, view: ReadView) -> str:
    return pick(rng, (key[0] for key, _ in view.scan(ASSETS))) or "CNY"


def _party(rng: random.Random, view: ReadView, role: str = "") -> str:
    rows = (key[0] for key, party in view.scan(PARTIES) if not role or role in party.roles)
    return pick(rng, rows) or "nobody"


@attacks("account-bounds")
def _open(rng: random.Random, view: ReadView) -> Draw | None:
    known = len(list(view.scan(ACCOUNTS)))
    if known >= MOST_ACCOUNTS:
        return None
    owner = _party(rng, view)
    action = OpenAccount(
        account=f"{owner}/a{known}", servicer=rng.choice(("", _party(rng, view, "bank"))),
        reference_required=not rng.randrange(5), assets=(_asset(rng, view),),
    )  # fmt: skip
    account = pick(rng, _accounts(view))
    return drawn(
        rng, view, action,
        {"account": "no account"}, {"title": "x" * 141}, {"account": "nobody/x"},
        {"account": account.id if account else "nobody/x"}, {"servicer": owner},
        {"assets": ("CNY",) * (MAX_ASSETS + 1)}, {"assets": ("CNY", "CNY")},
        {"assets": ("NOSUCH",)},
    )  # fmt: skip


@attacks("account-bounds")
def _hold_asset(rng: random.Random, view: ReadView) -> Draw | None:
    account = pick(rng, _accounts(view))
    asset = _asset(rng, view)
    if account is None:
        return None
    held = view.holding(account.id, asset) is not None
    if held and rng.randrange(5):
        return None
    twists = ({"account": NOWHERE}, {"asset": "NOSUCH"})
    return drawn(rng, view, HoldAsset(account.id, asset), *twists, hostile=held)


@attacks("account-empty", "account-expected")
def _drop_asset(rng: random.Random, view: ReadView) -> Draw | None:
    account = pick(rng, _accounts(view))
    if account is None:
        return None
    promised = None if rng.randrange(4) else pick(rng, (key for key, _ in view.scan(EXPECTED)))
    if promised is not None:
        leaving = rng.choice((DropAsset(*promised), CloseAccount(promised[0])))
        return drawn(rng, view, leaving, hostile=True)
    rows = list(view.holdings(account.id))
    empty = [asset for asset, one in rows if not one.posted and not one.reserved]
    if not empty and rng.randrange(5):
        return None
    full = pick(rng, (asset for asset, one in rows if one.posted)) or "NOSUCH"
    action = DropAsset(account.id, pick(rng, empty) or full)
    return drawn(rng, view, action, {"asset": "NOSUCH"}, {"account": NOWHERE}, {"asset": full})


@attacks("account-empty")
def _close(rng: random.Random, view: ReadView) -> Draw | None:
    empty = [
        one for one in _accounts(view)
        if all(not held.posted and not held.reserved for _, held in view.holdings(one.id))
    ]  # fmt: skip
    account = pick(rng, empty)
    if account is None or rng.randrange(3):
        full = pick(rng, _accounts(view))
        gone = pick(rng, (key[0] for key, one in view.scan(ACCOUNTS) if one.closed_at_ms))
        wrong = rng.choice((full.id if full else NOWHERE, gone or NOWHERE))
        return None if rng.randrange(3) else drawn(rng, view, CloseAccount(wrong), hostile=True)
    return drawn(rng, view, CloseAccount(account.id), {"account": NOWHERE})


def _keeper(rng: random.Random, view: ReadView, account: Account) -> str:
    if not rng.randrange(4):
        return _party(rng, view, "supervisor")
    return account.servicer or owner_of(account.id)


@attacks("account-frozen")
def _freeze(rng: random.Random, view: ReadView) -> Draw | None:
    account = pick(rng, _accounts(view))
    if account is None or rng.randrange(2):
        return None
    action = FreezeAccount(account.id, _keeper(rng, view, account), "court order 17")
    stranger = _party(rng, view, "supplier")
    twist = {"by": stranger} if not has_role(view, stranger, "supervisor") else {"basis": ""}
    by = next(iter(account.frozen_by), "")
    return drawn(rng, view, action, twist, {"basis": ""}, {"by": by or action.by})


@attacks("account-frozen")
def _unfreeze(rng: random.Random, view: ReadView) -> Draw | None:
    frozen = pick(rng, (one for one in _accounts(view) if one.frozen_by))
    account = frozen or (None if rng.randrange(6) else pick(rng, _accounts(view)))
    if account is None:
        return None
    by = next(iter(account.frozen_by), owner_of(account.id))
    return drawn(rng, view, UnfreezeAccount(account.id, by), {"account": NOWHERE})


@attacks("account-reference")
def _set_reference_required(rng: random.Random, view: ReadView) -> Draw | None:
    account = pick(rng, _accounts(view))
    if account is None or rng.randrange(2):
        return None
    action = SetReferenceRequired(account.id, not account.reference_required)
    return drawn(rng, view, action, {"required": account.reference_required})


@attacks("account-number")
def _link(rng: random.Random, view: ReadView) -> Draw | None:
    account = pick(rng, _accounts(view))
    if account is None or len(account.identifiers) > 3:
        return None
    keeper = account.servicer or owner_of(account.id)
    if not has_role(view, keeper, "bank") and rng.randrange(8):
        return None
    taken = pick(rng, (key[0] for key, _ in view.scan(ALIASES))) or "x"
    action = LinkIdentifier(account.id, f"6217{rng.randrange(10**12):012d}")
    twists = ({"identifier": "DE00370400440532013000"}, {"identifier": taken}, {"identifier": "!"})
    return drawn(rng, view, action, *twists)


@attacks("account-number")
def _unlink(rng: random.Random, view: ReadView) -> Draw | None:
    linked = pick(rng, (one for one in _accounts(view) if one.identifiers))
    if linked is None:
        return None
    action = UnlinkIdentifier(linked.id, rng.choice(linked.identifiers))
    return drawn(rng, view, action, {"identifier": "62179999"})


@attacks("payment-limit", "day-limit")
def _set_limits(rng: random.Random, view: ReadView) -> Draw | None:
    account = pick(rng, _accounts(view))
    if account is None:
        return None
    held = pick(rng, (asset for asset, _ in view.holdings(account.id)))
    if held is None:
        return None
    most = rng.choice((0, amount_of(rng, 1_000_000)))
    action = SetLimits(account.id, held, most, rng.choice((0, most, most * 2)))
    return drawn(rng, view, action, {"per_day": -1}, {"asset": "NOSUCH"}, {"account": NOWHERE})


GENERATORS: dict[str, Generator] = {
    "accounts.open": _open,
    "accounts.hold_asset": _hold_asset,
    "accounts.drop_asset": _drop_asset,
    "accounts.close": _close,
    "accounts.freeze": _freeze,
    "accounts.unfreeze": _unfreeze,
    "accounts.set_reference_required": _set_reference_required,
    "accounts.link_identifier": _link,
    "accounts.unlink_identifier": _unlink,
    "accounts.set_limits": _set_limits,
}
"""One for each kind of transaction, by its tag."""

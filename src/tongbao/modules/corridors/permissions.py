"""Who may do what here, and the empty journal of an action that moves nothing."""

from __future__ import annotations

from tongbao.kernel.codes import require
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Transaction
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts import ACCOUNTS, require_account
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.model import Corridor, Payment, Terms
from tongbao.modules.parties import has_role
from tongbao.modules.payments import Posted

SCOPE = "corridors"
"""Keys and policies for corridors themselves; payments through them are of scope `payments`."""
SCREENING = "screening"
"""Keys and policies of those who screen, release and refuse."""
PAYMENTS = "payments"


def nothing_moved(action: Transaction) -> Posted:
    """The journal of an action that moves nothing: shown all the same, as last event."""
    return Posted(str(action.__struct_config__.tag))


def bank_of(view: ReadView, account: str) -> str:
    """Who keeps an account: its servicer, or its owner."""
    return require_account(view, account).servicer or owner_of(account)


def require_operator(view: ReadView, party: str) -> None:
    """The operator of the network, or a central bank."""
    may = has_role(view, party, "operator") or has_role(view, party, "central_bank")
    require(may, CorridorsCode.NOT_PERMITTED, party=party, who="operator or central bank")


def require_own(view: ReadView, corridor: Corridor, party: str) -> None:
    """Who defined the corridor, or an operator of the network: no other central bank."""
    may = party == corridor.defined_by or has_role(view, party, "operator")
    who = f"{corridor.defined_by}, which defined it, or an operator"
    require(may, CorridorsCode.NOT_PERMITTED, party=party, who=who)


def require_screener(view: ReadView, terms: Terms, party: str) -> None:
    """A screening party of the corridor, or a supervisor."""
    may = party in terms.screeners or has_role(view, party, "supervisor")
    require(may, CorridorsCode.NOT_PERMITTED, party=party, who="screener or supervisor")


def payer_side(view: ReadView, payment: Payment) -> tuple[str, str]:
    """The payer's owner and its bank."""
    return _side(view, payment.payer)


def payee_side(view: ReadView, payment: Payment) -> tuple[str, str]:
    """The payee's owner and its bank."""
    return _side(view, payment.payee)


def _side(view: ReadView, account: str) -> tuple[str, str]:
    """Also where the account was closed meanwhile: the other side still has to be heard."""
    known, owner = view.get(ACCOUNTS, account), owner_of(account)
    return owner, known.servicer if known is not None and known.servicer else owner


def require_one_of(party: str, parties: tuple[str, ...]) -> None:
    """One of these parties."""
    who = ", ".join(dict.fromkeys(parties))
    require(party in parties, CorridorsCode.NOT_PERMITTED, party=party, who=who)

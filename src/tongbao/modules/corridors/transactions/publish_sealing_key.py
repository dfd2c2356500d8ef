from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import PartyId, Word
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.events import SealingKeyPublished
from tongbao.modules.corridors.model import SealingKey
from tongbao.modules.corridors.permissions import SCOPE, nothing_moved
from tongbao.modules.corridors.state import SEALING_KEYS

X25519_BYTES = 32


@transaction(code=7008, scope=SCOPE)
class PublishSealingKey(Transaction, tag="corridors.publish_sealing_key"):
    """State the public key to which travel-rule data for a party is sealed."""

    party: PartyId
    suite: Word
    """`x25519` (RFC 7748), for HPKE (RFC 9180)."""
    public: bytes

    def signers(self, view: ReadView) -> Signers:
        """The party."""
        return (Approval(self.party, SCOPE),)

    def check(self) -> None:
        sound = self.suite == "x25519" and len(self.public) == X25519_BYTES
        require(sound, CorridorsCode.BAD_SEALING_KEY)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write it; an older one is replaced."""
        key = SealingKey(self.suite, self.public, ledger.time_ms)
        ledger.put(SEALING_KEYS, self.party, value=key)
        yield SealingKeyPublished(self.party, self.suite, self.public)
        yield nothing_moved(self)

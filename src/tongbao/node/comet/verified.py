"""Envelopes whose signatures this node has verified: once, however often the engine shows them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from tongbao.kernel.codes import Refusal
from tongbao.kernel.hashing import chain_hashes
from tongbao.kernel.transaction import Opened
from tongbao.kernel.views import ReadView
from tongbao.node.application import Application

CACHED_BYTES = 192 * 1_048_576


class Verified:
    """A bounded memory of opened envelopes, the longest unused forgotten first. Thread-safe."""

    def __init__(self, app: Application, limit: int = CACHED_BYTES) -> None:
        """Remember envelopes of up to `limit` bytes together."""
        self._app = app
        self._limit = limit
        self._size = 0
        self._known: OrderedDict[bytes, Opened] = OrderedDict()
        self._lock = threading.Lock()

    def open(
        self, envelopes: Sequence[bytes], view: ReadView | None = None
    ) -> list[Opened | Refusal]:
        """Each envelope opened and its signatures verified, or why not. New ones in one batch.

        With a view, as strangers' envelopes are opened: a key that is not live by it costs no
        verification. What stands in a block is opened without: a key may stand in that block.
        """
        digests = chain_hashes(envelopes)
        found: list[Opened | Refusal | None] = []
        with self._lock:
            for digest in digests:
                known = self._known.get(digest)
                if known is not None and known.protocol != self._app.protocol:
                    known = None  # the rules changed: what it says has to be read again
                elif known is not None:
                    self._known.move_to_end(digest)
                found.append(known)
        missing = [place for place, one in enumerate(found) if one is None]
        if missing:
            opened = self._app.prepare([envelopes[place] for place in missing], view)
            with self._lock:
                for place, one in zip(missing, opened, strict=True):
                    found[place] = one
                    if isinstance(one, Opened):
                        self._cache(digests[place], one)
        return [one for one in found if one is not None]

    def _cache(self, digest: bytes, one: Opened) -> None:
        before = self._known.pop(digest, None)
        self._known[digest] = one
        self._size += 0 if before is not None else len(one.raw)
        while self._size > self._limit and len(self._known) > 1:
            _, oldest = self._known.popitem(last=False)
            self._size -= len(oldest.raw)

    def forget(self, digests: Sequence[bytes]) -> None:
        """Let go of envelopes that stand in a block."""
        with self._lock:
            for digest in digests:
                one = self._known.pop(digest, None)
                if one is not None:
                    self._size -= len(one.raw)

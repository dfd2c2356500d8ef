"""What a running node says when its store is no longer what it wrote."""

from __future__ import annotations

from tongbao.kernel.wording import Text, message
from tongbao.node.application import StorageFault

TEXTS = {
    "checksum": message("{place} is not as it was written, from byte {offset} on"),
    "journal": message("{place} holds no whole batch at byte {offset}"),
    "list": message("{place} and the list of tables that it names do not agree"),
    "missing": message("{place} is missing"),
    "unreadable": message("{place} cannot be read from byte {offset} on"),
    "height": message("{place} names another height than the newest block's"),
    "genesis": message("{place} is no longer the genesis that this ledger was founded by"),
    "row": message(
        "the row {place} in memory no longer has its hash: let the machine's memory be tested"
    ),
}


class StoreAltered(StorageFault):
    """What a running node keeps is no longer what it wrote: it stops, and tells whom to ask."""

    def __init__(self, kind: str, place: str, offset: int) -> None:
        """`kind` as `_core.Scrub.step` gives it, or `genesis`; `place`: a file, or a row's key."""
        self.kind = kind
        self.place = place
        self.offset = offset
        super().__init__(
            "{what}. The node has stopped, so that nobody is answered from an altered ledger: put"
            " its `ledger` aside, have the disk checked, and let the node fetch the ledger anew"
            " from the others by state sync, or from a copy (docs/concepts/integrity.md)",
            what=Text(TEXTS[kind], place=place, offset=offset),
        )

    def facts(self) -> dict[str, object]:
        """For programs: kind, place and offset."""
        return {"kind": self.kind, "place": self.place, "offset": self.offset}

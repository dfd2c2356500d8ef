"""What a running node says when its store is no longer what it wrote."""

from __future__ import annotations

from tongbao.node.application import StorageFault

TEXTS = {
    "checksum": (
        "{place} is not as it was written, from byte {offset} on",
        "{place} 自第 {offset} 字节起与写入时不符",
    ),
    "journal": (
        "{place} holds no whole batch at byte {offset}",
        "{place} 第 {offset} 字节处的批次不完整",
    ),
    "list": (
        "{place} and the list of tables that it names do not agree",
        "{place} 与其所指的数据表清单不一致",
    ),
    "missing": ("{place} is missing", "{place} 缺失"),
    "unreadable": (
        "{place} cannot be read from byte {offset} on",
        "{place} 自第 {offset} 字节起无法读取",
    ),
    "height": (
        "{place} names another height than the newest block's",
        "{place} 所记高度与最新区块不符",
    ),
    "genesis": (
        "{place} is no longer the genesis that this ledger was founded by",
        "{place} 已不是本账本的创世文件",
    ),
    "row": (
        "the row {place} in memory no longer has its hash: let the machine's memory be tested",
        "内存中的行 {place} 与其哈希不符：请检测本机内存",
    ),
}


class StoreAltered(StorageFault):
    """What a running node keeps is no longer what it wrote: it stops, and tells whom to ask."""

    def __init__(self, kind: str, place: str, offset: int) -> None:
        """`kind` as `_core.Scrub.step` gives it, or `genesis`; `place`: a file, or a row's key."""
        self.kind = kind
        self.place = place
        self.offset = offset
        en, zh = (text.format(place=place, offset=offset) for text in TEXTS[kind])
        self.en = (
            f"{en}. The node has stopped, so that nobody is answered from an altered ledger: put"
            " its `ledger` aside, have the disk checked, and let the node fetch the ledger anew"
            " from the others by state sync, or from a copy (docs/concepts/integrity.md)"
        )
        self.zh = (
            f"{zh}。节点已停止，以免据被改动的账本作答：请将其 `ledger` 目录移开，检查磁盘，"
            "再由状态同步从其他节点重新取得账本，或从副本恢复（见 docs/concepts/integrity.md）"
        )
        super().__init__(self.en)

    def facts(self) -> dict[str, object]:
        """For programs: kind, place and offset."""
        return {"kind": self.kind, "place": self.place, "offset": self.offset}

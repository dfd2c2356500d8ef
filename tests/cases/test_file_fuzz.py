"""Whatever the schema of pain.001 allows is read, planned and answered, or refused: never a crash.

Files are drawn from the schema's own table, each by one integer seed.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from tests.cases.filing import FIRST, SECOND, TODAY, Known, terms

from tongbao import paymentfiles
from tongbao.iso20022 import DocumentRefused, write_pain002_refusal
from tongbao.iso20022.xml.schema import TypeRule, schema_of
from tongbao.iso20022.xml.tree import etree

MESSAGES = ("pain.001.001.03", "pain.001.001.09", "pain.001.001.11")
WORDS = (
    "x", "NOTPROVIDED", "E-1", "a:b", "发票\u3000７", "nb\u00a0sp", "soft\u00ad", " lead", "x" * 35,
    "1", "true", "0.01", "100.00", "5000", "1e3", "-1", "99999999999999.9999", "EUR", "CNY", "JPY",
    "SALA", "SUPP", "ZZZZ", "TRF", "CHK", "SLEV", "DEBT", "SHAR", "BKCHCNBJXXX", "DE",
    "DE89370400440532013000", "DE01370400440000000042", "213800IJKLMNOPQR6732", "hengtong/main",
    "6217880000000000001", "8f3c1d4e-5b6a-4c7d-9e8f-0a1b2c3d4e5f", "2026-11-30",
    "2026-11-30+14:00", "9999-12-31", "0001-01-01", "123456789-01-01", "2026-11-30T24:00:00",
    "2026-02-28T23:59:59.123456789123Z", "9999-12-31T24:00:00", "0001-01-01T00:00:00+14:00", "2026",
    "12:00:00", "QUJD", "ADDR", "DTAA", "INTC", "HIGH", "NORM", "CHQB", "CCHQ", "DEBT",
    "+86-13800000000", "12", "01", "007",
)  # fmt: skip


_SENT: list[int] = []


class Drawn:
    """One document, drawn from a schema."""

    def __init__(self, seed: int) -> None:
        """`seed` replays it."""
        self.random = random.Random(seed)
        self.budget = 400
        self.chance = self.random.choice((0.02, 0.05, 0.2, 0.35))
        self.ids = self.random.choice(("own", "same"))

    def document(self, message: str) -> bytes:
        """The whole file, its counts and sums right most of the time."""
        tag, rule = schema_of(message)
        root = etree.Element(tag, nsmap={None: tag[1 : tag.rfind("}")]})
        self.fill(root, rule)
        space = tag[: tag.rfind("}") + 1]
        payments = len(list(root.iter(space + "CdtTrfTxInf")))
        for element in root.iter(space + "NbOfTxs"):
            group = element.getparent()
            inside = len(list(group.iter(space + "CdtTrfTxInf")))
            if self.random.random() < 0.95:
                element.text = str(inside if group.tag == space + "PmtInf" else payments)
        for element in list(root.iter(space + "CtrlSum")):
            element.getparent().remove(element)
        data: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
        return data

    def fill(self, element: etree._Element, rule: TypeRule, depth: int = 0) -> None:
        """Attributes, then text or children that the rule allows."""
        self.budget -= 1
        for name, check in rule.attributes.items():
            element.set(name, self.word(check, name))
        if rule.check is not None:
            element.text = self.word(rule.check, etree.QName(element).localname)
        elif rule.wildcard:
            name = self.random.choice(
                ("{urn:x}a", element.tag, "EndToEndId", "IBAN", "CdtTrfTxInf")
            )
            space = element.tag[: element.tag.rfind("}") + 1]
            inner = etree.SubElement(element, name if "}" in name else space + name)
            inner.text = self.random.choice(WORDS)
            inner.set("Ccy", "XXX")
        elif rule.choice:
            slots = list(rule.slots.items())
            plain = [one for one in slots if one[1].name in ("Othr", "InstdAmt", "Dt")]
            slot = self.random.choice(plain if plain and self.chance < 0.1 else slots)
            self.fill(etree.SubElement(element, slot[0]), slot[1].rule, depth + 1)
        else:
            for tag, slot in rule.slots.items():
                wanted = slot.required or (depth < 4 and slot.name in ("SplmtryData", "CdtrAcct"))
                chance = self.chance if self.budget > 0 and depth < 9 else 0.0
                if not wanted and self.random.random() >= chance:
                    continue
                most = min(
                    slot.maximum, 3 if slot.name in ("CdtTrfTxInf", "PmtInf", "Ustrd") else 1
                )
                for _ in range(self.random.randint(1, most)):
                    self.fill(etree.SubElement(element, tag), slot.rule, depth + 1)

    def word(self, check: object, name: str) -> str:
        """A text that the test of the type lets pass."""
        if name == "PmtMtd":
            return "TRF"
        same = ("E-1",) if self.ids == "same" else ()
        liked: dict[str, tuple[str, ...]] = {"Ccy": ("CNY",), "EndToEndId": same}
        if self.random.random() < 0.8:
            known = self.random.choice(("hengtong/main", FIRST[1], SECOND[1]))
            liked |= {"Id": (known,), "InstdAmt": ("1.00",), "Dt": (TODAY.isoformat(),)}
            liked |= {"LEI": ("213800WAVVOPS85N2205",), "ReqdExctnDt": (TODAY.isoformat(),)}
        words = [*WORDS, f"{name[:4]}{self.random.randrange(10**6)}"]
        self.random.shuffle(words)
        for one in (*liked.get(name, ()), *words, *_codes(check)):
            if check(one) is None:  # type: ignore[operator]
                return one
        raise LookupError(name)


def _codes(check: object) -> list[str]:
    """The codes of an enumeration, which its test keeps."""
    cells = getattr(check, "__closure__", None) or ()
    sets = [cell.cell_contents for cell in cells if isinstance(cell.cell_contents, frozenset)]
    return sorted(sets[0]) if sets else []


@pytest.mark.parametrize("start", range(0, 240, 40))
@pytest.mark.parametrize("message", MESSAGES)
def test_what_the_schema_allows_never_ends_otherwise_than_refused(message: str, start: int) -> None:
    read = sent = 0
    for seed in range(start, start + 40):
        content = Drawn(seed).document(message)
        now = datetime.now(UTC)
        for waits in (True, False):
            at = terms(waits=waits)
            try:
                file = paymentfiles.read_file(content, at)
            except DocumentRefused as refused:
                write_pain002_refusal(refused, message_id="M", created_at=now)
                assert not any(one.rule.startswith("xsd") for one in refused.findings), seed
                continue
            read += 1
            made = paymentfiles.plan(file, content, Known(), at, whole=None if waits else False)
            sent += len(made.batches)
            settled = [paymentfiles.Settled(one, 5, 1, "ab" * 32) for one in made.batches]
            paymentfiles.status_report(made, settled, message_id="M", created_at=now)
            paymentfiles.notification(settled, message_id="M", created_at=now)
    assert read
    _SENT.append(sent)


def test_some_of_what_was_drawn_could_be_paid() -> None:
    assert not _SENT or sum(_SENT)

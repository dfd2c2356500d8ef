"""Business rules that stand beside the schema: check digits, currencies, sums, usage rules.

Each check yields findings at the place of the value. BIC by ISO 9362, IBAN by ISO 13616, LEI by
ISO 17442, amounts by ISO 4217.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal, localcontext
from string import ascii_letters, digits

from tongbao.iso20022.currencies import MINOR_UNITS, NotMinor, to_minor
from tongbao.iso20022.findings import Finding, OriginalMessage, finding
from tongbao.iso20022.xml.extract import NO_BIC, down, local, text
from tongbao.iso20022.xml.reading import SourceDocument
from tongbao.iso20022.xml.schema import schema_of
from tongbao.iso20022.xml.tree import etree
from tongbao.iso20022.xml.validating import Paths
from tongbao.kernel.identifiers import bic, iban, lei

CBPR_SERVICE = "swift.cbprplus"
"""Business service (AppHdr/BizSvc) under which SWIFT's CBPR+ usage rules hold."""

SUPPLEMENT = "SplmtryData"
FIN_X = frozenset(ascii_letters + digits + "/-?:().,'+ ")
"""Characters of references under CBPR+ (SWIFT's character set x)."""
FIN_X_EXTENDED = FIN_X | frozenset('!#$%&*=^_`{|}~";<>@[\\]')
"""Characters of names, addresses and texts under CBPR+."""
_WORDS = frozenset(
    {"Nm", "Dept", "SubDept", "StrtNm", "BldgNb", "BldgNm", "Flr", "PstBx", "Room", "PstCd"}
    | {"TwnNm", "TwnLctnNm", "DstrctNm", "CtrySubDvsn", "AdrLine", "Ustrd", "AddtlRmtInf"}
    | {"InstrInf", "AddtlInf", "CityOfBirth", "PrvcOfBirth"}
)
_BIC_NAMES = frozenset({"BICFI", "BIC", "AnyBIC", "BICOrBEI"})
_REFERENCES = frozenset(
    {"InstrId", "EndToEndId", "TxId", "PmtInfId", "MsgId", "RtrId", "CxlId", "StsReqId"}
)


class Checker:
    """Checks of one document; remembers verdicts, since names repeat in large files."""

    def __init__(self, document: SourceDocument) -> None:
        """Prepare the names to look for; CBPR+ rules hold where the header says so."""
        self.document = document
        self.paths = Paths(document.root, schema_of(document.message)[1])
        service = text(down(document.header, "BizSvc"))
        self.cbpr = service.startswith(CBPR_SERVICE)
        names = _BIC_NAMES | {"IBAN", "LEI"} | (_REFERENCES if self.cbpr else set())
        self.tags = tuple(f"{{{document.namespace}}}{name}" for name in names)
        self.known: dict[tuple[str, str], str] = {}
        self.envelopes = next(document.root.iter("{*}" + SUPPLEMENT), None) is not None

    def judged(self, element: etree._Element, *tags: str) -> Iterator[etree._Element]:
        """Everything below an element but what supplementary data carries: SplmtryData/Envlp is
        any XML (processContents lax), and not the message's to judge."""
        for found in element.iter(*tags):
            if not self.envelopes or next(found.iterancestors("{*}" + SUPPLEMENT), None) is None:
                yield found

    def at(self, rule: str, element: etree._Element, value: str, **words: object) -> Finding:
        """A finding at an element."""
        path = self.paths.of(element)
        return finding(rule, self.document.line(element), path, value, **words)

    def identifiers(self, element: etree._Element) -> Iterator[Finding]:
        """Check digits and forms of every BIC, IBAN and LEI below an element."""
        for found in self.judged(element, *self.tags):
            key = (local(found), text(found))
            if key not in self.known:
                self.known[key] = _broken_identifier(*key)
            if self.known[key]:
                yield self.at(self.known[key], found, key[1])

    def amount(self, element: etree._Element) -> tuple[str, int, int, Finding | None]:
        """Currency, minor units, decimals of an amount element; 0 with the finding if none."""
        currency, written = element.get("Ccy") or "", text(element)
        decimals = MINOR_UNITS.get(currency, 0)
        try:
            return currency, to_minor(written, currency), decimals, None
        except NotMinor as error:
            value = currency if error.rule == "rule.currency" else written
            words = {"currency": currency, "decimals": decimals}
            return currency, 0, decimals, self.at(error.rule, element, value, **words)

    def currencies(self, element: etree._Element) -> Iterator[Finding]:
        """Every amount below an element: a currency with minor units, and no more decimals."""
        for found in self.judged(element):
            if "Ccy" in found.attrib:
                broken = self.amount(found)[3]
                if broken is not None:
                    yield broken

    def characters(self, element: etree._Element) -> Iterator[Finding]:
        """CBPR+ (SWIFT usage guidelines): references are of the FIN-X set, and names, addresses
        and texts of the extended one. Without that business service any character passes."""
        if not self.cbpr:
            return
        for found in self.judged(element):
            name = local(found)
            allowed = FIN_X if name in _REFERENCES else FIN_X_EXTENDED if name in _WORDS else None
            if allowed is None or not found.text:
                continue
            strange = sorted(set(found.text) - allowed)
            if strange:
                yield self.at("rule.characters", found, found.text, strange="".join(strange)[:10])

    def header(self) -> Iterator[Finding]:
        """MsgDefIdr names the document's message (head.001: "contains the MessageIdentifier that
        defines the BusinessMessage"); a market's suffix (pacs.002.001.03.ch.01) is let pass."""
        declared = down(self.document.header, "MsgDefIdr")
        message = self.document.message
        if declared is not None and not (text(declared) + ".").startswith(message + "."):
            value = text(declared)
            line = self.document.line(declared)
            yield finding("rule.header_message", line, "/AppHdr/MsgDefIdr", value, expected=message)

    def count(self, element: etree._Element | None, actual: int) -> Iterator[Finding]:
        """NbOfTxs against the payments present."""
        if element is not None and int(text(element)) != actual:
            yield self.at("rule.number_of_transactions", element, text(element), actual=actual)

    def control_sum(
        self, element: etree._Element | None, amounts: Iterable[etree._Element]
    ) -> Iterator[Finding]:
        """CtrlSum: "total of all individual amounts, irrespective of currencies"."""
        if element is not None:
            actual = _sum(amounts)
            if Decimal(text(element)) != actual:
                yield self.at("rule.control_sum", element, text(element), actual=actual)

    def total(
        self, element: etree._Element, amounts: Iterable[etree._Element]
    ) -> Iterator[Finding]:
        """TtlIntrBkSttlmAmt: sum of the settlement amounts, all in its currency."""
        currency = element.get("Ccy")
        actual = _sum(amount for amount in amounts if amount.get("Ccy") == currency)
        if Decimal(text(element)) != actual:
            yield self.at("rule.total_amount", element, text(element), actual=actual)

    def unique(
        self, rule: str, elements: Iterable[etree._Element], free: frozenset[str] = frozenset()
    ) -> Iterator[tuple[etree._Element, Finding]]:
        """Every element after the first of the same text; texts in `free` may repeat."""
        seen: Counter[str] = Counter()
        for element in elements:
            value = text(element)
            seen[value] += 1
            if seen[value] > 1 and value not in free:
                yield element, self.at(rule, element, value)


def _sum(amounts: Iterable[etree._Element]) -> Decimal:
    """The exact sum: amounts of 18 digits each, up to 17 of them decimals."""
    with localcontext(prec=80):
        return sum((Decimal(text(amount)) for amount in amounts), Decimal(0))


def original_message(document: SourceDocument) -> OriginalMessage:
    """What names the message, as far as it can be read; for answers to refused files."""
    group = down(document.root, local(document.root[0]), "GrpHdr") if len(document.root) else None
    return OriginalMessage(
        document.message,
        text(down(group, "MsgId")),
        text(down(group, "CreDtTm")),
        text(down(group, "NbOfTxs")),
        text(down(group, "CtrlSum")),
    )


def _broken_identifier(name: str, value: str) -> str:
    """The rule that an identifier breaks, or empty."""
    if name in _BIC_NAMES:
        return "" if value == NO_BIC or bic(value) else "rule.bic"
    if name == "IBAN":
        # National check digits are left to the bank: the registry of ISO 13616 asks for the
        # form and the two check digits only.
        return "" if iban(value) else "rule.iban"
    if name == "LEI":
        return "" if lei(value) else "rule.lei"
    # CBPR+ usage guidelines (SWIFT, SR2025), references: "must not start or end with a slash '/'
    # and must not contain two consecutive slashes '//'".
    slashed = value.startswith("/") or value.endswith("/") or "//" in value
    return "rule.reference_slash" if slashed else ""

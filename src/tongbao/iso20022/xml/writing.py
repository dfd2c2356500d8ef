"""Building outgoing messages: an lxml tree in the schema's order, validated before it leaves.

lxml is used rather than dataclasses and a serializer because it is about fourteen times faster
(docs/decisions/iso20022-validation.md).
"""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime

from tongbao.iso20022.catalogue import NAMESPACE
from tongbao.iso20022.findings import DocumentRefused
from tongbao.iso20022.model import (
    LEDGER_ACCOUNT,
    Account,
    Agent,
    Coded,
    Party,
    Proprietary,
    Remittance,
    StructuredRemittance,
)
from tongbao.iso20022.xml import extract
from tongbao.iso20022.xml.extract import ADDRESS
from tongbao.iso20022.xml.reading import SourceDocument
from tongbao.iso20022.xml.tree import etree
from tongbao.iso20022.xml.validating import fits, rule_of, validate


def iso_time(moment: datetime) -> str:
    """ISODateTime to the second with its zone; a naive time is refused with ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a time without zone is not the same moment everywhere")
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


class Writer:
    """One outgoing Document. An empty value writes nothing."""

    def __init__(self, message: str, body: str) -> None:
        """`message` is the message definition identifier, `body` the element below Document."""
        self.message = message
        self.common: dict[str, object] = {}
        self.namespace = NAMESPACE + message
        self.prefix = f"{{{self.namespace}}}"
        self.root = etree.Element(self.prefix + "Document", nsmap={None: self.namespace})
        self.body = self.node(self.root, body)

    def finish(self) -> bytes:
        """The document as UTF-8 with declaration. DocumentRefused where it is not valid."""
        document = SourceDocument(self.message, self.namespace, self.root, None, 0)
        found = validate(document)
        if found:
            raise DocumentRefused(found)
        data: bytes = etree.tostring(self.root, xml_declaration=True, encoding="UTF-8")
        return data

    def node(self, parent: etree._Element, name: str) -> etree._Element:
        """A new last child."""
        return etree.SubElement(parent, self.prefix + name)

    def leaf(self, parent: etree._Element, name: str, value: str) -> None:
        """A child with text."""
        if value:
            etree.SubElement(parent, self.prefix + name).text = value

    def money(self, parent: etree._Element, name: str, value: str, currency: str) -> None:
        """An amount with its currency."""
        child = etree.SubElement(parent, self.prefix + name)
        child.text = value
        child.set("Ccy", currency)

    def code(self, parent: etree._Element, name: str, value: str) -> None:
        """A Cd/Prtry choice: four capitals and digits make a code, anything else is proprietary."""
        if value:
            self.leaf(self.node(parent, name), _kind(value), value)

    def group_header(self, message_id: str, created_at: str) -> etree._Element:
        """GrpHdr with the two fields that all messages have."""
        head = self.node(self.body, "GrpHdr")
        self.leaf(head, "MsgId", message_id)
        self.leaf(head, "CreDtTm", created_at)
        return head

    def party(
        self, parent: etree._Element, name: str, party: Party, required: bool = False
    ) -> None:
        """A PartyIdentification."""
        if party == _NOBODY and not required:
            return
        node = self.node(parent, name)
        self.leaf(node, "Nm", party.name)
        address = [(tag, getattr(party, name)) for name, tag in ADDRESS]
        if any(value for _, value in address) or party.address_lines:
            place = self.node(node, "PstlAdr")
            for tag, value in address:
                self.leaf(place, tag, value)
            for line in party.address_lines:
                self.leaf(place, "AdrLine", line)
        birth = party.birth if party.private else None
        if party.lei or party.bic or party.other_id or birth is not None:
            kind = self.node(self.node(node, "Id"), "PrvtId" if party.private else "OrgId")
            self.leaf(kind, "AnyBIC", party.bic)
            self.leaf(kind, "LEI", party.lei)
            if birth is not None:
                born = self.node(kind, "DtAndPlcOfBirth")
                self.leaf(born, "BirthDt", birth.date)
                self.leaf(born, "PrvcOfBirth", birth.province)
                self.leaf(born, "CityOfBirth", birth.city)
                self.leaf(born, "CtryOfBirth", birth.country)
            self.other(kind, party.other_id, party.other_scheme, party.other_issuer)
            for one in party.more_ids:
                self.other(kind, one.id, one.scheme, one.issuer)
        self.leaf(node, "CtryOfRes", party.country_of_residence)

    def party_choice(self, parent: etree._Element, name: str, party: Party) -> None:
        """A Party40Choice around a party, as camt and pacs.002 have it."""
        if party != _NOBODY:
            self.party(self.node(parent, name), "Pty", party)

    def other(self, parent: etree._Element, number: str, scheme: str, issuer: str = "") -> None:
        """An Othr identification with its scheme."""
        if number:
            other = self.node(parent, "Othr")
            self.leaf(other, "Id", number)
            self.code(other, "SchmeNm", scheme)
            self.leaf(other, "Issr", issuer)

    def account(self, parent: etree._Element, name: str, account: Account) -> etree._Element | None:
        """A CashAccount; returns it, for what a statement adds (owner, servicer)."""
        if account == _NOWHERE:
            return None
        node = self.node(parent, name)
        identity = self.node(node, "Id")
        self.leaf(identity, "IBAN", account.iban)
        if not account.iban:
            self.other(identity, account.other_id, account.scheme)
        self.leaf(node, "Ccy", account.currency)
        self.leaf(node, "Nm", account.name)
        rule = rule_of(node, self.message) if account.proxy else None
        if rule is not None and self.prefix + "Prxy" in rule.slots:
            proxy = self.node(node, "Prxy")
            if account.scheme == LEDGER_ACCOUNT:
                self.code(proxy, "Tp", Proprietary(LEDGER_ACCOUNT))
            self.leaf(proxy, "Id", account.proxy)
        return node

    def agent(
        self, parent: etree._Element, name: str, agent: Agent, required: bool = False
    ) -> None:
        """A BranchAndFinancialInstitutionIdentification."""
        if agent == _NO_AGENT and not required:
            return
        node = self.node(self.node(parent, name), "FinInstnId")
        self.leaf(node, "BICFI", agent.bic)
        if agent.clearing_member:
            member = self.node(node, "ClrSysMmbId")
            if agent.clearing_system:
                system = agent.clearing_system
                kind = "Cd" if len(system) <= 5 and system.isalnum() else "Prtry"
                self.leaf(self.node(member, "ClrSysId"), kind, system)
            self.leaf(member, "MmbId", agent.clearing_member)
        self.leaf(node, "LEI", agent.lei)
        self.leaf(node, "Nm", agent.name)
        self.other(node, agent.other_id, "")

    def remittance(self, parent: etree._Element, name: str, remittance: Remittance) -> None:
        """A RemittanceInformation."""
        if remittance == _NOTHING:
            return
        node = self.node(parent, name)
        for line in remittance.unstructured:
            self.leaf(node, "Ustrd", line)
        for one in remittance.structured:
            self.structured(self.node(node, "Strd"), one)

    def structured(self, node: etree._Element, one: StructuredRemittance) -> None:
        """The inside of one Strd: as it came, where this version of the message takes it so."""
        if one.source and self._copied(node, one):
            return
        if one.document_type or one.document_number or one.document_date:
            document = self.node(node, "RfrdDocInf")
            if one.document_type:
                self.code(self.node(document, "Tp"), "CdOrPrtry", one.document_type)
            self.leaf(document, "Nb", one.document_number)
            self.leaf(document, "RltdDt", one.document_date)
        if one.reference or one.reference_type:
            reference = self.node(node, "CdtrRefInf")
            if one.reference_type:
                self.code(self.node(reference, "Tp"), "CdOrPrtry", one.reference_type)
            self.leaf(reference, "Ref", one.reference)
        for line in one.additional:
            self.leaf(node, "AddtlRmtInf", line)

    def _copied(self, node: etree._Element, one: StructuredRemittance) -> bool:
        """Fill a Strd from its source; False where it says something else or is not valid here."""
        source = renamed(one.source, self.prefix)
        rule = rule_of(node, self.message)
        if rule is None or extract.structured(source) != one or not fits(source, rule):
            return False
        node[:] = list(source)
        return True

    def date(self, parent: etree._Element, name: str, value: str) -> None:
        """A Dt/DtTm choice."""
        if value:
            self.leaf(self.node(parent, name), "DtTm" if "T" in value else "Dt", value)


_NOBODY = Party()
_NOWHERE = Account()
_NO_AGENT = Agent()
_NOTHING = Remittance()


def _kind(value: str) -> str:
    """As it was read; else four capitals make a code of the external code sets."""
    if isinstance(value, Coded | Proprietary):
        return "Cd" if isinstance(value, Coded) else "Prtry"
    return "Cd" if len(value) == 4 and value.isascii() and value.isupper() else "Prtry"


def renamed(source: bytes, prefix: str) -> etree._Element:
    """Parse our own canonical XML and move it to the outgoing version's namespace.

    What supplementary data carries stays in the namespace that it came in.
    """
    root = etree.fromstring(source, etree.XMLParser(resolve_entities=False, no_network=True))
    old = root.tag[: root.tag.rfind("}") + 1]
    if old == prefix:
        etree.cleanup_namespaces(root)
        return root
    if next(root.iter(old + "Envlp"), None) is not None:
        return _moved(root, old, prefix)
    for element in root.iter():
        if element.tag.startswith(old):
            element.tag = prefix + element.tag[len(old) :]
    etree.cleanup_namespaces(root)
    return root


def _moved(element: etree._Element, old: str, new: str) -> etree._Element:
    """A copy in another namespace, but for what an Envlp holds. Built anew: where two default
    namespaces meet, elements that are renamed in place are declared wrongly."""
    tag = element.tag
    made = etree.Element(
        new + tag[len(old) :] if tag.startswith(old) else tag, element.attrib,
        nsmap={None: new[1:-1]} if tag.startswith(old) else element.nsmap,
    )  # fmt: skip
    made.text = element.text
    for child in element:
        made.append(deepcopy(child) if tag == old + "Envlp" else _moved(child, old, new))
    return made

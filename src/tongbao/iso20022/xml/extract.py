"""From elements of any supported version to the values of `model`: parties, accounts, agents.

The tree has passed the schema, so what is looked up is there or was optional. Names that changed
between versions (BIC and BICFI, a Party40Choice around a party) are known here and nowhere else.
"""

from __future__ import annotations

from tongbao.iso20022.identities import Birth, OtherId
from tongbao.iso20022.model import (
    Account,
    Agent,
    Coded,
    Party,
    Proprietary,
    Remittance,
    StructuredRemittance,
)
from tongbao.iso20022.xml.tree import etree

Children = dict[str, etree._Element]
ADDRESS = (
    ("care_of", "CareOf"), ("department", "Dept"), ("sub_department", "SubDept"),
    ("street", "StrtNm"), ("building", "BldgNb"), ("building_name", "BldgNm"), ("floor", "Flr"),
    ("unit", "UnitNb"), ("post_box", "PstBx"), ("room", "Room"), ("postal_code", "PstCd"),
    ("town", "TwnNm"), ("town_location", "TwnLctnNm"), ("district", "DstrctNm"),
    ("subdivision", "CtrySubDvsn"), ("country", "Ctry"),
)  # fmt: skip
"""Fields of a party's address and their elements, in the order of PostalAddress24 and 27."""
_NOBODY = Party()
_NOWHERE = Account()
_NO_AGENT = Agent()
_NOTHING = Remittance()
_EMPTY: Children = {}
NO_BIC = "NOTPROVIDED"
"""Stands where the writer has no BIC. It is no bank's, though it has the form of one."""
_CHOICES: dict[str, type[str]] = {"Cd": Coded, "Prtry": Proprietary}


def local(element: etree._Element) -> str:
    """The element's name without its namespace."""
    tag: str = element.tag
    return tag[tag.rfind("}") + 1 :]


def children(element: etree._Element | None) -> Children:
    """Children by local name; of repeated ones the last."""
    if element is None:
        return _EMPTY
    return {child.tag[child.tag.rfind("}") + 1 :]: child for child in element}


def text(element: etree._Element | None) -> str:
    """An element's text, empty where there is none."""
    return (element.text or "") if element is not None else ""


def down(element: etree._Element | None, *names: str) -> etree._Element | None:
    """The first descendant along local names, or None."""
    for name in names:
        if element is None:
            return None
        element = next(element.iterchildren("{*}" + name), None)
    return element


def repeated(element: etree._Element | None, name: str) -> tuple[etree._Element, ...]:
    """All children of one local name."""
    return () if element is None else tuple(element.iterchildren("{*}" + name))


def code_or_proprietary(element: etree._Element | None) -> str:
    """The text of a Cd/Prtry choice, as `Coded` or `Proprietary`; empty where there is none."""
    if element is None or not len(element):
        return ""
    kind = _CHOICES.get(local(element[0]), str)
    return kind(text(element[0]))


def party(element: etree._Element | None) -> Party:
    """A PartyIdentification, or one inside a Party40Choice (Pty; an Agt gives its name and BIC)."""
    if element is None:
        return _NOBODY
    parts = children(element)
    if "Pty" in parts:
        parts = children(parts["Pty"])
    elif "Agt" in parts:
        institution = agent(parts["Agt"])
        return Party(name=institution.name, bic=institution.bic, lei=institution.lei)
    address = children(parts.get("PstlAdr"))
    identity = children(parts.get("Id"))
    private = "PrvtId" in identity
    scheme = identity.get("PrvtId", identity.get("OrgId"))
    ids = children(scheme)
    others = [_other_id(one) for one in repeated(scheme, "Othr")]
    first = others[0] if others else OtherId("")
    return Party(
        name=text(parts.get("Nm")),
        lei=text(ids.get("LEI")),
        bic=_bic(ids.get("AnyBIC", ids.get("BICOrBEI"))),
        other_id=first.id,
        other_scheme=first.scheme,
        other_issuer=first.issuer,
        more_ids=tuple(others[1:]),
        birth=_birth(down(scheme, "DtAndPlcOfBirth")),
        country_of_residence=text(parts.get("CtryOfRes")),
        private=private,
        **{name: text(address.get(tag)) for name, tag in ADDRESS if tag in address},
        address_lines=tuple(text(line) for line in repeated(parts.get("PstlAdr"), "AdrLine")),
    )


def _other_id(element: etree._Element) -> OtherId:
    parts = children(element)
    scheme = code_or_proprietary(parts.get("SchmeNm"))
    return OtherId(text(parts.get("Id")), scheme, text(parts.get("Issr")))


def _birth(element: etree._Element | None) -> Birth | None:
    if element is None:
        return None
    parts = children(element)
    names = ("BirthDt", "PrvcOfBirth", "CityOfBirth", "CtryOfBirth")
    return Birth(*(text(parts.get(name)) for name in names))


def account(element: etree._Element | None) -> Account:
    """A CashAccount."""
    if element is None:
        return _NOWHERE
    parts = children(element)
    identity = children(parts.get("Id"))
    other = children(identity.get("Othr"))
    return Account(
        iban=text(identity.get("IBAN")),
        other_id=text(other.get("Id")),
        scheme=code_or_proprietary(other.get("SchmeNm")),
        currency=text(parts.get("Ccy")),
        name=text(parts.get("Nm")),
        proxy=text(down(parts.get("Prxy"), "Id")),
    )


def agent(element: etree._Element | None) -> Agent:
    """A BranchAndFinancialInstitutionIdentification."""
    if element is None:
        return _NO_AGENT
    parts = children(down(element, "FinInstnId"))
    member = children(parts.get("ClrSysMmbId"))
    return Agent(
        bic=_bic(parts.get("BICFI", parts.get("BIC"))),
        lei=text(parts.get("LEI")),
        clearing_system=code_or_proprietary(member.get("ClrSysId")),
        clearing_member=text(member.get("MmbId")),
        name=text(parts.get("Nm")),
        other_id=text(down(parts.get("Othr"), "Id")),
    )


def _bic(element: etree._Element | None) -> str:
    """A BIC; empty where the writer says that there is none."""
    return text(element).removeprefix(NO_BIC)


def remittance(element: etree._Element | None) -> Remittance:
    """A RemittanceInformation."""
    if element is None:
        return _NOTHING
    return Remittance(
        tuple(text(line) for line in repeated(element, "Ustrd")),
        tuple(structured(one) for one in repeated(element, "Strd")),
    )


def structured(element: etree._Element) -> StructuredRemittance:
    """One structured remittance: the first document referred to, and the creditor's reference."""
    document = down(element, "RfrdDocInf")
    reference = down(element, "CdtrRefInf")
    return StructuredRemittance(
        document_type=code_or_proprietary(down(document, "Tp", "CdOrPrtry")),
        document_number=text(down(document, "Nb")),
        document_date=text(down(document, "RltdDt")),
        reference_type=code_or_proprietary(down(reference, "Tp", "CdOrPrtry")),
        reference=text(down(reference, "Ref")),
        additional=tuple(text(line) for line in repeated(element, "AddtlRmtInf")),
        source=canonical(element),
    )


def date_or_time(element: etree._Element | None) -> str:
    """A Dt/DtTm choice, or a plain date of older versions."""
    if element is None:
        return ""
    return text(element[0]) if len(element) else text(element)


def truth(element: etree._Element | None) -> bool:
    """An xs:boolean; absent means no."""
    return text(element).strip() in ("true", "1")


def canonical(element: etree._Element | None) -> bytes:
    """The element as exclusive canonical XML, empty for None."""
    if element is None:
        return b""
    data: bytes = etree.tostring(element, method="c14n", exclusive=True, with_tail=False)
    return data

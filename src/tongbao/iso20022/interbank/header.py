"""The business application header (head.001): read beside a document, and put before one.

A header that came in is given back as it came, but for the fields that are changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime

from tongbao.iso20022.catalogue import NAMESPACE
from tongbao.iso20022.findings import DocumentRefused
from tongbao.iso20022.interbank.model import NO_AGENT
from tongbao.iso20022.model import Agent
from tongbao.iso20022.xml.extract import canonical, down, local
from tongbao.iso20022.xml.fields import AGENT, Record, arrange, fields, texts
from tongbao.iso20022.xml.reading import SourceDocument, header_message, read_document
from tongbao.iso20022.xml.schema import schema_of
from tongbao.iso20022.xml.tree import etree
from tongbao.iso20022.xml.validating import validate
from tongbao.iso20022.xml.writing import Writer, iso_time, renamed

VERSION = "head.001.001.02"


@dataclass(frozen=True, slots=True)
class BusinessHeader:
    """An AppHdr."""

    message: str
    """MsgDefIdr: the business message that it introduces."""
    business_id: str
    """BizMsgIdr."""
    created_at: str
    sender: Agent = NO_AGENT
    receiver: Agent = NO_AGENT
    service: str = ""
    """BizSvc, e.g. swift.cbprplus.03."""
    copy_duplicate: str = ""
    """CODU, COPY or DUPL."""
    possible_duplicate: str = ""
    priority: str = ""
    version: str = VERSION
    source: bytes = field(default=b"", compare=False, repr=False)


_HEADER = Record(
    BusinessHeader,
    (
        *texts(
            ("message", "MsgDefIdr"),
            ("business_id", "BizMsgIdr"),
            ("created_at", "CreDt"),
            ("service", "BizSvc"),
            ("copy_duplicate", "CpyDplct"),
            ("possible_duplicate", "PssblDplct"),
            ("priority", "Prty"),
        ),
        *fields(AGENT, ("sender", "Fr/FIId"), ("receiver", "To/FIId")),
    ),
    keeps=True,
)


def read_header(document: SourceDocument) -> BusinessHeader | None:
    """The header beside a document; None where there is none of a known version."""
    version = header_message(document)
    if not version or document.header is None:
        return None
    header: BusinessHeader = _HEADER.read(document.header, given={"version": version})
    return header


def answer_header(header: BusinessHeader, message: str, name: str, at: datetime) -> BusinessHeader:
    """The header of an answer: Fr and To turned round, the same service, and in Rltd the header
    of the question. Whoever is named otherwise than by FIId is turned round all the same."""
    made = BusinessHeader(
        message, name, iso_time(at), header.receiver, header.sender, header.service,
        version=header.version,
    )  # fmt: skip
    if not header.source:
        return made
    writer = _HeaderWriter(header.version)
    _, rule = schema_of(header.version)
    asked = renamed(header.source, writer.prefix)
    for place, other in (("Fr", "To"), ("To", "Fr")):
        turned = deepcopy(down(asked, other))
        if turned is not None:
            turned.tag = writer.prefix + place
            writer.root.append(turned)
    _HEADER.over(writer, writer.root, rule, made)
    related = writer.node(writer.root, "Rltd")
    slots = rule.slots[related.tag].rule.slots
    for child in asked:
        # A signature is of the header that it stands in, and Rltd holds no Rltd of its own.
        if child.tag in slots and local(child) not in ("Sgntr", "Rltd"):
            related.append(deepcopy(child))
    arrange(writer, related, rule.slots[related.tag].rule)
    arrange(writer, writer.root, rule)
    return replace(made, source=canonical(writer.root))


def answered(header: BusinessHeader | None, document: bytes, name: str, at: datetime) -> bytes:
    """An answer as its question came: enveloped to enveloped, bare to bare."""
    if header is None:
        return document
    message = read_document(document).message
    return write_enveloped(answer_header(header, message, name, at), document)


def write_enveloped(header: BusinessHeader, document: bytes) -> bytes:
    """An Envelope with the header and a document that one of our writers made.

    Raises DocumentRefused where the header is not valid or names another message.
    """
    read = read_document(document)
    made = header if header.message else replace(header, message=read.message)
    root = etree.Element("Envelope")
    part = _element(made)
    root.append(part)
    root.append(read.root)
    found = validate(SourceDocument(read.message, read.namespace, read.root, part, 0))
    if found:
        raise DocumentRefused(found)
    etree.cleanup_namespaces(root)
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return data


def _element(header: BusinessHeader) -> etree._Element:
    """The AppHdr over its source."""
    writer = _HeaderWriter(header.version)
    if header.source:
        writer.root = renamed(header.source, writer.prefix)
    _, rule = schema_of(header.version)
    _HEADER.over(writer, writer.root, rule, header)
    return writer.root


class _HeaderWriter(Writer):
    """A writer whose root is the header itself."""

    def __init__(self, version: str) -> None:
        self.message = version
        self.common: dict[str, object] = {}
        self.namespace = NAMESPACE + version
        self.prefix = f"{{{self.namespace}}}"
        nsmap: Mapping[str | None, str] = {None: self.namespace}
        self.root = etree.Element(self.prefix + "AppHdr", nsmap=nsmap)
        self.body = self.root

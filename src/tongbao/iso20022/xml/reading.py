"""From bytes of a stranger to a parsed tree: bounded in size and depth, no DTD, no network.

Everything that can be wrong ends in `DocumentRefused`. The text is decoded here, by an allow-list
of encodings, before libxml2 sees it, so that no exotic encoding hides a DOCTYPE from the check.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn
from xml.sax.saxutils import unescape

from tongbao.iso20022.catalogue import KNOWN_HEADERS, KNOWN_MESSAGES, NAMESPACE
from tongbao.iso20022.findings import DocumentRefused, OriginalMessage, finding
from tongbao.iso20022.xml.decoding import decode, strip_declaration
from tongbao.iso20022.xml.tree import etree

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 64
BYTES_A_NODE = 12
"""Characters of a document for each of its elements and attributes, at least: those of banks
have 18 to 60."""
LEAST_NODES = 20_000
PARSER_DEPTH = 256
"""libxml2 stops by itself at this depth while it parses, so a depth bomb costs nothing."""
MAX_WRAPPINGS = 2
"""How often a Document may sit inside the text (CDATA, escaped) of another document."""

_MESSAGE = re.compile(r"[a-z]{4}\.\d{3}\.\d{3}\.\d{2}")
_BIG_LINE = 65535
_HEAD = 16_384
_NAMES = {
    "name": re.compile(rb"([a-z]{4}\.\d{3}\.\d{3}\.\d{2})"),
    "message_id": re.compile(rb"<(?:\w+:)?MsgId>([!-;=-~][ -;=-~]{0,34})<"),
    "created_at": re.compile(rb"<(?:\w+:)?CreDtTm>([0-9T:.Z+-]{10,35})<"),
}
"""Where a message's own names stand in bytes that cannot be parsed."""


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A parsed message: its name, the Document element and the header beside it."""

    message: str
    """Message definition identifier, e.g. pain.001.001.09."""
    namespace: str
    """Namespace of the Document."""
    root: etree._Element
    """The Document element."""
    header: etree._Element | None
    """The AppHdr element, where there is one."""
    line_offset: int
    """Lines of the file before the parsed text begins: not 0 for a Document inside CDATA."""

    def line(self, element: etree._Element) -> int:
        """The line of an element in the file, from 1."""
        return self.line_offset + source_line(element)


def read_document(
    data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> SourceDocument:
    """Parse a file and find its one Document, bare, in any wrapper, or inside CDATA.

    `data` is the whole file; `max_bytes` and `max_depth` (elements, at most PARSER_DEPTH) bound
    it. Raises DocumentRefused with an `xml.*` or `iso.*` rule, and nothing else.
    """
    if len(data) > max_bytes:
        _refuse("xml.too_large", limit=max_bytes)
    try:
        return _find(decode(data), 0, max_depth, MAX_WRAPPINGS)
    except DocumentRefused as refused:
        raise DocumentRefused(refused.findings, refused.original or _guessed(data)) from None


def source_line(element: etree._Element) -> int:
    """The line of an element within the parsed text, from 1.

    libxml2 keeps 16 bits; above that lxml answers with the line on which the element's first text
    ends, so the line breaks of that text are taken off again.
    """
    line = element.sourceline or 0
    if line >= _BIG_LINE and element.text:
        line -= element.text.count("\n")
    return line


def _find(text: str, offset: int, max_depth: int, wrappings: int) -> SourceDocument:
    """Parse one layer of text and look for the Document in it, or in the text it carries."""
    root = _parse(text, offset, max_depth)
    documents = _elements(root, "Document")
    if len(documents) > 1:
        place = documents[1]
        _refuse("iso.several_documents", line=offset + source_line(place), path=_plain_path(place))
    if documents:
        return _named(documents[0], _elements(root, "AppHdr"), offset)
    if wrappings:
        for element in root.iter():
            inner = element.text or ""
            if "Document" in inner and inner.lstrip()[:1] == "<":
                before = source_line(element) - 1 + _leading_lines(inner)
                inner = strip_declaration(inner.strip())
                return _find(inner, offset + before, max_depth, wrappings - 1)
    return _refuse("iso.no_document", line=offset + source_line(root), path=_plain_path(root))


def _parse(text: str, offset: int, max_depth: int) -> etree._Element:
    """One well-formed tree without DTD, comments and processing instructions."""
    place = _doctype(text)
    if place is not None:
        _refuse("xml.doctype", line=offset + text.count("\n", 0, place) + 1)
    _require_bounded(text)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        _refuse_syntax(error, offset, max_depth)
    except (ValueError, LookupError, etree.LxmlError) as error:
        _refuse("xml.malformed", reason=str(error))
    if root.getroottree().docinfo.internalDTD is not None:
        _refuse("xml.doctype", line=offset + 1)
    if root.xpath("boolean(" + "/*" * (min(max_depth, PARSER_DEPTH) + 1) + ")"):
        _refuse("xml.too_deep", limit=max_depth)
    return root


def _require_bounded(text: str) -> None:
    """Refuse what would take far more memory as a tree than as text: before anything is parsed, by
    the marks of elements and attributes, so that empty elements cannot fill a node."""
    nodes = text.count("<") - text.count("</") + text.count('="') + text.count("='")
    limit = max(LEAST_NODES, len(text) // BYTES_A_NODE)
    if nodes <= limit:
        return
    try:
        etree.fromstring(text[:_HEAD], etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        if "depth" in (error.msg or ""):  # then that is what is wrong with it
            _refuse("xml.too_deep", line=error.lineno or 0, limit=PARSER_DEPTH)
    _refuse("xml.too_many", limit=limit)


def _doctype(text: str) -> int | None:
    """Where a DOCTYPE stands before the root element; one pass, whatever the comments hold."""
    place = 0
    while True:
        while text[place : place + 1].isspace():
            place += 1
        if text.startswith("<!DOCTYPE", place):
            return place
        end = "-->" if text.startswith("<!--", place) else "?>"
        if end == "?>" and not text.startswith("<?", place):
            return None
        found = text.find(end, place + 2)
        if found < 0:
            return None
        place = found + len(end)


def _refuse_syntax(error: etree.XMLSyntaxError, offset: int, max_depth: int) -> NoReturn:
    """Give libxml2's reasons our names."""
    line = offset + (error.lineno or 0)
    reason = error.msg or "not well-formed"
    if "depth" in reason:
        _refuse("xml.too_deep", line=line, limit=max_depth)
    if "Entity '" in reason:
        _refuse("xml.entity", line=line, value=reason.split("'")[1])
    _refuse("xml.malformed", line=line, reason=reason)


def _named(document: etree._Element, headers: list[etree._Element], offset: int) -> SourceDocument:
    """Name the message from the Document's namespace; refuse what is not known."""
    namespace = etree.QName(document).namespace or ""
    message = namespace.removeprefix(NAMESPACE)
    if message not in KNOWN_MESSAGES:
        found = _MESSAGE.search(namespace)
        _refuse(
            "iso.unknown_message",
            line=offset + source_line(document),
            path="/Document",
            value=namespace or (found.group() if found else "(no namespace)"),
            known=_nearest(namespace),
        )
    header = headers[0] if headers else None
    return SourceDocument(message, namespace, document, header, offset)


def _nearest(namespace: str) -> str:
    """The known namespace that is most like one that is not known: of the same message, if any."""
    known = [NAMESPACE + message for message in KNOWN_MESSAGES]
    same = [one for one in known if one[len(NAMESPACE) :][:9] in namespace]
    known = same or known
    return get_close_matches(namespace[:120], known, n=1, cutoff=0.0)[0]


def _guessed(data: bytes) -> OriginalMessage | None:
    """What names a message that cannot be read, as far as its first bytes show it: so that its
    sender can tell by the answer which one it was."""
    head = data[:65_536].replace(b"\0", b"")
    found = {name: form.search(head) for name, form in _NAMES.items()}
    if found["message_id"] is None:
        return None
    reported = {
        name: unescape(one[1].decode("ascii")) if one else "" for name, one in found.items()
    }
    return OriginalMessage(number_of_transactions="", control_sum="", **reported)


def header_message(document: SourceDocument) -> str:
    """The known header definition that the AppHdr follows, or empty."""
    if document.header is None:
        return ""
    name = (etree.QName(document.header).namespace or "").removeprefix(NAMESPACE)
    return name if name in KNOWN_HEADERS else ""


def _elements(root: etree._Element, name: str) -> list[etree._Element]:
    """Elements of a local name, in any namespace, that are not inside one of the same name."""
    found: list[etree._Element] = []
    for element in root.iter("{*}" + name):
        ancestors = element.iterancestors("{*}Document", "{*}AppHdr")
        if next(ancestors, None) is None:
            found.append(element)
    return found


def _leading_lines(text: str) -> int:
    """Line breaks before the first character that is not white space."""
    return text[: len(text) - len(text.lstrip())].count("\n")


def _plain_path(element: etree._Element) -> str:
    """Local names from the root, without positions."""
    names = [etree.QName(ancestor).localname for ancestor in element.iterancestors()]
    return "/" + "/".join([*reversed(names), etree.QName(element).localname])


def _refuse(rule: str, line: int = 0, path: str = "", value: str = "", **words: object) -> NoReturn:
    """Raise a refusal with a single finding."""
    raise DocumentRefused((finding(rule, line, path, value, **words),))

"""A second opinion by libxml2 with XSD files, for who has them; the project ships none."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tongbao.iso20022.findings import Finding, finding
from tongbao.iso20022.xml.reading import SourceDocument
from tongbao.iso20022.xml.tree import etree

XSD_VARIABLE = "TONGBAO_ISO20022_XSD"


@cache
def load_schema(path: Path) -> etree.XMLSchema | None:
    """The compiled schema of a trusted file, or None where the folder does not have it."""
    if not path.is_file():
        return None
    return etree.XMLSchema(etree.parse(str(path), etree.XMLParser(no_network=True)))


def second_opinion(
    document: SourceDocument, folder: Path, *, limit: int = 100
) -> tuple[Finding, ...]:
    """What the message's XSD in `folder` says; () when it agrees or is not there."""
    schema = load_schema(folder / f"{document.message}.xsd")
    if schema is None:
        return ()
    alone = etree.fromstring(etree.tostring(document.root, with_tail=False))
    if schema.validate(alone):
        return ()
    before = document.line(document.root) - 1
    return tuple(
        finding("xsd.second_opinion", before + error.line, error.path or "", reason=error.message)
        for error in list(schema.error_log)[:limit]
    )

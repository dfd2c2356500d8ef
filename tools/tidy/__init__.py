"""The tidy check: every sentence of STYLE.md that a program can check, and only those stay there.

    python tools/tidy [--update]

`--update` lowers the ratchet of sizes to what is there; it never raises or adds.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from sources import ROOT, Finding, project_files, report
from tidy.circles import circle_findings
from tidy.docs import document_findings
from tidy.modules import module_findings
from tidy.names import name_findings
from tidy.refusals import refusal_findings
from tidy.sizes import RATCHET, lowered, measure, read_ratchet, size_findings
from tidy.text import text_findings
from tidy.viewers import viewer_findings
from tidy.words import word_findings


def check(root: Path) -> list[Finding]:
    """Every finding in the project at `root`."""
    files = project_files(root)
    return [
        *size_findings(measure(root, files), read_ratchet(root)),
        *text_findings(root, files),
        *document_findings(root, files),
        *name_findings(root, files),
        *module_findings(root),
        *refusal_findings(root, files),
        *circle_findings(root),
        *viewer_findings(root),
        *word_findings(root, files),
    ]


def main() -> int:
    """Check, or lower the ratchet."""
    parser = argparse.ArgumentParser(description="What STYLE.md says, as far as it is checked.")
    parser.add_argument("--update", action="store_true", help="lower the ratchet to what is there")
    if parser.parse_args().update:
        sizes = lowered(measure(ROOT, project_files(ROOT)), read_ratchet(ROOT))
        (ROOT / RATCHET).write_text(json.dumps(sizes, indent=2) + "\n", encoding="utf-8")
    return report(check(ROOT), "tidy")

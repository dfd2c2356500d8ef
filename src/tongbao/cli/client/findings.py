"""Why a document is refused: every finding with line, path, value and rule."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tongbao.cli.shell.output import output
from tongbao.words import Both

if TYPE_CHECKING:
    from tongbao.iso20022.findings import DocumentRefused

MAX_SHOWN = 20


def tell_findings(path: Path, refused: DocumentRefused, **more: str) -> NoReturn:
    """Say exactly what is wrong and end the command; `more` goes into the JSON value."""
    findings = [
        {"rule": f.rule, "line": f.line, "path": f.path, "value": f.value,
         "message": f.message_en, "message_zh": f.message_zh}
        for f in refused.findings
    ]  # fmt: skip
    if not output.json:
        rows = [
            [str(f.line), f.path, f.value, f.rule, output.text(Both(f.message_en, f.message_zh))]
            for f in refused.findings[:MAX_SHOWN]
        ]
        title = output.text("Why the file is refused")
        output.table(title, ["line", "path", "value", "rule", "reason"], rows)
    output.fail(
        "{path}: refused, {count} finding(s); nothing moved",
        {"findings": findings, **more},
        path=path,
        count=len(findings),
    )

"""Why a document is refused: every finding with line, path, value and rule."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tongbao.cli.shell.output import output

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
            [str(f.line), f.path, f.value, f.rule, output.text(f.message_en, f.message_zh)]
            for f in refused.findings[:MAX_SHOWN]
        ]
        title = output.text("Why the file is refused", "文件被拒绝的原因")
        output.table(title, ["line", "path", "value", "rule", "reason"], rows)
    output.fail(
        f"{path}: refused, {len(findings)} finding(s); nothing moved",
        f"{path}：已拒绝，共 {len(findings)} 处问题；未发生任何资金移动",
        {"findings": findings, **more},
    )

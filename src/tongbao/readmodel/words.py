"""Words of a text, as they are kept and as they are looked for.

Text is folded (NFKC, case), so that full-width digits and capitals find the same. Letters and
digits between other signs are a word; what is written together with signs between (`INV-2026-17`)
is one as a whole, too. Chinese, Japanese and Korean know no blanks: there every sign and every
pair of neighbours is a word.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_WIDE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_WIDE}]+|[^\W_{_WIDE}]+")
WORD_LENGTH = 40
"""Characters of a word that are kept."""
_WIDE_SIGN = re.compile(f"[{_WIDE}]")
MAX_WORDS = 64
"""Of one text; what comes after them is not found by words."""


def folded(text: str) -> str:
    """Text without the differences that nobody means when they search."""
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(*texts: str) -> list[str]:
    """What texts are found by."""
    found: dict[str, None] = {}
    for text in texts:
        if not text:
            continue
        for piece in folded(text).split():
            runs = _RUN.findall(piece)
            if len(runs) > 1 and len(piece) <= WORD_LENGTH:
                found[piece] = None
            for run in runs:
                found |= dict.fromkeys(_words_of_run(run))
    return list(found)[:MAX_WORDS]


def asked_words(text: str) -> list[str]:
    """What a text has to have to be found: pairs where there are pairs, single signs else."""
    found: dict[str, None] = {}
    for run in _RUN.findall(folded(text)):
        if _wide(run) and len(run) > 1:
            found |= dict.fromkeys(a + b for a, b in pairwise(run))
        else:
            found[run[:WORD_LENGTH]] = None
    return list(found)[:MAX_WORDS]


def _wide(run: str) -> bool:
    return _WIDE_SIGN.match(run) is not None


def _words_of_run(run: str) -> list[str]:
    if not _wide(run):
        return [run[:WORD_LENGTH]]
    return [*run, *(a + b for a, b in pairwise(run))]

"""What people read, in their language: English stands in the code, Chinese in one catalogue.

A text of the code is an English template (`kernel/wording.py`). The catalogue below `locale/` is
read with gettext when the first text in another language is asked for, never for English.
`tools/translations.py` collects the texts, and a text without a translation fails the build.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self

from tongbao.kernel.wording import Decimals, Text, Translate, filled, iso_decimals
from tongbao.kernel.wording import english as same

DOMAIN = "tongbao"
FOLDER = Path(__file__).with_name("locale")
ENGLISH = "en"
LANGUAGES = (ENGLISH, "zh")


def language_of(name: str) -> str | None:
    """Our language of a locale's name such as `zh_CN.UTF-8`; None where we have none."""
    return next((one for one in LANGUAGES if name.lower().startswith(one)), None)


def translated(english: str, language: str, context: str = "") -> str:
    """A text of the code in a language; English where the catalogue lacks it.

    A word may read differently by what it names: `context` is the field whose value it is.
    """
    return translation(language)(english, context)


@cache
def translation(language: str) -> Translate:
    """The translation into a language, to fill sentences with."""
    known = language_of(language) or ENGLISH
    return same if known == ENGLISH else _Catalogue(known)


class _Catalogue:
    """The texts of one language, as gettext reads them."""

    def __init__(self, language: str) -> None:
        import gettext

        self._found = gettext.translation(DOMAIN, FOLDER, [language], fallback=True)

    def __call__(self, text: str, context: str = "") -> str:
        if not text:
            return text
        named = self._found.pgettext(context, text) if context else text
        return self._found.gettext(text) if named == text else named


def sentence(
    template: str, values: Mapping[str, Any], language: str, decimals: Decimals = iso_decimals
) -> str:
    """A sentence of the code in a language, filled with its values."""
    return filled(template, values, decimals, translation(language))


class Both(Text):
    """A text that came from elsewhere in both languages."""

    chinese: str

    def __new__(cls, en: str, zh: str) -> Self:
        """Of an answer's `text` and `text_zh`, say."""
        made = super().__new__(cls, "{text}", text=en)
        made.chinese = zh or en
        return made

    def filled(self, decimals: Decimals = iso_decimals, translate: Translate = same) -> str:
        """The one of the language that is translated to."""
        return str(self) if translate is same else self.chinese


def text_of(what: BaseException | str, language: str, decimals: Decimals = iso_decimals) -> str:
    """A text, or what a fault says, in a language; a fault without a text says what Python says."""
    text = what if isinstance(what, Text) else getattr(what, "text", None)
    if isinstance(text, Text):
        return text.filled(decimals, translation(language))
    return translated(str(what), language)

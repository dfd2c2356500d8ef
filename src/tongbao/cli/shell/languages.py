"""Help pages and usage errors in the language that was chosen, out of gettext's catalogues.

English is the key of every text, so it needs no catalogue: nothing here is done for it. For
another language the commands' texts are exchanged once, before the command line is read. See
docs/decisions/languages.md.
"""

from __future__ import annotations

import gettext
import inspect
import os
import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import typer
from typer._click.exceptions import NoArgsIsHelpError

from tongbao.cli.shell.wording import FAULT_FRAMES, HELP_FRAMES
from tongbao.words import DOMAIN, ENGLISH, FOLDER, language_of, text_of

_OPTION = "--lang"
_VARIABLES = ("TONGBAO_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def environment_language() -> str:
    """What the environment asks for, in gettext's order; TONGBAO_LANG goes before the others."""
    chosen = next((value for name in _VARIABLES if (value := os.environ.get(name))), "")
    return language_of(chosen) or ENGLISH


def asked_language(words: list[str]) -> str | None:
    """What `--lang` asks for, wherever it stands: help is written while the words are read."""
    for place, word in enumerate(words):
        name, given, value = word.partition("=")
        if name == _OPTION:
            return language_of(value if given else "".join(words[place + 1 : place + 2]))
    return None


class _Absent(gettext.NullTranslations):
    """What no catalogue holds comes back empty, to be shown from what reads the same."""

    def gettext(self, message: str) -> str:
        return ""


class Catalogue:
    """The texts of one language."""

    def __init__(self, translations: gettext.NullTranslations) -> None:
        """Of what gettext read."""
        translations.add_fallback(_Absent())
        self._found = translations.gettext

    def text(self, english: str) -> str | None:
        """A text of a help page, whole or in its frame; None where there is no translation."""
        found = self._found(english)
        if not found and (framed := _framed(english, HELP_FRAMES)):
            frame, parts = framed
            if meaning := parts["meaning"]:
                parts["meaning"] = self.text(meaning) or ""
            if "shape" in parts:
                parts["shape"] = self.shape(parts["shape"])
            found = self._found(frame).format(**parts) if parts["meaning"] or not meaning else ""
        return found or None

    def shape(self, english: str) -> str:
        """The shape of a field; names of types stay."""
        if found := self._found(english):
            return found
        if english.startswith("list of "):
            inner = self.shape(english.removeprefix("list of "))
            return self._found("list of {shape}").format(shape=inner)
        if english.startswith("("):
            inside = english.strip("()").split(", ")
            return f"({', '.join(map(self.shape, inside))})"
        parts = english.split(" or ")
        return " / ".join(map(self.shape, parts)) if len(parts) > 1 else english

    def fault(self, english: str) -> str:
        """What typer says of a command it cannot read; what is not known stays as it is."""
        if found := self._found(english):
            return found
        if framed := _framed(english, FAULT_FRAMES):
            frame, parts = framed
            if "fault" in parts:
                parts["fault"] = self.fault(parts["fault"])
            return self._found(frame).format(**parts) or english
        return english


def parts_of(english: str) -> list[str]:
    """What of a help page's text has to be translated: itself, or its frame and what is in it."""
    framed = None if english in HELP_FRAMES else _framed(english, HELP_FRAMES)
    if framed is None:
        return [english]
    frame, parts = framed
    return [frame, parts["meaning"]] if parts["meaning"] else [frame]


def _framed(english: str, frames: Iterable[str]) -> tuple[str, dict[str, str]] | None:
    """The first frame that a text is in, and what stands in its places."""
    for frame in frames:
        if match := _pattern(frame).fullmatch(english):
            return frame, {name: (part or "").strip() for name, part in match.groupdict().items()}
    return None


@lru_cache(maxsize=400)
def _pattern(frame: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", frame)
    joined = "".join(
        f"(?P<{part}>.*?)" if place % 2 else re.escape(part) for place, part in enumerate(parts)
    )
    return re.compile(joined.replace(r"(?P<meaning>.*?)\ ", r"(?:(?P<meaning>.*)\ )?"), re.DOTALL)


@lru_cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language; one that was not compiled is empty."""
    return Catalogue(gettext.translation(DOMAIN, FOLDER, [language], fallback=True))


def speak_typer(language: str) -> None:
    """Give typer's own gettext, and the commands that we start, a language."""
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain(DOMAIN, str(FOLDER))
    gettext.textdomain(DOMAIN)


def speak(command: Any, language: str) -> None:
    """Give a tree of commands, and typer itself, the words of a language other than English."""
    from tongbao.cli.shell.help_pages import Page

    speak_typer(language)
    words = catalogue(language)
    for _, one in commands_of(command):
        one.context_class = Page
        if one.help:
            one.help = words.text(inspect.cleandoc(one.help)) or one.help
            one.short_help = one.help.partition("\n")[0].partition("。")[0]
        one.options_metavar = words.text(one.options_metavar or "") or one.options_metavar
        if hasattr(one, "subcommand_metavar"):
            metavar = one.subcommand_metavar
            one.subcommand_metavar = words.text(metavar) or metavar
        for option in one.params:
            if help_text := getattr(option, "help", None):
                option.help = words.text(help_text) or help_text


def commands_of(command: Any, path: str = DOMAIN) -> Iterator[tuple[str, Any]]:
    """Every command of a tree with the words that lead to it, the tree's own first."""
    yield path, command
    for name, one in getattr(command, "commands", {}).items():
        yield from commands_of(one, f"{path} {name}")


def tell(fault: Any, language: str) -> None:
    """Say on standard error why a command could not be read."""
    if language == ENGLISH or isinstance(fault, NoArgsIsHelpError):
        fault.show()
        return
    words, context = catalogue(language), getattr(fault, "ctx", None)
    lines = []
    if context is not None:
        command, option = context.command_path, context.help_option_names[0]
        hint = words.fault("Try '{command} {option}' for help.")
        lines = [context.get_usage(), hint.format(command=command, option=option), ""]
    lines.append(words.fault(f"Error: {fault.format_message()}"))
    typer.echo("\n".join(lines), file=sys.stderr)


def word_of_help(english: str, language: str) -> str:
    """A word that typer writes on a help page."""
    return english if language == ENGLISH else catalogue(language).text(english) or english


def aborted(language: str) -> str:
    """What is stated when a question was not answered."""
    return "Aborted!" if language == ENGLISH else catalogue(language).fault("Aborted!")


def chinese(fault: BaseException) -> str:
    """What a fault says in Chinese, a refusal with its name; else what Python says."""
    code: Any = getattr(fault, "code", None)
    text = text_of(fault, "zh")
    return f"{text}（{code.name}）" if hasattr(code, "template") else text

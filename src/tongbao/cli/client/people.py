"""As whom a command asks a node, where tokens of several people are at hand.

The most explicit wins: `--as PERSON`, `TONGBAO_AS`, the party that the command line names first (an
account of it, `--party`, or itself), and else the node itself where its folder may be read. A
person is `PARTY/PERSON`; `PARTY` alone is its first person, and `node` the node itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tongbao.cli.shell.output import EXIT_USAGE, output
from tongbao.sdk.tokens import NODE

AS_VARIABLE = "TONGBAO_AS"
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9-]+/[A-Za-z0-9._-]+")


class Chosen(NamedTuple):
    """As whom a command asks."""

    person: str
    """`PARTY/PERSON`, or `node`."""
    token: str
    by_rule: bool = False
    """Nobody asked for it: the command line names the party."""

    @property
    def party(self) -> str:
        """For whom; empty for the node."""
        return self.person.partition("/")[0] if self.person != NODE else ""


def choose(people: Mapping[str, str], wanted: str, words: Sequence[str]) -> Chosen | None:
    """As whom to ask; None where nobody's token is at hand. Ends the command where there is none
    of the person that was asked for."""
    wanted = wanted or os.environ.get(AS_VARIABLE, "")
    if wanted:
        person = _person(people, wanted)
        if person is None:
            output.fail(
                "there is no token of {wanted} here, but of: {known}",
                None, EXIT_USAGE, wanted=wanted, known=", ".join(people) or "-",
            )  # fmt: skip
        return Chosen(person, people[person])
    for before, word in zip(("", *words), words, strict=False):
        given = word.partition("=")[2] or word
        of_option = before.startswith("--") and before != "--party"
        if of_option and "/" not in given:
            continue  # a word of another kind, or a party that has to do with it
        person = _person(people, given.partition("/")[0])
        if person not in (None, NODE):
            return Chosen(str(person), people[str(person)], by_rule=True)
        if _ACCOUNT.fullmatch(given):
            break  # of somebody whose token is not here: nobody else is asked for in their place
    person = NODE if NODE in people else next(iter(people), None)
    return None if person is None else Chosen(person, people[person])


def _person(people: Mapping[str, str], wanted: str) -> str | None:
    """The person who is called so, or the first of the party."""
    if wanted in people:
        return wanted
    return next((one for one in people if one.partition("/")[0] == wanted), None)

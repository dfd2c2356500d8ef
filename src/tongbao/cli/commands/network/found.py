"""`tongbao network found`: institutions that do not trust one another found a network.

Here is what everybody may do without a key: write terms, assemble, check.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import msgspec
import typer

from tongbao.cli.shell.output import output
from tongbao.kernel.wording import Text
from tongbao.sdk.quantities import BadQuantity, parse_count
from tongbao.words import Both

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tongbao.kernel.codes import Refusal
    from tongbao.node.comet.ceremony.deriving import Derived
    from tongbao.node.comet.ceremony.documents import Document

found = typer.Typer(
    help="Found a network by institutions, each with keys of its own.", no_args_is_help=True
)
Out = Annotated[Path | None, typer.Option("--out", "-o", help="The file to write.")]


def refused(refusal: Refusal) -> NoReturn:
    """End the command with the rule in both languages, its number, and file and field."""
    from tongbao.node.comet.ceremony.codes import reported

    value = {"code": int(refusal.code), "rule": refusal.code.name, **refusal.values}
    output.fail(Both(reported(refusal, "en"), reported(refusal, "zh")), value)


def write(file: Path, document: Document) -> None:
    """Write a file of the ceremony; the command ends where that cannot be."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(document.encode())
    except OSError as fault:
        output.fail("{file}: {fault}", file=file, fault=fault)


def tell_file(file: Path, text: Text, **more: str) -> None:
    """Say what became of a file."""
    output.result(
        {"file": str(file), **more},
        lambda: output.say("{file}: {text}", "green", file=file, text=text),
    )


def approved(derived: Derived, files: Sequence[Path]) -> tuple[str, ...]:
    """Who approves, by the files; a Refusal for the first that does not hold."""
    from tongbao.node.comet.ceremony.approving import approved_by
    from tongbao.node.comet.ceremony.documents import Approval
    from tongbao.node.comet.ceremony.reading import read

    return approved_by({path.name: read(path, Approval) for path in files}, derived)


# ---- terms ---------------------------------------------------------------------------------------


@found.command("terms")
def terms(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
    chain: Annotated[str, typer.Option(help="Name of the chain.")],
    members: Annotated[str, typer.Option(help="Who founds it: a,b,c or a:10,b:10,c:5.")],
    power: Annotated[int, typer.Option(min=1, help="Voting power where none is given.")] = 10,
    actions: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False,
                     help='What is there before the first block: {"actions": [...]}.'),
    ] = None,
    agreement: Annotated[str, typer.Option(help="Title or number of the contract.")] = "",
) -> None:  # fmt: skip
    """Write down what was agreed on: chain, members, power, opening rules. Edit what you like."""
    from tongbao.kernel.codes import Refusal
    from tongbao.node.comet.ceremony.checking import check_terms
    from tongbao.node.comet.ceremony.documents import Terms
    from tongbao.node.comet.founding import FoundingFile

    powers = {}
    for one in members.split(","):
        party, _, given = one.strip().partition(":")
        if party in powers:
            output.fail("--members names {party} twice", party=party)
        try:
            powers[party] = parse_count(given, 1, 10**12) if given else power
        except BadQuantity as fault:
            output.fail_quantity(f"--members, {party}", fault)
    made = Terms(chain=chain, agreement=agreement, members=powers)
    try:
        if actions is not None:
            opening = msgspec.json.decode(actions.read_bytes(), type=FoundingFile)
            made = msgspec.structs.replace(
                made, actions=opening.actions, suites=opening.suites,
                name_memory_ms=opening.name_memory_ms,
            )  # fmt: skip
        check_terms(out.name, made)
    except Refusal as refusal:
        refused(refusal)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        output.fail("{actions}: {fault}", actions=actions, fault=fault)
    write(out, made)
    text = Text("Terms of {chain}: edit, agree, hand to every member.", chain=chain)
    tell_file(out, text)


# ---- assemble ------------------------------------------------------------------------------------


@found.command("assemble")
def assemble(
    terms_file: Annotated[Path, typer.Argument(metavar="TERMS", help="The agreed terms.")],
    requests: Annotated[list[Path], typer.Argument(metavar="REQUEST...", help="One a member.")],
    out: Out = None,
) -> None:
    """Coordinator: lay terms and requests together; every rule is checked, nothing is signed."""
    from tongbao.cli.commands.network.found_show import show_derived
    from tongbao.kernel.codes import Refusal, require
    from tongbao.node.clock import utc_ms
    from tongbao.node.comet.ceremony.codes import FoundingCode
    from tongbao.node.comet.ceremony.deriving import derive
    from tongbao.node.comet.ceremony.documents import Founding, Request, Terms
    from tongbao.node.comet.ceremony.reading import read

    try:
        agreed = read(terms_file, Terms)
        names: dict[str, str] = {"": terms_file.name}
        given = []
        for path in requests:
            one = read(path, Request)
            party = one.member.party
            require(
                party not in names, FoundingCode.GIVEN_TWICE, file=path.name, field="party",
                value=party, other=names.get(party, ""),
            )  # fmt: skip
            names[party] = path.name
            given.append(one)
        given.sort(key=lambda one: one.member.party)
        made = Founding(time_ms=utc_ms(), terms=agreed, requests=tuple(given))
        derived = derive(terms_file.name, made, names)
    except Refusal as refusal:
        refused(refusal)
    file = out or terms_file.with_name("founding.json")
    write(file, made)
    show_derived(derived, file, (), all_events=False)


# ---- check ---------------------------------------------------------------------------------------


@found.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="Request, terms, founding or approval file.")],
    approvals: Annotated[
        list[Path] | None, typer.Argument(metavar="[APPROVAL]...", help="Of the founding file.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every opening action in words, not the first thirty.")
    ] = False,
) -> None:
    """Hold a file to every rule and say what it means: digest, members, power, terms, openings."""
    from tongbao.cli.commands.network.found_show import show_derived, show_document
    from tongbao.kernel.codes import Refusal
    from tongbao.node.comet.ceremony.checking import check_terms
    from tongbao.node.comet.ceremony.deriving import derive, try_request
    from tongbao.node.comet.ceremony.documents import Founding, Request, Terms
    from tongbao.node.comet.ceremony.reading import read_any

    try:
        document = read_any(file)
        if isinstance(document, Founding):
            derived = derive(file.name, document)
            given = approved(derived, approvals or [])
            show_derived(derived, file, given, all_events=everything)
            return
        if isinstance(document, Request):
            try_request(file.name, document)
        elif isinstance(document, Terms):
            check_terms(file.name, document)
    except Refusal as refusal:
        refused(refusal)
    show_document(file, document)

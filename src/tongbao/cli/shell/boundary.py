"""The outermost line of every command: whatever happens inside ends in a sentence and a status.

0 done, 1 refused, 2 typed wrongly, 3 a fault that somebody has to look at. Nobody is shown a
traceback; TONGBAO_DEBUG=1 asks for it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import typer
from typer._click.exceptions import ClickException

from tongbao.cli.shell import languages
from tongbao.cli.shell.output import EXIT_HALTED, EXIT_REFUSED, EXIT_USAGE, output
from tongbao.kernel.wording import Text, message
from tongbao.sdk.quantities import BadQuantity
from tongbao.words import Both

EXIT_INTERRUPTED = 130
DEBUG = "TONGBAO_DEBUG"
_SYSTEM = (
    message("No such file or directory"),
    message("Permission denied"),
    message("Operation not permitted"),
    message("Is a directory"),
    message("Not a directory"),
    message("File exists"),
    message("No space left on device"),
    message("File name too long"),
    message("Read-only file system"),
    message("Address already in use"),
    message("Directory not empty"),
    message("Too many open files"),
)
"""What the operating system says."""


def guarded(command: Callable[[], Any]) -> int:
    """The status of a command that is run to its end, or of the fault that ended it."""
    try:
        try:
            status = command()
            sys.stdout.flush()
        except (SystemExit, KeyboardInterrupt, BrokenPipeError):
            raise
        except BaseException as fault:  # a panic of the core is no Exception
            _tell(fault)
    except SystemExit as end:
        status = end.code
        if isinstance(status, str):
            sys.stderr.write(f"{status}\n")
            return EXIT_REFUSED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output is gone; nothing may be written at the end either.
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
        return EXIT_USAGE
    return status if isinstance(status, int) else 0


def _tell(fault: BaseException) -> NoReturn:
    if os.environ.get(DEBUG):
        raise fault
    if isinstance(fault, typer.Abort):
        typer.echo(languages.aborted(output.language), err=True)
        raise SystemExit(EXIT_REFUSED)
    if isinstance(fault, ClickException):
        _tell_usage(fault)
    if isinstance(fault, BadQuantity):
        output.fail("{fault}", fault=fault)
    if isinstance(fault, OSError):
        _tell_system(fault)
    kinds = {one.__name__ for one in type(fault).__mro__}  # none of them is imported for this
    if kinds & {"DamagedFile", "StorageFault"}:
        output.fail("{fault}", None, EXIT_HALTED, fault=fault)
    if kinds & {"WalletFault", "HomeFault", "StoreBusy"}:
        output.fail("{fault}", fault=fault)
    if isinstance(fault, UnicodeError):
        output.fail("what was read is not text in UTF-8")
    if isinstance(fault, RecursionError):
        output.fail("what was read is nested too deeply")
    if type(fault).__module__.startswith(("msgspec", "json")):
        output.fail("what was read is not in the form that is expected: {fault}", fault=fault)
    if hasattr(fault, "code") and hasattr(fault, "values"):  # a Refusal of any module
        answer = {"code": int(fault.code), "name": fault.code.name}
        output.fail("{fault}", answer, fault=fault)
    _tell_own(fault)


def _tell_usage(fault: ClickException) -> NoReturn:
    if output.json:
        english = fault.format_message()
        words = languages.catalogue("zh")
        output.fail(Both(english, words.fault(english)), {"usage": True}, fault.exit_code)
    languages.tell(fault, output.language)
    raise SystemExit(fault.exit_code)


def _tell_system(fault: OSError) -> NoReturn:
    where = [str(name) for name in (fault.filename, fault.filename2) if name]
    reply = Text(fault.strerror) if fault.strerror in _SYSTEM else str(fault)
    output.fail("{place}: {fault}" if where else "{fault}", place=", ".join(where), fault=reply)


def _tell_own(fault: BaseException) -> NoReturn:
    """A fault of this program: say so, and how to see more."""
    what = f"{type(fault).__name__}: {fault}".strip(": ").partition("\n")[0][:300]
    output.fail(
        "tongbao met a fault of its own ({what}). What was acknowledged before stands. To"
        " see where it happened, run the command again with {debug}=1, and report it",
        {"fault": type(fault).__name__},
        EXIT_HALTED,
        what=what,
        debug=DEBUG,
    )

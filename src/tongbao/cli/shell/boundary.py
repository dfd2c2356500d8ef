"""The outermost line of every command: whatever happens inside ends in a sentence and a status.

0 done, 1 refused, 2 typed wrongly, 3 a fault that somebody has to look at. Nobody is shown a
traceback; TONGBAO_DEBUG=1 asks for it.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import typer
from typer._click.exceptions import ClickException

from tongbao.cli.shell import languages
from tongbao.cli.shell.output import EXIT_HALTED, EXIT_REFUSED, EXIT_USAGE, output
from tongbao.sdk.quantities import BadQuantity

EXIT_INTERRUPTED = 130
DEBUG = "TONGBAO_DEBUG"
_SYSTEM = {
    errno.ENOENT: "没有该文件或目录", errno.EACCES: "没有权限", errno.EPERM: "不允许该操作",
    errno.EISDIR: "是目录", errno.ENOTDIR: "不是目录", errno.EEXIST: "已存在",
    errno.ENOSPC: "磁盘空间不足", errno.ENAMETOOLONG: "名称过长", errno.EROFS: "文件系统只读",
    errno.EADDRINUSE: "地址已被占用", errno.ENOTEMPTY: "目录非空", errno.EMFILE: "打开的文件过多",
}  # fmt: skip
"""What the operating system says, in Chinese."""


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
        output.fail(fault.en, fault.zh)
    if isinstance(fault, OSError):
        _tell_system(fault)
    kinds = {one.__name__ for one in type(fault).__mro__}  # none of them is imported for this
    if kinds & {"DamagedFile", "StorageFault"}:
        output.fail(str(fault), languages.chinese(fault), status=EXIT_HALTED)
    if kinds & {"WalletFault", "HomeFault", "StoreBusy"}:
        output.fail(str(fault), languages.chinese(fault))
    if isinstance(fault, UnicodeError):
        output.fail("what was read is not text in UTF-8", "读取的内容不是 UTF-8 文本")
    if isinstance(fault, RecursionError):
        output.fail("what was read is nested too deeply", "读取的内容嵌套过深")
    if type(fault).__module__.startswith(("msgspec", "json")):
        output.fail(
            f"what was read is not in the form that is expected: {fault}",
            f"读取的内容格式不符：{languages.chinese(fault)}",
        )
    if hasattr(fault, "code") and hasattr(fault, "values"):  # a Refusal of any module
        name = fault.code.name
        output.fail(f"{fault.code.text(dict(fault.values))} ({name})",
                    languages.chinese(fault), {"code": int(fault.code), "name": name})  # fmt: skip
    _tell_own(fault)


def _tell_usage(fault: ClickException) -> NoReturn:
    if output.json:
        english = fault.format_message()
        words = languages.catalogue("zh")
        output.fail(english, words.fault(english), {"usage": True}, status=fault.exit_code)
    languages.tell(fault, output.language)
    raise SystemExit(fault.exit_code)


def _tell_system(fault: OSError) -> NoReturn:
    where = "".join(f"{name}: " for name in (fault.filename, fault.filename2) if name)
    said = fault.strerror or str(fault) or type(fault).__name__
    known = _SYSTEM.get(fault.errno or 0, said)
    output.fail(f"{where}{said}", f"{where.replace(': ', '：')}{known}")


def _tell_own(fault: BaseException) -> NoReturn:
    """A fault of this program: say so, and how to see more."""
    what = f"{type(fault).__name__}: {fault}".strip(": ").partition("\n")[0][:300]
    output.fail(
        f"tongbao met a fault of its own ({what}). What was acknowledged before stands. To see"
        f" where it happened, run the command again with {DEBUG}=1, and report it",
        f"tongbao 遇到自身故障（{what}）。此前已确认的结果不受影响。如需定位，"
        f"请设置 {DEBUG}=1 重新执行并反馈",
        {"fault": type(fault).__name__},
        status=EXIT_HALTED,
    )

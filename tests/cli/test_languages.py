"""Whatever a command says of itself is stated in Chinese too."""

from __future__ import annotations

import ast
import gettext
import os
import re
import string
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from rich.cells import cell_len
from tests.cli.conftest import TONGBAO, Shell

import catalogues
import translations
from tongbao.cli import main
from tongbao.cli.shell import languages
from tongbao.cli.shell.output import Output, output
from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.kernel.wording import Text
from tongbao.node.application import BACK, StorageFault
from tongbao.node.home import HomeFault
from tongbao.sdk.wallet import WalletFault

ZH = catalogues.LOCALE / "zh" / "LC_MESSAGES" / "tongbao.po"
NAMES = {"JSON", "LEI", "UETR", "pacs.002, pacs.004, camt.054", "Value error, {fault}"}
"""Texts that hold no word to translate."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_ENGLISH = re.compile(
    r"Usage:|Options:|Commands:|Arguments:|\[OPTIONS\]|\[ARGS\]|\[required\]|default:|env var|<str>"
    r"|Show this message"
)


@pytest.fixture(scope="module")
def reply() -> dict[str, str]:
    """Every text that is stated -> where."""
    return translations.texts()


@pytest.fixture(scope="module")
def written() -> Catalog:
    """The Chinese catalogue."""
    return catalogues.read(ZH)


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process speaks Chinese until the test is over."""
    monkeypatch.setattr(output, "language", "zh")
    monkeypatch.setenv("TONGBAO_LANG", "zh")
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setenv("COLUMNS", "80")
    yield
    gettext.textdomain("messages")


def test_every_text_of_a_help_page_has_a_translation(
    reply: dict[str, str], written: Catalog
) -> None:
    missing = translations.missing(written, reply)
    assert not missing, (
        f"run `make translations` and write the msgstr of these in {ZH.name}:\n"
        + "\n".join(missing)
    )


def test_every_translation_is_of_a_text_that_is_still_said(
    reply: dict[str, str], written: Catalog
) -> None:
    left_over = translations.left_over(written, reply)
    assert not left_over, "run `make translations`; nobody says any more:\n" + "\n".join(left_over)


def test_translations_are_chinese_and_keep_the_names_in_braces(written: Catalog) -> None:
    for message in written:
        if not message.id:
            continue
        english, text = str(message.id), str(message.string)
        assert _places(text) == _places(english), english
        reply = re.search(r"[^\W\d_]", re.sub(r"\{[^}]+\}|`[^`]+`", "", english))
        typed = english.strip().startswith("tongbao ")
        assert _CHINESE.search(text) or typed or not reply or english in NAMES, english
        assert not _CHINESE.search(english), english


def test_the_compiled_catalogue_is_what_is_written(written: Catalog) -> None:
    with ZH.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    assert {(m.context and m.context.decode(), m.id): m.string for m in compiled if m.id} == {
        (m.context, m.id): m.string for m in written if m.id
    }


@pytest.mark.usefixtures("chinese")
def test_no_help_page_in_chinese_has_a_heading_or_a_mark_in_english() -> None:
    for path, page in _pages():
        found = _ENGLISH.search(page)
        assert found is None, (path, found, page)
        assert "用法：" in page and "选项：" in page, path


@pytest.mark.usefixtures("chinese")
def test_help_pages_in_chinese_fit_the_terminal_with_their_columns_in_line() -> None:
    for path, page in _pages():
        starts = set()
        for line in page.splitlines():
            unbroken = max(map(cell_len, line.split()), default=0)
            assert cell_len(line) <= max(80, 30 + unbroken), (path, line)
            if re.match(r"  -", line) and (cells := re.match(r"(  \S.*?  +)\S", line)):
                starts.add(cell_len(cells[1]))
        assert len(starts) <= 1, (path, page)


def test_every_table_in_the_code_has_heads_that_are_collected() -> None:
    """A table of another shape would be printed with heads that no catalogue knows."""
    known = {"columns", "list(columns)"}
    for path in sorted((translations.ROOT / "src" / "tongbao" / "cli").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "output.table":
                heads = node.args[1]
                reported = isinstance(heads, ast.List) or ast.unparse(heads) in known
                assert reported, f"{path.name}:{node.lineno}: name the heads `columns`"


@pytest.mark.usefixtures("chinese")
def test_heads_of_tables_are_printed_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    Output().table("", ["time (UTC)", "payer", "nobody knows this"], [["1", "2", "3"]])
    printed = capsys.readouterr().out
    assert "时间（UTC）" in printed and "付款方" in printed and "nobody knows this" in printed


FAULTS = {
    ("pay", "list", "--limit", "x"): "'--limit' 的值无效：应为整数",
    ("pay", "list", "--limit", "0"): "'--limit' 的值无效：须大于或等于 1",
    ("pay", "list", "--limit", "100001"): "'--limit' 的值无效：须小于或等于 100000",
    ("pay", "list", "--limi", "1"): "没有选项 --limi（可用选项：--limit）",
    ("pay", "list", "--limit"): "选项 '--limit' 需要一个值。",
    ("pay", "list", "x"): "多余的参数（x）",
    ("pay", "lis"): "没有命令 'lis'。您是否要用 'list'？",
    ("zzzzzz",): "没有命令 'zzzzzz'。",
    ("pay", "track"): "缺少参数 'UETR'。",
    ("pay", "hold", "--payer", "a/b"): "缺少选项 '--payee'。",
    ("pay", "list", "--lang", "fr"): "'--lang' 的值无效：'fr' 不在可选值之中：en, zh。",
    ("pay", "file", "nowhere.xml"): "文件 'nowhere.xml' 不存在。",
    ("dev", "--exit=1"): "选项 '--exit' 不带值。",
}


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("words", FAULTS, ids=" ".join)
def test_a_command_that_cannot_be_read_is_told_in_chinese(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["tongbao", *words])
    with pytest.raises(SystemExit) as ended:
        main.main()
    reported = capsys.readouterr().err
    assert ended.value.code == 2
    assert FAULTS[words] in reported
    assert not re.search("Usage|Try '|Error|Invalid", reported)


@pytest.mark.parametrize(
    ("fault", "reported"),
    [
        (WalletFault(
            "there is no key {name} in {folder}; there are: {near}",
            name="a--b", folder="x", near="c",
        ), "x 中没有密钥 a--b；已有：c"),
        (HomeFault("{path}: {fault}", path="/x/node.toml", fault="it is odd"),
         "/x/node.toml：it is odd"),
        (StorageFault(
            "block {height} was altered: {fault}", height=7,
            fault=Text("the store was founded by another genesis. {back}", back=Text(BACK)),
        ),
         "区块 7 已被改动：存储由另一份创世文件创建。请放回与之对应的 genesis.json"),
        (Refusal(KernelCode.WRONG_CHAIN, {}), "交易"),
        (OSError("disk full"), "disk full"),
    ],
)  # fmt: skip
def test_a_fault_below_the_commands_is_told_in_chinese(fault: Exception, reported: str) -> None:
    assert languages.chinese(fault).startswith(reported)


def test_a_refusal_of_the_node_is_told_in_chinese(shell: Shell) -> None:
    printed = shell.run("--lang", "zh", "account", "show", "no/such", status=1)
    assert "不存在" in printed or "没有" in printed
    assert "there is no" not in printed


def test_what_typer_says_and_nobody_translated_stays_as_it_is() -> None:
    assert languages.catalogue("zh").fault("Error: Something new") == "错误：Something new"
    assert languages.catalogue("zh").text("Something new. Several times for more.") is None


def test_the_language_stands_anywhere_or_in_the_environment(tmp_path: Path) -> None:
    bare = {k: v for k, v in os.environ.items() if k not in languages._VARIABLES}
    english = _printed({**bare, "LANG": "C.UTF-8"}, "network", "up", "--help")
    assert english.startswith("Usage: tongbao network up [OPTIONS] {folder}")
    for environment, words in (
        ({"LANG": "C.UTF-8"}, ("--lang", "zh", "network", "up", "--help")),
        ({"LANG": "C.UTF-8"}, ("network", "up", "--help", "--lang=zh")),
        ({"LANG": "zh_CN.UTF-8"}, ("network", "up", "--help")),
    ):
        page = _printed({**bare, **environment}, *words)
        assert page.startswith("用法：tongbao network up [选项] {folder}"), words
    assert "必填" in _printed({**bare, "LANG": "C.UTF-8"}, "--lang", "zh", "pay", "hold", "-h")


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "en_GB.UTF-8"}, "zh"),
        ({"LANGUAGE": "zh:en", "LC_ALL": "de_DE"}, "zh"),
        ({"TONGBAO_LANG": "en", "LANGUAGE": "zh"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_environment_is_asked_in_the_order_of_gettext(
    variables: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in languages._VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert languages.environment_language() == language


def _pages() -> Iterator[tuple[str, str]]:
    tree = main.whole_tree()
    languages.speak(tree, "zh")
    for path, command in languages.commands_of(tree):
        context: Any = command.context_class(command, info_name=path)
        yield path, command.get_help(context)


def _places(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


def _printed(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [str(TONGBAO), *words], capture_output=True, text=True, env=environment, timeout=60,
        check=True,
    )  # fmt: skip
    return done.stdout

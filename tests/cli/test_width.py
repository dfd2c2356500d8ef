"""Every list and every document, with what a ledger really holds, within 80 columns."""

from __future__ import annotations

import os
import pty
import struct
import subprocess
import termios
from fcntl import ioctl

import pytest
from tests.cli.conftest import TONGBAO, Shell

from tongbao.cli.shell import layout

pytestmark = pytest.mark.xdist_group("cli")
PAYER, PAYEE = "bank-north/6217880000000000002", "mingda/main"
LISTS = (
    "balances", "balances mingda", "find width-test", "find hengtong", "status", "codes",
    "account list", "account show hengtong/main", f"account entries {PAYEE}",
    "account holds", "account scheduled", "party list", "party show hengtong",
    "party proposals hengtong", "asset list", "asset show CNY", "tx list", "block list",
    "block show 1", "tx show hengtong:WIDTH-1",
    "fx offers", "fx offers --all", "fx trades", "fx quotes", "fx rates",
    "fx book EUR HKD", "fx pool list", "fx pool shares", "fx quote 1000 EUR --to CNY --no-ecb",
    "fx routes 1000 EUR --to CNY", "corridor list", "corridor show EUR-CNY",
    "corridor charges hanse-bank/fees", "pay list", "rtgs queues", "rtgs payments",
    "settle list", "governance members", "governance votes", "desk list", "desk limits",
    "keys list",
)  # fmt: skip


def screen_of(shell: Shell, language: str, *words: str) -> str:
    """What stands on a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    env = {**os.environ, "TONGBAO_LANG": language, "NO_COLOR": "1"}
    env.pop("COLUMNS", None)
    command = [str(TONGBAO), *words, "--home", str(shell.home)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.STDOUT,
        cwd=shell.folder, env=env,
    ) as process:  # fmt: skip
        os.close(theirs)
        printed = b""
        while True:
            try:
                part = os.read(ours, 65_536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            printed += part
    os.close(ours)
    text = printed.decode().replace("\r\n", "\n")
    assert process.returncode == 0, (words, text)
    return text


@pytest.fixture(scope="module")
def lived_in(shell: Shell) -> Shell:
    """A ledger with long ids, long words, a hold, a scheduled transfer, an offer, a proposal."""
    words = "width-test 十二月的货款与运费，第一批 and the rest of what was agreed in October"
    shell.run("pay", "send", "hengtong/main", PAYEE, "12,345,678.90", "CNY", "--remittance", words,
              "--name", "WIDTH-1")  # fmt: skip
    due = ("--asset", "CNY", "--due-at", "+2h", "--as", "hengtong")
    ends = ("--payer", "hengtong/main", "--payee", PAYER)
    shell.run("pay", "hold", *ends, "--amount", "9,999,999.99", *due)
    shell.run("pay", "schedule-transfer", *ends, "--amount", "9.99", "--remittance", words, *due)
    shell.run("pay", "transfer", *ends, "--amount", "1", "--asset", "CNY", "--propose")
    return shell


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", LISTS)
def test_nothing_is_wider_than_the_screen_but_what_is_to_be_typed(
    lived_in: Shell, command: str, language: str
) -> None:
    printed = screen_of(lived_in, language, *command.split())
    wide = [one for one in printed.splitlines() if layout.width(one) > 80]
    assert not [one for one in wide if not one.lstrip().startswith(("tongbao ", "--cursor "))]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_ids_and_remittances_are_whole_on_a_narrow_screen(lived_in: Shell, language: str) -> None:
    hold = lived_in.json("account", "holds", "--party", "hengtong")["items"][0]["hold"]
    assert hold in screen_of(lived_in, language, "account", "holds", "--party", "hengtong")
    entries = screen_of(lived_in, language, "account", "entries", "hengtong/main")
    assert "width-test" in entries
    assert "-12,345,678.90" in entries
    scheduled = lived_in.json("account", "scheduled", "--party", "hengtong")["items"][0]
    shown = screen_of(lived_in, language, "account", "scheduled", "--party", "hengtong")
    assert scheduled["schedule"] in shown
    assert "9.99 CNY" in shown


def test_who_signed_is_told_with_what_was_done(lived_in: Shell) -> None:
    said = lived_in.run("pay", "send", "hengtong/main", PAYEE, "1", "CNY", "--name", "SIGNED-1")
    assert "signed by hengtong/maker, hengtong/checker" in said
    assert "tongbao receipt get hengtong:SIGNED-1" in said


@pytest.mark.parametrize(
    ("command", "form"),
    [("tx show abc", "PARTY:REFERENCE"), ("receipt get abc", "0-9a-f x 64"),
     ("desk show D-nope", "D-xxxxxxxxxxxx"), ("pay track abc", "xxxxxxxx-xxxx-4xxx")],
)  # fmt: skip
def test_a_mistyped_id_is_told_how_one_is_written(shell: Shell, command: str, form: str) -> None:
    assert form in shell.run(*command.split(), status=1)
    chinese = shell.run(*command.split(), "--lang", "zh", status=1)
    assert "其写法为" in chinese and "BAD_ID" in chinese


@pytest.mark.parametrize(
    "command",
    ["fx book EUR CNX", "desk list --party hentong", "desk limits --party hentong",
     "account entries mingda/mian", "balances hentong", "fx trades CNX", "rtgs queue nope",
     "corridor charges bank/no", "account holds hengtong/mian"],
)  # fmt: skip
def test_what_is_mistyped_is_no_empty_table(shell: Shell, command: str) -> None:
    assert "there is no" in shell.run(*command.split(), status=1)

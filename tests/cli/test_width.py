"""Every list and every document, with what a ledger really holds, within 80 columns."""

from __future__ import annotations

import json
import os
import pty
import struct
import subprocess
import termios
from datetime import UTC, datetime
from fcntl import ioctl

import pytest
from tests.cli.conftest import TONGBAO, Shell

from tongbao.cli.shell import layout
from tongbao.cli.shell.output import Output
from tongbao.iso20022.initiation.example import payroll_file
from tongbao.scenarios.consortium import employee_account

pytestmark = pytest.mark.xdist_group("cli")
PAYER, PAYEE = "bank-north/6217880000000000002", "mingda/main"
LISTS = (
    "balances", "balances mingda", "find width-test", "find hengtong", "status", "codes",
    "account list", "account show hengtong/main", f"account entries {PAYEE}",
    "account holds", "account scheduled", "party list", "party show hengtong",
    "party proposals hengtong", "asset list", "asset show CNY", "tx list", "block list",
    "block show 1", "tx show hengtong:WIDTH-1",
    "fx offers", "fx offers --all", "fx trades", "fx quotes", "fx conversions", "fx rates",
    "fx pool changes",
    "fx book EUR HKD", "fx pool list", "fx pool shares", "fx quote 1000 EUR --to CNY --no-ecb",
    "fx routes 1000 EUR --to CNY", "corridor list", "corridor show EUR-CNY",
    "corridor charges --account hanse-bank/fees", "corridor servers", "corridor steps",
    "corridor screenings", "corridor sealing-keys", "pay list", "rtgs queues", "rtgs payments",
    "settle list", "governance members", "governance votes", "desk list", "desk limits",
    "keys list", "rtgs queue {queue}", "rtgs runs {queue}", "rtgs show {queued}",
    "rtgs limits --queue {queue}", "settle show {batch}", "desk show {file}", "pay track {uetr}",
    "corridor terms EUR-CNY", "party proposals hengtong --state open",
)  # fmt: skip
KNOWN: dict[str, str] = {}
"""What stands in braces above, as the ledger named it."""


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


def queued(shell: Shell) -> dict[str, str]:
    """A queue with a payment that waits and a netting, and a batch that waits for approvals."""
    north, south = "bank-north/main", "bank-south/main"
    shell.json("rtgs", "define", "--queue", "width", "--operator", "central-bank", "--assets",
               '["CNY", 1]', "--no-at-once", "--no-offset")  # fmt: skip
    sent = shell.json("rtgs", "submit", "--queue", "width", "--payer", north, "--payee", south,
                      "--amount", "9,000,000,000", "--asset", "CNY")  # fmt: skip
    shell.json("rtgs", "run", "--queue", "width", "--party", "central-bank")
    shell.json("rtgs", "set-limits", "--queue", "width", "--account", north, "--asset", "CNY",
               "--multilateral-amount", "100,000,000,000")  # fmt: skip
    legs = [
        {"sender": "bank-north", "receiver": "bank-south", "asset": "CNY",
         "amount": "123,456,789.00", "sender_account": north},
        {"sender": "bank-south", "receiver": "bank-north", "asset": "CNY", "amount": "0.90",
         "sender_account": south, "receiver_account": north},
    ]  # fmt: skip
    steps = [word for leg in legs for word in ("--steps", json.dumps(leg))]
    made = shell.json("settle", "batch", "--proposer", "bank-north", *steps, "--deadline-at", "+1h",
                      "--title", "two payments that settle together")  # fmt: skip
    return {"queued": sent["events"][0]["payment"], "batch": made["events"][0]["batch"]}


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
    sent = shell.json("pay", "send", "hengtong/main", PAYEE, "2", "CNY", "--remittance", words)
    KNOWN.update(uetr=sent["uetr"], queue="width", **queued(shell))
    file = shell.folder / "width.xml"
    file.write_bytes(payroll_file(3, "hengtong/main", [employee_account(n)[1] for n in (1, 2, 3)],
                                  seed=77, day=datetime.now(UTC).date()))  # fmt: skip
    KNOWN["file"] = shell.json("desk", "upload", file, "--as", "hengtong/maker")["file"]
    return shell


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", LISTS)
def test_nothing_is_wider_than_the_screen_but_what_is_to_be_typed(
    lived_in: Shell, command: str, language: str
) -> None:
    printed = screen_of(lived_in, language, *command.format(**KNOWN).split())
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


def test_amounts_of_queues_and_batches_are_in_units_with_their_asset(lived_in: Shell) -> None:
    for words in ("rtgs show {queued}", "rtgs queue {queue}", "rtgs payments --queue {queue}"):
        printed = screen_of(lived_in, "en", *words.format(**KNOWN).split())
        assert "9,000,000,000.00 CNY" in printed, printed
        assert KNOWN["queued"] in printed and "900000000000" not in printed
    assert "CNY" in screen_of(lived_in, "en", "rtgs", "runs", "width")
    assert "123,456,789.00 CNY" in screen_of(lived_in, "en", "settle", "show", KNOWN["batch"])
    assert KNOWN["batch"] in screen_of(lived_in, "en", "settle", "list")


def test_prices_and_amounts_of_offers_stand_on_a_narrow_screen_with_their_ids(
    lived_in: Shell,
) -> None:
    for command in ("offers", "quotes"):
        for one in lived_in.json("fx", command)["items"]:
            printed = screen_of(lived_in, "en", "fx", command)
            assert one.get("offer", one.get("quote")) in printed
    printed = screen_of(lived_in, "en", "fx", "offers")
    assert "price" in printed and "until (UTC)" in printed and "state" in printed


def test_states_are_told_in_chinese_as_what_they_are_states_of(lived_in: Shell) -> None:
    for words in (("settle", "show", KNOWN["batch"]), ("desk", "show", KNOWN["file"]),
                  ("settle", "list"), ("party", "proposals", "hengtong")):  # fmt: skip
        printed = screen_of(lived_in, "zh", *words)
        assert "进行中" in printed, printed
    assert "提案" in screen_of(lived_in, "zh", "party", "proposals", "hengtong")
    assert output_value("posted") == "已入账"


def output_value(state: str) -> str:
    """A state as a Chinese screen tells it."""
    made = Output()
    made.language = "zh"
    return made.value("state", state)


def test_who_signed_is_told_with_what_was_done(lived_in: Shell) -> None:
    reply = lived_in.run("pay", "send", "hengtong/main", PAYEE, "1", "CNY", "--name", "SIGNED-1")
    assert "signed by hengtong/maker, hengtong/checker" in reply
    assert "tongbao receipt get hengtong:SIGNED-1" in reply


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
     "corridor charges --account bank/no", "account holds hengtong/mian"],
)  # fmt: skip
def test_what_is_mistyped_is_no_empty_table(shell: Shell, command: str) -> None:
    assert "there is no" in shell.run(*command.split(), status=1)

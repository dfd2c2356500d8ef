"""What stands on a screen: whole amounts and ids, no markup, nothing that acts by itself."""

from __future__ import annotations

import io
import os
from typing import Any

import pytest

from tongbao.cli.shell import layout
from tongbao.cli.shell.output import Output

DIGEST = "c8d93d21ddbb7a11cf9e3ac2bed3b198f45339a1eeb1e8cc939979c4a5f740b2"
HEADS = ["time (UTC)", "amount", "remittance", "digest"]
ROWS = [
    ["2026-12-01 10:00:00", "1,250.50 CNY", "INV-17 for the second delivery of November", DIGEST],
    ["2026-12-02 10:00:00", "80,000,000.00 CNY", "", DIGEST],
]


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen() -> Screen:
    return Screen()


def at(monkeypatch: pytest.MonkeyPatch, columns: int, screen: io.StringIO | None = None) -> Output:
    monkeypatch.setenv("NO_COLOR", "1")
    if screen is not None:
        monkeypatch.setattr("sys.stdout", screen)
    monkeypatch.setattr("shutil.get_terminal_size", lambda *_: os.terminal_size((columns, 24)))
    made = Output()
    made.language = "en"
    return made


def test_a_narrow_terminal_leaves_out_what_matters_least_and_says_so(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, 80, screen).table("", HEADS, ROWS)
    printed = screen.getvalue()
    assert "Left out at this width: digest; a wider terminal or --json shows it." in printed
    assert "80,000,000.00 CNY" in printed
    assert all(layout.width(line) <= 80 for line in printed.splitlines())


def test_no_amount_id_or_moment_is_broken_at_any_width(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    for columns in range(20, 200):
        screen.truncate(0)
        screen.seek(0)
        at(monkeypatch, columns, screen).table("", HEADS, ROWS)
        printed = screen.getvalue()
        for row in ROWS:
            for place in (0, 1, 3):
                shown = row[place] in printed
                assert shown or row[place][:10] not in printed or "Left out" in printed


def test_a_wide_terminal_and_a_pipe_show_every_column_on_one_line_each(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, 200, screen).table("", HEADS, ROWS)
    wide = screen.getvalue()
    pipe = io.StringIO()
    at(monkeypatch, 20, pipe).table("", HEADS, ROWS)
    assert wide == pipe.getvalue()
    assert len(wide.splitlines()) == 3
    assert "\x1b" not in wide
    assert all(len([c for c in line.split("  ") if c.strip()]) == 4 for line in wide.splitlines())


@pytest.mark.parametrize(
    "text", ["[bold]x[/bold]", "[/]", "[red", "\\[x]", "[link=http://a]b[/link]"]
)
def test_markup_in_data_stays_text(
    text: str, screen: Screen, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shows = at(monkeypatch, 80, screen)
    shows.table(text, ["a", text], [[text, "1"]])
    shows.facts(text, {"a": text})
    shows.say(text, "green")
    assert screen.getvalue().count(text) == 6
    monkeypatch.setattr("sys.stderr", Screen())
    with shows.progress(text, 3) as step:
        step(1)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\x1b[2Jb", "a\\x1b[2Jb"), ("a\u202eb", "a\\u202eb"), ("a\tb", "a\\tb"), ("a\nb", "a\\nb"),
     ("a\x9bb", "a\\x9bb"), ("a\u2066b\u2069", "a\\u2066b\\u2069"), ("\udcff", "\\udcff")],
)  # fmt: skip
def test_what_would_act_on_a_screen_is_shown_escaped(
    text: str, shown: str, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    shows = at(monkeypatch, 80, screen)
    shows.table(text, ["a"], [[text]])
    shows.facts("", {"a": text})
    assert screen.getvalue().count(shown) >= 2
    assert text not in screen.getvalue() or "\n" in text


def test_wide_characters_count_two_columns(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 80, screen).table("", ["party", "name", "CNY"],
                              [["hengtong", "恒通制造", "1.00"], ["x", "ab", "22.00"]])  # fmt: skip
    lines = screen.getvalue().splitlines()
    assert {layout.width(line) for line in lines} == {layout.width(lines[0])}
    assert layout.wrap("恒通制造向明达精密支付", 8) == ["恒通制造", "向明达精", "密支付"]
    assert layout.wrap(f"Receipt: {DIGEST} end", 30) == ["Receipt:", DIGEST, "end"]


def test_an_empty_head_is_no_header_of_a_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    shows = at(monkeypatch, 80)
    shows.language = "zh"
    assert shows.word("") == ""


def test_steps_of_long_work_stay_on_the_screen_with_what_they_took(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reported: Any = Screen()
    monkeypatch.setattr("sys.stderr", reported)
    with at(monkeypatch, 80).steps() as step:
        step("Making keys")
        step("Starting")
    assert "✓ Making keys\n" in reported.getvalue()
    assert reported.getvalue().endswith("✓ Starting\n")
    quiet = io.StringIO()
    monkeypatch.setattr("sys.stderr", quiet)
    with at(monkeypatch, 80).steps() as step:
        step("Making keys")
    assert quiet.getvalue() == ""


def test_what_is_to_be_typed_stands_whole_on_its_own_line(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = "tongbao desk approve D-9469be0e1e87 --as hengtong/LABEL --and-what-it-takes"
    at(monkeypatch, 80, screen).say(f"  next, by another person: {command}", "")
    assert screen.getvalue().splitlines() == ["  next, by another person:", f"    {command}"]
    screen.truncate(0)
    screen.seek(0)
    at(monkeypatch, 80, screen).say(f"5 of 302 shown; the next ones: --cursor {DIGEST}", "")
    assert f"--cursor {DIGEST}" in screen.getvalue()


def test_a_fact_that_does_not_fit_beside_its_name_stands_whole_below_it(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, 80, screen).facts("", {"a name of seventeen": DIGEST, "height": "6"})
    lines = screen.getvalue().splitlines()
    assert lines == ["a name of seventeen", f"  {DIGEST}", "height               6"]


def test_an_empty_list_says_that_it_is_empty(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, 80, screen).table("Trades", ["time (UTC)"], [])
    assert screen.getvalue() == "Trades\ntime (UTC)\nNothing to show.\n"


def test_values_are_translated_under_a_head_that_is_translated_already(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    shows = at(monkeypatch, 80, screen)
    shows.language = "zh"
    shows.table("", ["状态", "scopes"], [["open", "*"]])
    assert screen.getvalue().splitlines()[1].split() == ["进行中", "全部"]

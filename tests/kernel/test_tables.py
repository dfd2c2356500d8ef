"""Tables: keys order as their parts do, and come back as the parts they were built from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tongbao.kernel.tables import Table

TEXT = st.text(st.characters(blacklist_characters="\0", codec="utf-8"), max_size=12)
NUMBER = st.integers(0, 2**64 - 1)

PAIRS: Table[int] = Table(b"\x7f\x01", "pairs", (str, str), int, "test")
TIMES: Table[int] = Table(b"\x7f\x02", "times", (int, str, str), int, "test")
BLOBS: Table[str] = Table(b"\x7f\x03", "blobs", (str, bytes), str, "test")


@given(TEXT, TEXT)
def test_text_parts_come_back(first: str, second: str) -> None:
    assert PAIRS.parts(PAIRS.key(first, second)) == (first, second)


@given(NUMBER, TEXT, TEXT)
def test_a_number_before_texts_comes_back(number: int, first: str, second: str) -> None:
    assert TIMES.parts(TIMES.key(number, first, second)) == (number, first, second)


@given(TEXT, st.binary(max_size=40))
def test_bytes_at_the_end_come_back_whatever_they_hold(first: str, rest: bytes) -> None:
    assert BLOBS.parts(BLOBS.key(first, rest)) == (first, rest)


@given(st.tuples(TEXT, TEXT), st.tuples(TEXT, TEXT))
def test_two_different_keys_never_share_their_bytes(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert (PAIRS.key(*one) == PAIRS.key(*other)) == (one == other)


@given(NUMBER, NUMBER)
def test_numbers_scan_in_numeric_order(one: int, other: int) -> None:
    assert (TIMES.key(one, "a", "b") < TIMES.key(other, "a", "b")) == (one < other)


@given(TEXT, TEXT, TEXT)
def test_a_prefix_catches_the_keys_that_start_with_its_parts_and_no_other(
    first: str, second: str, other: str
) -> None:
    prefix = PAIRS.key_prefix(first)
    assert PAIRS.key(first, second).startswith(prefix)
    if other != first:
        assert not PAIRS.key(other, second).startswith(prefix)


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_value_comes_back(value: int) -> None:
    assert PAIRS.decode(PAIRS.encode(value)) == value


def test_no_row_is_none() -> None:
    assert PAIRS.decode(None) is None

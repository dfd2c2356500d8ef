"""API tokens by address: each node is shown its own and no other's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tongbao.sdk.tokens import (
    TokenFault,
    Tokens,
    read_tokens,
    tokens_text,
)

A, B = "https://a.example", "http://b.example:8420"


def test_a_token_alone_is_for_the_first_node_that_is_asked_for() -> None:
    tokens = Tokens("s3cret", {B: "of-b"})
    assert tokens.of(f"{B}/v1/engine") == "of-b"
    assert [tokens.of(one) for one in (A, B, "https://c.example", f"{A}:443/")] == [
        "s3cret", "of-b", "", "s3cret",
    ]  # fmt: skip
    assert "s3cret" not in repr(tokens) and "of-b" not in repr(tokens)


def test_the_same_host_at_another_port_or_without_tls_is_another_node() -> None:
    tokens = Tokens(named={A: "of-a"})
    assert [tokens.of(one) for one in ("https://A.EXAMPLE", "http://a.example", f"{A}:8443")] == [
        "of-a", "", "",
    ]  # fmt: skip


def test_a_file_names_nodes_and_has_one_token_without_a_name(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"# from our partners\n\n{A}   of-a\nalone\n{B} of-b\n")
    tokens = read_tokens(file)
    assert [tokens.of(one) for one in (B, "https://c.example", A)] == ["of-b", "alone", "of-a"]
    assert tokens_text(tokens, (A, B, A, "https://d.example")) == f"{A} of-a\n{B} of-b\n"
    assert tokens_text(tokens, ("https://d.example",)) == ""


@pytest.mark.parametrize("line", ["first\nsecond-secret", "a.example second-secret", "x y secret"])
def test_a_line_that_is_none_is_named_by_its_number_and_never_shown(
    tmp_path: Path, line: str
) -> None:
    file = tmp_path / "tokens"
    file.write_text(line)
    with pytest.raises(TokenFault) as fault:
        read_tokens(file)
    assert "line" in str(fault.value) and "secret" not in str(fault.value)


def test_a_file_that_is_missing_too_long_or_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    for content in (None, b"a" * 70_000, b"\xff\xfe"):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(TokenFault):
            read_tokens(file)


def test_a_token_in_an_address_is_taken_out_of_it_and_put_back_for_who_sends_no_header() -> None:
    tokens = Tokens()
    assert tokens.split("https://node:a%2Fb@a.example/") == A
    assert tokens.of(A) == "a/b"
    assert tokens.with_token(f"{A}/v1/engine") == "https://node:a%2Fb@a.example/v1/engine"
    assert tokens.with_token(B) == B
    tokens.learn(A, "later")
    assert tokens.of(A) == "a/b"

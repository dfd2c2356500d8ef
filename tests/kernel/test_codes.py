"""Refusal codes are API: numbers are used once, and both languages name the same values."""

from __future__ import annotations

import string

import pytest

from tongbao.kernel.codes import Code, KernelCode, Refusal, Retry, refuse, require
from tongbao.kernel.genesis import GenesisCode
from tongbao.kernel.receipts import ReceiptCode
from tongbao.words import sentence, translated

ALL = [*KernelCode, *ReceiptCode, *GenesisCode]


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("code", ALL, ids=lambda code: code.name)
def test_both_languages_name_the_same_values(code: Code) -> None:
    assert fields(code.template) == fields(translated(code.template, "zh"))
    assert translated(code.template, "zh") != code.template


def test_no_number_stands_for_two_rules_and_none_is_zero() -> None:
    numbers = [int(code) for code in ALL]
    assert len(set(numbers)) == len(numbers)
    assert all(0 < number < 1000 for number in numbers)


def test_a_text_is_filled_with_the_values_of_the_refusal() -> None:
    with pytest.raises(Refusal) as caught:
        require(False, KernelCode.TOO_LARGE, size=5, limit=4)
    assert str(caught.value) == ("TOO_LARGE (1): the envelope has 5 bytes; at most 4 are accepted")
    assert "5" in sentence(caught.value.code.template, caught.value.values, "zh-CN")


def test_a_text_without_its_values_is_still_a_text() -> None:
    assert KernelCode.TOO_LARGE.text({}) == KernelCode.TOO_LARGE.english


def test_a_rule_that_holds_refuses_nothing() -> None:
    require(True, KernelCode.TOO_LARGE)
    with pytest.raises(Refusal):
        refuse(KernelCode.INTERNAL)


@pytest.mark.parametrize(
    "code",
    [
        KernelCode.EXPIRES_TOO_LATE,
        KernelCode.UNKNOWN_KEY,
        KernelCode.APPROVAL_MISSING,
        KernelCode.QUEUE_FULL,
        KernelCode.NODE_STOPPING,
    ],
    ids=lambda code: code.name,
)
def test_what_recorded_nothing_and_may_pass_later_may_be_sent_again(code: KernelCode) -> None:
    assert code.retry is Retry.SAME_BYTES

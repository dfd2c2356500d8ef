"""The light-client cases of the reference data: equal verdicts, every one, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from tests.differential.cases import list_cases, load_case
from tests.differential.comet_json import commit, header, times, validators
from tests.light import legacy
from tests.light.forms import light_client

from tongbao.kernel.codes import Refusal
from tongbao.kernel.light import EXPIRED, INVALID, LightBlock, Limits, step
from tongbao.kernel.receipts import Trust
from tongbao.sdk.light import LightCode, Options, TrustedStore
from tongbao.simulator.headers import HeaderChain, Member

pytestmark = pytest.mark.usefixtures("form")
SINGLE = "light-client/single_step/*.json"
BISECTION = "light-client/bisection/*.json"
Blocks = Callable[[list[dict[str, Any]]], list[LightBlock]]


def block_of(raw: dict[str, Any]) -> LightBlock:
    """A case's block in the encoding of v0.38."""
    both = raw["signed_header"]
    return LightBlock(
        int(both["header"]["height"]), header(both["header"]), commit(both["commit"]),
        tuple(validators(raw["validator_set"])) if "validator_set" in raw else (),
        tuple(validators(raw["next_validator_set"])),
    )  # fmt: skip


def test_every_single_step_has_the_verdict_of_the_case() -> None:
    equal, wrong = 0, []
    names = list_cases(SINGLE) or [SINGLE]
    for name in names:
        case = load_case(name)
        trusted = block_of(case["initial"])
        trusting_s = int(case["initial"]["trusting_period"]) // 1_000_000_000
        for place, one in enumerate(case["input"]):
            block = block_of(one["block"])
            found = step(trusted, block, Limits(times(one["now"])[0], trusting_s, drift_s=1))
            kind = INVALID if found.kind == EXPIRED else found.kind
            if kind.upper() == one["verdict"]:
                equal += 1
            else:
                wrong.append((name, place, one["verdict"], found))
            if one["verdict"] == "SUCCESS":
                trusted = block
    total = equal + len(wrong)
    print(f"single steps: {equal} of {total} verdicts equal, in {len(names)} cases")
    assert not wrong
    assert (total, len(names)) == (62, 20)


class Case:
    """The blocks of one bisection case, as a node that shows them."""

    def __init__(self, blocks: Iterable[LightBlock], name: str) -> None:
        self.blocks = {one.height: one for one in blocks}
        self.name = name

    def light_block(self, height: int | None) -> LightBlock:
        """The block at a height, or the newest."""
        return self.blocks[max(self.blocks) if height is None else height]


def resealed(raws: list[dict[str, Any]]) -> list[LightBlock]:
    """The same blocks in the encoding of v0.38, signed anew: keys of ours stand for those named.

    Heights, times, sets, powers and who signed are the case's.
    """
    made: list[LightBlock] = []
    for raw in raws:
        both = raw["signed_header"]
        chain = HeaderChain(lambda _: (), both["header"]["chain_id"])
        present = {
            one["validator_address"]
            for one in both["commit"]["signatures"]
            if one["block_id_flag"] == 2
        }
        members = members_of(raw["validator_set"])
        made.append(chain.make(
            int(both["header"]["height"]), made[-1] if made else None,
            members=tuple(members.values()),
            signers=[one for address, one in members.items() if address in present],
            following=tuple(members_of(raw["next_validator_set"]).values()),
            time_ms=times(both["header"]["time"])[0],
        ))  # fmt: skip
    return made


def members_of(raw: dict[str, Any]) -> dict[str, Member]:
    """Validators by address; the address gives the number of our key."""
    return {
        one["address"]: Member(int(one["address"][:12], 16), int(one["voting_power"]))
        for one in raw["validators"]
    }


def run(case: dict[str, Any], blocks: Blocks, judge: Any) -> tuple[str, int]:
    """`no error` or `error`, and how many blocks were verified on the way."""
    options, level = case["trust_options"], case["trust_options"]["trust_level"]
    primary = Case(blocks(case["primary"]["lite_blocks"]), "primary")
    witnesses = [
        Case(blocks(one["value"]["lite_blocks"]), f"witness {place}")
        for place, one in enumerate(case["witnesses"])
    ]
    root = primary.light_block(int(options["height"]))
    client = light_client(
        TrustedStore(Trust(case["primary"]["chain_id"], (), (root,))), primary, witnesses,
        Options(
            int(options["period"]) // 1_000_000_000,
            (int(level["numerator"]), int(level["denominator"])),
        ),
        clock=lambda: times(case["now"])[0], judge=judge,
    )  # fmt: skip
    try:
        reached = client.verify_to(int(case["height_to_verify"]))
    except Refusal as refusal:
        assert refusal.code in (LightCode.INVALID, LightCode.EXPIRED)
        return "error", 0
    return "no error", reached.verified


def test_every_bisection_case_ends_as_it_says_in_our_encoding() -> None:
    """How many blocks are verified on the way is each client's own affair, but for the worst case:
    there every block has another validator, so none can be left out."""
    names = list_cases(BISECTION) or [BISECTION]
    equal = 0
    for name in names:
        case = load_case(name)
        found, verified = run(case, resealed, step)
        print(name, found, verified)
        equal += found == case["expected_output"]
        if "worst_case" in name:
            assert verified == int(case["expected_num_of_bisections"]) == 10
    print(f"bisection, signed anew: {equal} of {len(names)} verdicts equal")
    assert equal == len(names) == 4


def test_every_sound_bisection_case_ends_as_it_says_in_its_own_bytes() -> None:
    """Headers and votes in the encoding before v0.34: judged by `legacy`, walked by the product.

    One file contradicts itself: most of its headers do not have the hashes that their commits
    name, and half of its votes are not by the keys it lists. No verifier can find `no error`.
    """
    names = list_cases(BISECTION) or [BISECTION]
    equal, unsound = 0, []
    for name in names:
        case = load_case(name)
        blocks = case["primary"]["lite_blocks"]
        if not all(map(legacy.is_sound, blocks)):
            unsound.append(name)
            continue
        root = blocks[0]["signed_header"]["header"]
        assert legacy.header_hash(root).hex().upper() == case["trust_options"]["hash"]
        found, verified = run(case, lambda raws: list(map(legacy.light_block, raws)), legacy.step)
        print(name, found, verified)
        equal += found == case["expected_output"]
    print(f"bisection, verbatim: {equal} of {len(names)} equal; contradict themselves: {unsound}")
    assert equal == 3
    assert unsound == ["light-client/bisection/_worst_case.json"]

"""Receipts, altered and whole, with what `tongbao verify` says of each: for other verifiers.

python -m tests.console.vectors FILE        writes them
"""

from __future__ import annotations

import argparse
import base64
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
from tests.console.altered import KINDS, Source
from tests.console.cases import Case
from tests.console.chains import crafted
from tests.console.encodings import encodings
from tests.scenarios.golden import STORIES, play

from tongbao.kernel.codes import Refusal
from tongbao.sdk.verifier import verify_file

SEED = 12
ALTERED = 1_000


def verdict(receipt: bytes, trust: bytes) -> dict[str, Any]:
    """What `tongbao verify` says."""
    try:
        proven = verify_file(receipt, trust)
    except Refusal as refusal:
        return {"verified": False, "code": int(refusal.code), "name": refusal.code.name}
    grounds = proven.grounds
    assert grounds is not None
    return {
        "verified": True,
        "height": proven.height,
        "position": proven.position,
        "time_ms": proven.time_ms,
        "digest": proven.digest.hex(),
        "grounds": list(grounds),
    }


def golden() -> list[Case]:
    """Every receipt of the scenarios."""
    cases = []
    for story in STORIES:
        with tempfile.TemporaryDirectory() as folder:
            played = play(story, Path(folder))
        cases += [Case(f"golden {story}", raw, played.genesis) for raw in played.receipts]
    return cases


def altered(whole: list[Case], count: int, seed: int) -> list[Case]:
    """Altered receipts of those in `whole` that are proven: every kind as often as any other."""
    draw = random.Random(seed)
    whole = [one for one in whole if verdict(one.receipt, one.trust)["verified"]]
    trusts = sorted({one.trust for one in whole})
    by_story: dict[str, list[Case]] = {}
    for one in whole:
        by_story.setdefault(one.kind, []).append(one)
    stories = list(by_story.values())
    cases: list[Case] = []
    for number in range(count):
        kind, alter = list(KINDS.items())[number % len(KINDS)]
        one = draw.choice(draw.choice(stories))
        trust = one.trust
        if kind == "another trust":
            trust = draw.choice(trusts)
        cases.append(Case(kind, alter(Source(one.receipt, draw)), trust))
    return cases


def write(path: Path, cases: list[Case]) -> Counter[str]:
    """Write the cases with their verdicts; how many have which."""
    trusts = {trust: place for place, trust in enumerate(dict.fromkeys(c.trust for c in cases))}
    counted: Counter[str] = Counter()
    plain = []
    for one in cases:
        found = verdict(one.receipt, one.trust)
        counted[found.get("name", "verified")] += 1
        raw = base64.b64encode(one.receipt).decode()
        plain.append({"kind": one.kind, "receipt": raw, "trust": trusts[one.trust], **found})
    files = [base64.b64encode(trust).decode() for trust in trusts]
    whole = [one for one, found in zip(cases, plain, strict=True) if found["verified"]]
    file = {"trusts": files, "cases": plain, **encodings(whole, SEED)}
    path.write_bytes(msgspec.json.encode(file))
    return counted


def all_cases(count: int = ALTERED, seed: int = SEED) -> list[Case]:
    """The receipts of the scenarios, receipts that scenarios do not have, and `count` altered."""
    whole = golden() + crafted()
    return whole + altered(whole, count, seed)


def main() -> None:
    """Write the file that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--altered", type=int, default=ALTERED)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    print(dict(write(given.path, all_cases(given.altered, given.seed))))


if __name__ == "__main__":
    main()

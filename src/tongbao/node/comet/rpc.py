"""The engine's own interface: JSON-RPC over HTTP on the loopback address."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, NamedTuple

import httpx
import msgspec

from tongbao import _core
from tongbao.kernel.validators import Validator

TIMEOUT_S = 10.0


class EngineFault(RuntimeError):
    """The engine does not answer, or answers with an error."""


class Certificate(NamedTuple):
    """Header and commit of a block, encoded."""

    header: bytes
    commit: bytes


class EngineRpc:
    """Questions to one engine. Thread-safe."""

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S) -> None:
        """`url` such as http://127.0.0.1:26657."""
        self.url = url.rstrip("/")
        # Plain HTTP on this machine: reading certificates would be for nothing.
        self._http = httpx.Client(
            base_url=self.url,
            timeout=timeout_s,
            trust_env=False,
            verify=False,  # noqa: S501
        )

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def ask(self, method: str, **parameters: Any) -> Any:
        """The result of one method; EngineFault where there is none."""
        [answer] = self._post([{"method": method, "params": parameters}])
        if "error" in answer:
            raise EngineFault(f"{method}: {error_text(answer)}")
        return answer["result"]

    def ask_all(self, methods: Sequence[str]) -> list[Any]:
        """The results of several methods without parameters, asked in one request."""
        answers = self._post([{"method": one, "params": {}} for one in methods])
        for method, answer in zip(methods, answers, strict=True):
            if "error" in answer:
                raise EngineFault(f"{method}: {error_text(answer)}")
        return [answer["result"] for answer in answers]

    def relay(self, call: bytes) -> bytes:
        """The engine's answer to one JSON-RPC call, as it came."""
        try:
            return self._http.post("/", content=call).content
        except httpx.HTTPError as fault:
            raise EngineFault(f"{self.url} does not answer: {fault}") from fault

    def _post(self, calls: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        body = [{"jsonrpc": "2.0", "id": place, **call} for place, call in enumerate(calls)]
        try:
            response = self._http.post("/", content=msgspec.json.encode(body))
            answers = msgspec.json.decode(response.content)
        except (httpx.HTTPError, msgspec.DecodeError, RecursionError) as fault:
            raise EngineFault(f"{self.url} does not answer: {fault}") from fault
        if isinstance(answers, dict):
            answers = [answers]
        try:
            ordered = sorted(answers, key=lambda one: int(one.get("id", 0)))
        except (AttributeError, TypeError, ValueError) as fault:
            raise EngineFault(f"{self.url} answers with something else than JSON-RPC") from fault
        if len(ordered) != len(calls):
            raise EngineFault(f"{self.url}: {len(ordered)} answers to {len(calls)} questions")
        return ordered

    def broadcast(self, envelopes: Sequence[bytes]) -> list[str]:
        """Put transactions into the engine's mempool; "" or the engine's objection for each."""
        answers = self._post([
            {"method": "broadcast_tx_async", "params": {"tx": base64.b64encode(raw).decode()}}
            for raw in envelopes
        ])  # fmt: skip
        return [error_text(one) if "error" in one else "" for one in answers]

    def status(self) -> dict[str, Any]:
        """What the engine says of itself: `node_info`, `sync_info`, `validator_info`."""
        answer: dict[str, Any] = self.ask("status")
        return answer

    def certificate(self, height: int) -> Certificate:
        """Header and commit at a height."""
        answer = self.ask("commit", height=str(height))
        try:
            signed = msgspec.json.encode(answer["signed_header"])
            return Certificate(*_core.signed_header_from_json(signed))
        except (KeyError, TypeError, ValueError) as fault:
            raise EngineFault(f"commit {height}: {fault}") from fault

    def validators(self, height: int) -> tuple[Validator, ...]:
        """Who signs the block at a height."""
        found: list[Validator] = []
        page = 1
        while True:
            answer = self.ask("validators", height=str(height), page=str(page), per_page="100")
            found += [
                Validator(base64.b64decode(one["pub_key"]["value"]), int(one["voting_power"]))
                for one in answer["validators"]
            ]
            if len(found) >= int(answer["total"]) or not answer["validators"]:
                return tuple(found)
            page += 1


def error_text(answer: dict[str, Any]) -> str:
    """What an error of the engine says."""
    error = answer["error"]
    return f"{error.get('message', '')}: {error.get('data', '')}"[:400]

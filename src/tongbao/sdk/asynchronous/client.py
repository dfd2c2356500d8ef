"""The client: what a node does and knows."""

from __future__ import annotations

from collections.abc import Iterable

from tongbao.sdk import calls
from tongbao.sdk.answers import Result
from tongbao.sdk.asynchronous.modules import AsyncModules
from tongbao.sdk.asynchronous.questions import AsyncQuestions


class AsyncClient(AsyncQuestions, AsyncModules):
    """Talks to one node. The blocking one is not for several threads at once."""

    async def submit(
        self, envelopes: Iterable[bytes], *, batch: int = calls.BATCH_COUNT, events: bool = False
    ) -> list[Result]:
        """Submit envelopes in batches; one result each, in order, refused ones too."""
        results: list[Result] = []
        for part in calls.submit(envelopes, batch, events=events):
            answered = await self.call(part)
            results.extend(answered)
        return results

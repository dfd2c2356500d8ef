"""Governance beside its lists: how validators decide now: `client.governance`."""

from __future__ import annotations

from tongbao.sdk.asynchronous.lists import AsyncGovernanceLists
from tongbao.sdk.calls import one
from tongbao.sdk.governance import GovernanceState


class AsyncGovernance(AsyncGovernanceLists):
    """Its lists, and how things stand."""

    async def current(self) -> GovernanceState:
        """How the validators decide, how much may move now, and which rules come next."""
        return await self._client.call(one("/v1/governance", GovernanceState))

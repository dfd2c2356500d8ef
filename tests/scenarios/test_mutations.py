"""What `make mutations` takes out of the ledger is still there to be taken out."""

from __future__ import annotations

import pytest
from tests.scenarios.mutations import MUTATIONS, Mutation
from tests.scenarios.test_rules_table import rows

from tongbao.simulator.modules import GENERATORS


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_a_mutation_names_a_rule_of_the_table_and_takes_it_out(mutation: Mutation) -> None:
    assert mutation.row in rows()
    assert set(mutation.focus) <= {tag.partition(".")[0] for tag in GENERATORS}
    with pytest.MonkeyPatch.context() as patch:
        mutation.revert(patch)  # refuses a name that is no longer there

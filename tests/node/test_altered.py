"""A node whose store is altered by one byte notices, and stops."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.node.altered import AT_START, HARMLESS, UNNOTICED, trials
from tests.node.conftest import founded

from tongbao.modules.payments import Transfer


def stopped_node(path: Path, payments: int = 30) -> Path:
    """The folder of a node that settled some payments and was stopped in order."""
    ledger = founded(path)
    ledger.engine.start()
    for amount in range(1, payments + 1):
        pay = Transfer(payer="hengtong/main", payee="mingda/main", asset="CNY", amount_minor=amount)
        assert ledger.send("hengtong", pay).outcome.code == 0
    ledger.engine.stop()
    ledger.app.state.close()
    return path


def test_no_altered_byte_of_the_store_goes_unnoticed_unless_it_says_nothing(
    tmp_path: Path,
) -> None:
    folder = stopped_node(tmp_path / "home")
    found = Counter(
        (trial.file, trial.noticed) for trial in trials(folder, tmp_path, 84, seed=20_261)
    )
    assert not [file for file, noticed in found if noticed == UNNOTICED], found
    assert sum(n for (_, noticed), n in found.items() if noticed == AT_START) > 40, found
    journal = {noticed for file, noticed in found if file.endswith(".jnl")}
    # One field says nothing: the size before compression of a row that is not compressed.
    assert AT_START in journal and journal <= {AT_START, HARMLESS}, found

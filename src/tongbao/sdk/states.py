"""The states that lists can be filtered by: what each thing can be in, and nothing else.

Nodes refuse any other word, so that a mistyped state is not an empty list. Documents keep their
state as text: a newer node may know more.
"""

from __future__ import annotations

from typing import Literal

DeskFileState = Literal["open", "released", "done", "cancelled"]
DeskPaymentState = Literal["ready", "refused", "settled", "rejected", "cancelled"]

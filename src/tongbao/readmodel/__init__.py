"""The read model: SQL tables that follow the blocks, and the questions to them.

It can be dropped and rebuilt from blocks at any time, and says at which height it stands. Where
older blocks are not in the store it begins with the state instead.
"""

from tongbao.readmodel.model import ReadModel, ReadModelFault
from tongbao.readmodel.paging import MAX_COUNTED, At, BadCursor, NoOrder, Page, Row
from tongbao.readmodel.queries import SqlQueries
from tongbao.readmodel.transactions import behind_block
from tongbao.readmodel.viewer import Viewer

__all__ = [
    "MAX_COUNTED",
    "At",
    "BadCursor",
    "NoOrder",
    "Page",
    "ReadModel",
    "ReadModelFault",
    "Row",
    "SqlQueries",
    "Viewer",
    "behind_block",
]

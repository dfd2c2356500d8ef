"""The read model: projections of events into SQL, and the queries on them.

It can be dropped and rebuilt from blocks at any time, and says at which height it stands.
"""

from tongbao.readmodel.model import ReadModel, ReadModelFault
from tongbao.readmodel.queries import BadCursor, Page, SqlQueries

__all__ = ["BadCursor", "Page", "ReadModel", "ReadModelFault", "SqlQueries"]

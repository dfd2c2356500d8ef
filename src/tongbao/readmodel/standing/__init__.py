"""The read model from the state as it stands, where the blocks before it are not in the store.

One file a module: how its tables become rows, without what happened before. A module that is not
here has nothing to tell, or the lists are not served at all: half a list would be a wrong answer.

What only older blocks know (a moment, who did it, what has ended) is left 0 or empty, never
guessed: moments of 0 sort before all others, which is where they belong.
"""

from tongbao.readmodel.standing.filling import CannotFill, fill

__all__ = ["CannotFill", "fill"]

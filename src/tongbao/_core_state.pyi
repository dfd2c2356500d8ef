"""Type stub of the part of `tongbao._core` beside the state: proofs, figures, scrubbing."""

from typing import TypedDict, final

Existence = tuple[bytes, bytes, list[tuple[bool, bytes]]]
"""Key, value, and from the leaf up: whether the sibling stands on the left, and its hash."""

class Proof(TypedDict):
    """Existence: `exists` alone. Absence: the neighbours by SHA-256 of the key, where there are."""

    exists: Existence | None
    left: Existence | None
    right: Existence | None

class StateStats(TypedDict):
    """Figures about a state."""

    leaves: int
    """Rows of the newest version."""
    versions: int
    """Versions that can be read and proved."""
    resident_bytes: int
    """Estimate of the memory held by the newest version."""
    undo_rows: int
    """Rows kept for older versions."""
    file_bytes: int
    """Size of the files; 0 in memory."""

@final
class Scrub:
    """One pass through all that a state keeps, in slices; made by `State.scrub`.

    Tables and value files are compared with their whole checksum, the journal with that of every
    batch, lists of files with the file that names them, rows in memory with the hashes of the tree.
    Reads pass by the system's cache where it lets us.
    """

    @property
    def total(self) -> int:
        """What the pass has to compare, in bytes; a row in memory counts for 128."""

    def step(self, budget: int, /) -> tuple[int, bool, tuple[str, str, int] | None]:
        """Compare about `budget` bytes without the GIL: (bytes, whether the pass is over, finding).

        A finding is (kind, place, offset): `checksum`, `journal`, `list`, `missing`, `unreadable`
        and `height` name a file, `row` the key of a row in memory. ValueError where the state was
        closed.
        """

@final
class Frozen:
    """One version of a state as it stands: later commits do not change it, and do not wait."""

    @property
    def height(self) -> int:
        """Its height."""

    @property
    def root(self) -> bytes:
        """Its root."""

    def export_snapshot(self, directory: str, chunk_bytes: int) -> list[bytes]:
        """Write it as files chunk-000000 and on; the SHA-256 of each file.

        The same rows give the same files. Beside one chunk it takes a pointer a row of memory.
        """

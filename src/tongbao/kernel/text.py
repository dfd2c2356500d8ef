"""Which characters a text on the ledger may hold: a list of our own, the same for ever.

`str.isprintable` asks the Unicode tables of the interpreter, and those grow: one release of Python
would refuse a name with a new Chinese character that another takes, and replicas on both would
part. Here a code point that Unicode has not assigned yet is allowed, so the answer never changes.
"""

from __future__ import annotations

import re

_BARRED = re.compile(
    "["
    "\x00-\x1f\x7f-\xa0"  # controls, and the blank that does not break
    "\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\ufeff\ufff9-\ufffb"  # formats
    "\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000"  # blanks, ends of lines, directions
    "\ud800-\uf8ff"  # surrogates and private use
    "\ufdd0-\ufdef\ufffe\uffff"  # no characters
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # formats
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff"  # tags, private use
    "]"
)


def is_plain(text: str) -> bool:
    """Whether a text holds printable characters alone, and no blank but the common one."""
    if text.isascii():
        return text.isprintable()  # determinism: ASCII alone
    return _BARRED.search(text) is None

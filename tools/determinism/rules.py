"""The tables behind the determinism lint: what is refused, and why."""

from __future__ import annotations

WHY_CLOCK = "replicas read different clocks; the block's time is the only one (view.time_ms)"
WHY_RANDOM = "two replicas draw different numbers; ids come from ledger.next_id()"
WHY_INJECT = "a generator draws only from the Random it is given, so that one seed replays all"
WHY_ENVIRONMENT = "machines differ in environment and platform; settings belong in the genesis"
WHY_NETWORK = "an answer from the network differs by replica and by day"
WHY_FILE = "files are not part of the agreed state; state lives in tables"
WHY_CONCURRENCY = "threads and tasks finish in any order; execution is one sequence"
WHY_FLOAT = "floats round differently from money; amounts are integers of minor units"
WHY_DIVISION = "`/` makes a float; use `//` or a named rounding rule of kernel.money"
WHY_HASH = (
    "its value depends on PYTHONHASHSEED or on memory; use kernel.hashing or the value itself"
)
WHY_ORDER = "the order of a set depends on PYTHONHASHSEED; sort it, or use a dict or tuple"
WHY_STATE = "state outside the tables is not under the root and survives a refused transaction"
WHY_SWALLOWED = "a hidden fault makes replicas disagree in silence; catch what is meant, or refuse"
WHY_CONTEXT = "decimal obeys an ambient, changeable context; use integers and kernel.money"
WHY_LIBRARY = (
    "its tables and rules change with its release, and replicas may have different ones; what the"
    " ledger decides by is ours and frozen (kernel/identifiers.py, kernel/currencies.py)"
)
WHY_UNICODE = "Unicode grows with the interpreter's release; use kernel.text, or an ASCII pattern"
WHY_MARK = "an exception to the lint says why: `# determinism: <reason>`"

_CLOCK = ("clock", WHY_CLOCK)
_RANDOM = ("randomness", WHY_RANDOM)
_ENVIRONMENT = ("environment", WHY_ENVIRONMENT)
_NETWORK = ("network", WHY_NETWORK)
_FILE = ("file", WHY_FILE)
_CONCURRENCY = ("concurrency", WHY_CONCURRENCY)

MODULES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("time", "calendar.timegm", "zoneinfo", "sched", "timeit"), _CLOCK),
    **dict.fromkeys(("random", "secrets", "uuid", "numpy"), _RANDOM),
    **dict.fromkeys(("os", "sys", "platform", "locale", "getpass", "pwd"), _ENVIRONMENT),
    **dict.fromkeys(
        ("socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "httpx", "requests",
         "aiohttp", "urllib3", "fastapi", "starlette", "uvicorn", "anyio"),
        _NETWORK,
    ),
    **dict.fromkeys(
        ("pathlib", "tempfile", "shutil", "glob", "fileinput", "sqlite3", "mmap", "shelve",
         "dbm", "io.open", "importlib.resources", "pkgutil"),
        _FILE,
    ),
    **dict.fromkeys(
        ("threading", "_thread", "multiprocessing", "concurrent", "asyncio", "queue", "signal",
         "subprocess", "select", "selectors", "contextvars", "gc", "weakref"),
        _CONCURRENCY,
    ),
    **dict.fromkeys(("cmath", "statistics", "math"), ("float", WHY_FLOAT)),
    "decimal": ("ambient-context", WHY_CONTEXT),
    "unicodedata": ("unicode-tables", WHY_UNICODE),
}  # fmt: skip
"""Import (by dotted prefix) -> (rule, why)."""

INTEGER_MATH = {
    *("math", "math.isqrt", "math.gcd", "math.lcm", "math.comb", "math.perm", "math.factorial"),
    "math.prod",
}
"""What `math` may be used for: functions of integers that stay integers."""

BUILTINS: dict[str, tuple[str, str]] = {
    "float": ("float", WHY_FLOAT),
    "complex": ("float", WHY_FLOAT),
    "hash": ("hash", WHY_HASH),
    "id": ("hash", WHY_HASH),
    "open": ("file", WHY_FILE),
    "print": ("file", WHY_FILE),
    "input": ("file", WHY_FILE),
    "breakpoint": ("file", WHY_FILE),
    "globals": ("global-state", WHY_STATE),
}
"""Built-in names that may not be read, called or passed on."""

CLOCK_METHODS = {"now", "utcnow", "today", "fromtimestamp", "utcfromtimestamp"}
UNICODE_METHODS = {
    "isprintable", "isalpha", "isalnum", "isdigit", "isdecimal", "isnumeric", "isidentifier",
    "isspace", "isupper", "islower", "istitle", "upper", "lower", "casefold", "capitalize", "title",
    "swapcase",
}  # fmt: skip
"""Methods of `str` that ask the interpreter's Unicode tables."""

LIBRARIES = {"tongbao", "msgspec"}
"""Beside the standard library, all that kernel and modules may import."""

FILE_METHODS = {"read_text", "read_bytes", "write_text", "write_bytes"}

SETTLED = {"sorted", "len", "any", "all", "min", "max", "set", "frozenset", "sum", "bool"}
"""Calls whose answer does not depend on the order of what they are given."""

ORDERED = {"list", "tuple", "enumerate", "iter", "next", "zip", "map", "filter", "reversed", "str",
           "repr", "fromkeys", "join", "extend", "deque", "chain", "from_iterable"}  # fmt: skip
"""Calls whose answer keeps the order of what they are given."""

SET_METHODS = {"union", "intersection", "difference", "symmetric_difference"}
MUTATORS = {"append", "extend", "insert", "add", "update", "setdefault", "pop", "popitem", "remove",
            "discard", "clear", "appendleft", "sort", "reverse", "__setitem__"}  # fmt: skip

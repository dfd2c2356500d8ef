"""English that is not ours or is put together: typer's words, and the frames around other words.

Each stands in the catalogue of every language like the texts of our own commands. A frame is shown
by its pattern: `{name}` is any text, and `{meaning}` and `{fault}` are translated by themselves.
"""

from __future__ import annotations

SEVERAL = "{meaning} Several times for more."
MOMENT = "{meaning} E.g. 2026-12-01T10:00+08:00 (no zone: UTC), or from now +30m, +12h, +7d."
ONE_OF = "{meaning} One of {names}."
AS_JSON = "{meaning} ({shape}, as JSON)"
IN_UNITS = "{meaning} In the asset's units, e.g. 1250.50."
WITH_ASSET = "{meaning} In units, with the asset: '1250.50 CNY'."

HELP_FRAMES = (SEVERAL, MOMENT, ONE_OF, AS_JSON, IN_UNITS, WITH_ASSET)
"""Around the meaning of an action's field."""

HELP_WORDS = (
    "Usage:", "[OPTIONS]", "COMMAND [ARGS]...", "Arguments", "Options", "Commands", "required",
    "default: {default}", "env var: {var}", "Show this message and exit.",
    "Install completion for the current shell.",
    "Show completion for the current shell, to copy it or customize the installation.",
    "<str>", "<int>", "<int range>", "<float>", "<float range>", "<bool>", "<path>", "<file>",
    "<dir>", "<list[str]>", "<list[Path]>", "<list[int]>",
)  # fmt: skip
"""What typer writes on a help page."""

SHAPES = ("text", "number", "yes or no", "bytes", "JSON", "none", "list of {shape}")
"""Of the fields of an action; other shapes are names of types and of values."""

FAULT_WORDS = (
    "Aborted!", "Try '{command} {option}' for help.", "Missing command.",
    "Input should be a valid integer, unable to parse string as an integer",
    "Input should be a valid number, unable to parse string as a number",
    "Input should be a finite number",
    "Input should be a valid boolean, unable to interpret input",
)  # fmt: skip
"""What typer writes about a command it cannot read."""

FAULT_FRAMES = (
    "Error: {fault}",
    "Invalid value for {name}: {fault}",
    "Invalid value: {fault}",
    "{fault} Did you mean {names}?",
    "{fault} (Possible options: {names})",
    "{fault} Choose from:\n\t{names}",
    "Missing option {name}.",
    "Missing argument {name}.",
    "Missing parameter: {name}",
    "No such option: {name}",
    "No such command {name}.",
    "Got unexpected extra argument(s) ({names})",
    "Option {name} requires an argument.",
    "Option {name} requires {number} arguments.",
    "Option {name} does not take a value.",
    "Argument {name} takes {number} values.",
    "Could not open file {name}: {fault}",
    "Value error, {fault}",
    "{value} is not one of {names}.",
    "Input should be greater than or equal to {number}",
    "Input should be less than or equal to {number}",
    "Input should be greater than {number}",
    "Input should be less than {number}",
    "{value} is not text in UTF-8.",
    "{value} is not a path.",
    "path {name} does not exist.",
    "file {name} does not exist.",
    "dir {name} does not exist.",
    "path {name} is not readable.",
    "file {name} is not readable.",
    "dir {name} is not readable.",
    "path {name} is not writable.",
    "file {name} is not writable.",
    "dir {name} is not writable.",
    "file {name} is a directory.",
    "dir {name} is a file.",
)
"""The same with something of the command in it; the outermost first."""

LABELS = (
    "decimals", "kind", "name", "name local", "policy", "issuing account", "issuer", "asset",
    "supply", "supply cap", "freezable", "clawback allowed", "state", "party", "roles",
    "jurisdiction", "lei", "uscc", "sponsor", "registered (UTC)", "chain", "genesis", "protocol",
    "version", "height", "time (UTC)", "block time (UTC)", "app hash", "oldest block", "waiting",
    "read model height", "zone", "hash", "transactions", "header", "commit", "evidence", "digest",
    "reference", "code", "text", "events", "values", "body", "signatures", "retry", "refusal",
    "block", "number", "account", "title", "servicer", "numbers", "pool", "asset a", "asset b",
    "fee bps", "shares", "charge bps", "queue", "payment", "payer", "payee", "amount",
    "priority", "pair", "position", "submitted (UTC)", "ended (UTC)", "reason", "vote", "opener",
    "opened (UTC)", "expires (UTC)", "decided (UTC)", "change", "note", "answers", "total power",
    "yes power", "no power", "next protocol", "next protocol height", "payee reference", "uetr",
    "created (UTC)", "operator", "clock", "remittance", "available now", "available after",
    "signed by", "batch", "created by", "reservable", "until (UTC)", "settles at (UTC)",
    "how", "run", "way", "served by",
    "open", "rounding", "SLEV is", "screeners", "terms since",
)  # fmt: skip
"""Of single documents, as `looking.shown` names their fields."""
STATES = (
    "active", "open", "closed", "frozen", "live", "revoked", "expired", "settled", "waiting",
    "cancelled", "refused", "returned", "credited", "held", "accepted", "released", "cleared",
    "ended", "filled", "used", "declined", "paid", "done", "carried", "rejected", "withdrawn",
    "paused", "suspended", "complete", "working", "executed", "lapsed",
    "ready", "sent", "approved", "planned", "pending", "posted",
)  # fmt: skip
"""In which things are; shown in the column or fact `state`."""
VALUES = tuple(
    (head, value)
    for head, values in {
        "roles": (
            "central_bank bank issuer core_enterprise supplier logistics exchange custodian"
            " auditor supervisor operator sender receiver maker"
        ),
        "state": "open posted credited",
        "kind": ("currency cbdc stablecoin deposit security other network corridor receiving_bank"),
        "policy": "open allow_list reference_required",
        "flags": (
            "frozen closed allow_list_required authorised issuing reference_required limited"
        ),
        "scope": (
            "* keys payments accounts assets parties exchange corridors settlement governance"
        ),
    }.items()
    for value in values.split()
)
"""Values of other columns and facts: the name of the column is their context."""

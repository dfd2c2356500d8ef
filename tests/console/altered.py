"""Every way to alter a receipt file that somebody might try, each drawn from a seed."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from tongbao import _core

BYTES = ("header", "next_header", "next_commit")
TEXTS = ("transaction", "result", "chain", "format")
NUMBERS = ("height", "index", "total")
ODD_NUMBERS = (
    "-1", "-0", "1.0", "1e2", "01", "0x1", "2147483647", "2147483648", "9223372036854775808",
    "null", "true", '"1"', "[]", "1E400", "9" * 4_300, "9" * 4_301, "1.", "-", "+1", "NaN", "1_0",
)  # fmt: skip
ODD_TEXTS = (
    r'"\ud800"', r'"\udc00\ud800"', r'"\ud83d\ude00"', r'"\u0000"', r'"\x"', '"\t"', "null", "1",
    "{}", r'"\u00e9"', '"\xe9"', '""', '"AA=="', '"AB=="', '"AA"', '"A==="', '"A-_="',
    r'"AAAA\n"', '"===="', r'{"code":1.0}', r'"{\"code\":-1}"', r'"{\"code\":4294967296}"',
    '"[]"', r'"{\"code\":0,\"code\":1}"', r'"{\"x\":\"\\ud800\"}"', r'"{\"x\":01}"',
)  # fmt: skip


class Source(NamedTuple):
    """A receipt file, and what chance is drawn from."""

    raw: bytes
    draw: random.Random

    def plain(self) -> dict[str, Any]:
        """The fields as JSON has them."""
        fields: dict[str, Any] = msgspec.json.decode(self.raw)
        return fields


Alter = Callable[[Source], bytes]


def _encode(fields: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(fields), indent=2)


def with_byte(raw: bytes, draw: random.Random) -> bytes:
    """One byte more, less or other."""
    place = draw.randrange(len(raw) + 1)
    how = draw.randrange(4)
    if how == 0 or place == len(raw):
        return raw[:place] + draw.randbytes(1) + raw[place:]
    if how == 1:
        return raw[:place] + raw[place + 1 :]
    return raw[:place] + bytes([raw[place] ^ draw.randrange(1, 256)]) + raw[place + 1 :]


def _base64_places(value: Any) -> list[tuple[Any, Any]]:
    """(container, key) of every base64 text below some fields."""
    if isinstance(value, dict):
        named = [key for key in (*BYTES, "commit") if key in value]
        below = [value[key] for key in value if isinstance(value[key], list)]
        return [(value, key) for key in named] + [at for one in below for at in _base64_places(one)]
    found: list[tuple[Any, Any]] = []
    for place, one in enumerate(value):
        if isinstance(one, str):
            found.append((value, place))
        elif isinstance(one, list | dict):
            found += _base64_places(one)
    return found


def byte_of_base64(source: Source) -> bytes:
    """A byte behind any base64 text."""
    fields = source.plain()
    container, key = source.draw.choice(_base64_places(fields))
    raw = with_byte(base64.b64decode(container[key]), source.draw)
    container[key] = base64.b64encode(raw).decode()
    return _encode(fields)


def letter_of_base64(source: Source) -> bytes:
    """A character of any base64 text."""
    fields = source.plain()
    container, key = source.draw.choice(_base64_places(fields))
    text = container[key]
    place = source.draw.randrange(len(text) + 1)
    letter = source.draw.choice("AZaz09+/=-_ \n")
    container[key] = text[:place] + letter + text[place + source.draw.randrange(2) :]
    return _encode(fields)


def digit_of_number(source: Source) -> bytes:
    """Another number."""
    fields = source.plain()
    name = source.draw.choice(NUMBERS)
    fields[name] += source.draw.choice((1, -1, 2, 10, 2**31 - 1 - fields[name], 2**64))
    return _encode(fields)


def odd_number(source: Source) -> bytes:
    """A number as it may not be written, or only just."""
    name = source.draw.choice(NUMBERS)
    return _written(source, name, source.draw.choice(ODD_NUMBERS))


def odd_value(source: Source) -> bytes:
    """A value of any field as it may not be written, or only just."""
    name = source.draw.choice((*BYTES, *TEXTS, "transaction_path", "validators"))
    return _written(source, name, source.draw.choice(ODD_TEXTS))


def _written(source: Source, name: str, text: str) -> bytes:
    fields = source.plain()
    fields[name] = "here"
    return _encode(fields).replace(b'"%s": "here"' % name.encode(), f'"{name}": {text}'.encode())


def character_of_text(source: Source) -> bytes:
    """One character more, less or other in the envelope, the outcome, or a name."""
    fields = source.plain()
    name = source.draw.choice(TEXTS)
    text = fields[name]
    place = source.draw.randrange(len(text) + 1)
    letter = source.draw.choice('1a"{}[]:, \n\\é好\U0001f600\x7f')
    fields[name] = text[:place] + letter + text[place + source.draw.randrange(2) :]
    return _encode(fields)


def byte_of_file(source: Source) -> bytes:
    """A byte of the file itself."""
    return with_byte(source.raw, source.draw)


def end_of_file(source: Source) -> bytes:
    """A file cut short, or with more at its ends."""
    raw = source.raw
    ends = (
        b"\xef\xbb\xbf" + raw,
        raw + b"x",
        raw + b" \n\t\r",
        b"\n" + raw,
        raw + b"\0",
        b"",
        raw * 2,
    )
    cut = raw[: source.draw.randrange(len(raw))]
    return source.draw.choice((*ends, cut))


def fields_of_file(source: Source) -> bytes:
    """A field left out, unknown, null or twice."""
    fields = source.plain()
    name = source.draw.choice(list(fields))
    how = source.draw.randrange(6)
    if how == 0:
        del fields[name]
    elif how == 1:
        fields[name + "s"] = fields[name]
    elif how == 2:
        fields[name] = None
    compact = msgspec.json.encode(fields)
    if how == 3:
        return compact[:-1] + b',"index":%d}' % source.draw.randrange(2)
    if how == 4:
        return b'{"index":"x",' + compact[1:]
    if how == 5:
        return b'{"\\u0063hain":"other",' + compact[1:]
    return compact


def validators(source: Source) -> bytes:
    """Validators left out, doubled, exchanged, or with another power or key."""
    fields = source.plain()
    sets = [fields["validators"]]
    sets += [
        one[key] for one in fields.get("path", []) for key in ("validators", "next_validators")
    ]
    chosen = source.draw.choice(sets)
    one = source.draw.randrange(len(chosen))
    how = source.draw.randrange(6)
    if how == 0:
        del chosen[one]
    elif how == 1:
        chosen.append(chosen[one])
    elif how == 2:
        chosen[one][1] = source.draw.choice(
            (0, -1, chosen[one][1] + 1, 2**60 - 1, 2**60, 2**64, 1.5)
        )
    elif how == 3:
        chosen[one][0] = base64.b64encode(source.draw.randbytes(32)).decode()
    elif how == 4:
        source.draw.shuffle(chosen)
    else:
        chosen[one] = source.draw.choice(
            ([], chosen[one][:1], [*chosen[one], 1], chosen[one][::-1])
        )
    return _encode(fields)


def signatures(source: Source) -> bytes:
    """Signatures exchanged, left out, doubled, moved in time or by somebody else."""
    fields = source.plain()
    places = [(fields, "next_commit"), *((one, "commit") for one in fields.get("path", []))]
    container, key = source.draw.choice(places)
    commit = _core.commit_fields(base64.b64decode(container[key]))
    signed = [
        (address, max(time, 0), signature) for _, address, time, signature in commit["signatures"]
    ]
    one = source.draw.randrange(len(signed))
    address, time, signature = signed[one]
    height, round_number = commit["height"], commit["round"]
    how = source.draw.randrange(8)
    if how == 0:
        source.draw.shuffle(signed)
    elif how == 1:
        signed[one] = (b"", 0, b"")
    elif how == 2:
        signed.append(signed[one])
    elif how == 3:
        signed[one] = (address, time + 1, signature)
    elif how == 4:
        signed[one] = (source.draw.randbytes(20), time, signature or bytes(64))
    elif how == 5:
        del signed[one]
    elif how == 6:
        height += source.draw.choice((1, -1))
    else:
        round_number += 1
    try:
        made = _core.make_commit(height, round_number, commit["block_id"], signed)
    except (ValueError, OverflowError):
        made = b""
    container[key] = base64.b64encode(made).decode()
    return _encode(fields)


def protobuf(source: Source) -> bytes:
    """An encoding that is not the canonical one, of the same value or of another."""
    fields = source.plain()
    places = [at for at in _base64_places(fields) if at[1] in (*BYTES, "commit")]
    container, key = source.draw.choice(places)
    raw = protobuf_bytes(base64.b64decode(container[key]), source.draw)
    container[key] = base64.b64encode(raw).decode()
    return _encode(fields)


def protobuf_bytes(raw: bytes, draw: random.Random) -> bytes:
    """Fields more, less, twice or in another order; numbers longer than they need to be."""
    how = draw.randrange(6)
    if how == 0:
        more = (b"\x78\x01", b"\x7a\x00", b"\x7b\x7c", b"\x80\x01\x00", b"\x00")
        return raw + draw.choice(more)
    if how == 1:
        return raw + raw[: draw.randrange(len(raw) + 1)]
    if how == 2:
        return raw.replace(b"\x08\x0b", b"\x08\x8b\x00", 1)
    if how == 3:
        return raw[2:]
    if how == 4 and len(raw) > 1:
        return bytes([raw[0], raw[1] | 0x80, 0]) + raw[2:]
    return b"\x18\x00" + raw


def path(source: Source) -> bytes:
    """Steps left out, doubled, exchanged; Merkle paths shorter, longer, turned round."""
    fields = source.plain()
    name = source.draw.choice(
        [key for key in ("path", "path", "transaction_path", "result_path") if key in fields]
    )
    steps = fields[name]
    how = source.draw.randrange(6)
    if how == 0 or not steps:
        steps += [*steps[:1], base64.b64encode(bytes(32)).decode()][:1]
    elif how == 1:
        del steps[source.draw.randrange(len(steps))]
    elif how == 2:
        steps.reverse()
    elif how == 3:
        source.draw.shuffle(steps)
    elif how == 4:
        steps.append(source.draw.choice(steps))
    elif name == "path":
        steps[source.draw.randrange(len(steps))]["height"] += source.draw.choice((1, -1, 2**62))
    else:
        fields[name] = []
    return _encode(fields)


def headers(source: Source) -> bytes:
    """A header with one field of another value, or exchanged for the other header."""
    fields = source.plain()
    name = source.draw.choice(("header", "next_header"))
    header = _core.header_fields(base64.b64decode(fields[name]))
    field = source.draw.choice(list(header))
    value = header[field]
    if isinstance(value, bytes):
        header[field] = source.draw.choice((b"", source.draw.randbytes(len(value)), value + b"\0"))
    elif isinstance(value, int):
        header[field] = value + source.draw.choice((1, -1, 1_000_000))
    else:
        header[field] = None if field == "last_block_id" else f"{value}x"
    try:
        made = _core.make_header(**header)
    except (ValueError, OverflowError):
        made = base64.b64decode(fields["next_header" if name == "header" else "header"])
    fields[name] = base64.b64encode(made).decode()
    return _encode(fields)


def layout(source: Source) -> bytes:
    """The same values, laid out in another way: as good as before."""
    fields = source.plain()
    shuffled = source.draw.sample(list(fields.items()), len(fields))
    return msgspec.json.format(
        msgspec.json.encode(dict(shuffled)), indent=source.draw.randrange(-1, 4)
    )


KINDS: dict[str, Alter] = {
    "a byte of base64": byte_of_base64,
    "a letter of base64": letter_of_base64,
    "a digit of a number": digit_of_number,
    "an odd number": odd_number,
    "an odd value": odd_value,
    "a character of a text": character_of_text,
    "a byte of the file": byte_of_file,
    "an end of the file": end_of_file,
    "fields": fields_of_file,
    "validators": validators,
    "signatures": signatures,
    "protobuf": protobuf,
    "a path": path,
    "headers": headers,
    "layout": layout,
    "another trust": layout,
}

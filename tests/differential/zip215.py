"""Ed25519 by ZIP-215 in plain Python: an oracle for tests, slow and not constant-time.

Arithmetic of RFC 8032 section 5.1; the rules of ZIP-215: A and R may be any encoding that
decompresses, y not reduced included; s is below the group order; 8sB = 8R + 8kA.
"""

from __future__ import annotations

import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int, int, int]
IDENTITY: Point = (0, 1, 1, 0)


def add(a: Point, b: Point) -> Point:
    """Sum of two points in extended coordinates."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    w, x, y, z = f - e, h - g, h + g, f + e
    return w * x % P, y * z % P, x * y % P, w * z % P


def multiply(scalar: int, point: Point) -> Point:
    """A multiple of a point."""
    result = IDENTITY
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def decompress(raw: bytes) -> Point | None:
    """A point from its 32 bytes, by the lax rules: y modulo p, and x = 0 with either sign."""
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, (number & (2**255 - 1)) % P
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P:
        return None
    if x & 1 != sign:
        x = -x % P
    return x, y, 1, x * y % P


_BASE_Y = 4 * pow(5, -1, P) % P
BASE = decompress(_BASE_Y.to_bytes(32, "little"))
assert BASE is not None


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature holds."""
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    k = int.from_bytes(digest, "little") % ORDER
    left = multiply(8 * s, BASE)
    right = multiply(8, add(r, multiply(k, a)))
    return not ((left[0] * right[2] - right[0] * left[2]) % P) and not (
        (left[1] * right[2] - right[1] * left[2]) % P
    )


def small_order_encodings() -> list[bytes]:
    """Encodings of the points of order 1, 2, 4 and 8, y not reduced and both signs included."""
    order8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
    ys = [0, 1, P - 1, P, P + 1, order8, P - order8]
    return [(y | sign << 255).to_bytes(32, "little") for y in ys for sign in (0, 1)]


def compress(point: tuple[int, int, int, int]) -> bytes:
    """The canonical 32 bytes of a point."""
    x, y = (c * pow(point[2], -1, P) % P for c in point[:2])
    return (y | (x & 1) << 255).to_bytes(32, "little")


def sign(secret: int, message: bytes, nonce: int) -> tuple[bytes, bytes, bytes]:
    """A valid item; the oracle's arithmetic, no secret worth keeping."""
    assert BASE is not None
    public, r = compress(multiply(secret, BASE)), compress(multiply(nonce, BASE))
    k = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % ORDER
    s = (nonce + k * secret) % ORDER
    return public, r + s.to_bytes(32, "little"), message

"""Private keys at rest: the one form in which node, wallet and travel rule write and read them.

PKCS#8 in PEM, PBES2 with scrypt and AES-256-CBC (RFC 7914, RFC 8018), in a file of mode 0600.

`cryptography` reads this form but writes only PBKDF2 with 2,048 rounds, too few for a stolen file,
so the few bytes of ASN.1 around the ciphertext are written here.
"""

from __future__ import annotations

import base64
import os
import textwrap
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.padding import PKCS7

from tongbao.files import write_private
from tongbao.kernel.wording import WordedFault

Keepable = Ed25519PrivateKey | X25519PrivateKey

SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**14, 8, 5
"""One of OWASP's recommended settings; more memory and the `openssl` command would not read it."""
_PBES2 = bytes.fromhex("2a864886f70d01050d")
_SCRYPT = bytes.fromhex("2b06010401da47040b")
_AES_256_CBC = bytes.fromhex("60864801650304012a")
_INTEGER, _OCTETS, _OBJECT, _SEQUENCE = 0x02, 0x04, 0x06, 0x30


class Hardened(NamedTuple):
    """A passphrase that was hardened once, for files which that passphrase opens."""

    salt: bytes
    key: bytes


def harden(passphrase: bytes) -> Hardened:
    """Derive the key of a passphrase under a new salt: slow on purpose.

    Files of one passphrase may share it: who guesses needs one guess for all of them anyhow.
    """
    salt = os.urandom(16)
    return Hardened(salt, Scrypt(salt, 32, SCRYPT_N, SCRYPT_R, SCRYPT_P).derive(passphrase))


class KeyFault(WordedFault):
    """A key cannot be opened: another passphrase, or a damaged file."""


def write_key(path: Path, private: Keepable, passphrase: bytes | Hardened) -> None:
    """Write a key, encrypted. FileExistsError where the file is there: none is overwritten."""
    write_private(path, _encrypted(private, passphrase), new=True)


def read_key(path: Path, passphrase: bytes) -> PrivateKeyTypes:
    """Read and decrypt a key file. Raises OSError or KeyFault; of which kind it is, ask it."""
    return open_key(path.read_bytes(), passphrase)


def open_key(pem: bytes, passphrase: bytes | None) -> PrivateKeyTypes:
    """The private key in a PEM, also one that others wrote; None where it is not encrypted."""
    try:
        return serialization.load_pem_private_key(pem, passphrase)
    except Exception as fault:  # ValueError, TypeError, and what OpenSSL says of damaged bytes
        raise KeyFault("wrong passphrase, or a damaged file") from fault


def _encrypted(private: Keepable, passphrase: bytes | Hardened) -> bytes:
    plain = private.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    vector = os.urandom(16)
    salt, key = passphrase if isinstance(passphrase, Hardened) else harden(passphrase)
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    sealed = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    costs = b"".join(map(_integer, (SCRYPT_N, SCRYPT_R, SCRYPT_P)))
    derivation = _sequence(_value(_OBJECT, _SCRYPT), _sequence(_value(_OCTETS, salt), costs))
    cipher = _sequence(_value(_OBJECT, _AES_256_CBC), _value(_OCTETS, vector))
    algorithm = _sequence(_value(_OBJECT, _PBES2), _sequence(derivation, cipher))
    return _pem(_sequence(algorithm, _value(_OCTETS, sealed)))


def _value(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _sequence(*parts: bytes) -> bytes:
    return _value(_SEQUENCE, b"".join(parts))


def _integer(number: int) -> bytes:
    return _value(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _pem(der: bytes) -> bytes:
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    text = "\n".join(("-----BEGIN ENCRYPTED PRIVATE KEY-----", *lines))
    return f"{text}\n-----END ENCRYPTED PRIVATE KEY-----\n".encode()

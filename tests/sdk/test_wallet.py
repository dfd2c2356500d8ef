"""Keys in a folder: encrypted at rest, and never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongbao import _core
from tongbao.kernel.signing import signed_bytes
from tongbao.kernel.transaction import Envelope
from tongbao.sdk import Transfer, build
from tongbao.sdk.wallet import Wallet, WalletFault

BODY = msgspec.json.encode({"party": "firm", "reference": "r"})
PASSPHRASE = b"correct horse battery"


@pytest.fixture
def wallet(tmp_path: Path) -> Wallet:
    made = Wallet(tmp_path / "keys", PASSPHRASE)
    made.create("firm", "maker")
    return made


def test_a_key_signs_what_the_ledger_verifies(wallet: Wallet) -> None:
    [signature] = wallet.sign(BODY, ["firm--maker"])
    assert _core.ed25519_verify(signature.key, signature.signature, signed_bytes(BODY))
    assert signature.party == ""
    [other] = wallet.sign(BODY, ["firm--maker"], namer="bank")
    assert other.party == "firm"


def test_private_keys_are_encrypted_and_readable_by_their_owner_only(wallet: Wallet) -> None:
    file = wallet.folder / "firm--maker.pem"
    assert b"ENCRYPTED PRIVATE KEY" in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    assert wallet.folder.stat().st_mode & 0o077 == 0
    with pytest.raises(TypeError):
        serialization.load_pem_private_key(file.read_bytes(), None)


def test_a_wrong_passphrase_opens_nothing(wallet: Wallet) -> None:
    with pytest.raises(WalletFault, match="wrong passphrase"):
        Wallet(wallet.folder, b"wrong").sign(BODY, ["firm--maker"])


def test_a_key_without_a_passphrase_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(WalletFault, match="encrypted at rest"):
        Wallet(tmp_path / "keys").create("firm")
    assert not list(tmp_path.rglob("*.pem"))


def test_neither_key_nor_passphrase_is_told(
    wallet: Wallet, caplog: pytest.LogCaptureFixture
) -> None:
    private = Ed25519PrivateKey.generate()
    wallet.add("firm", "imported", private)
    raw = private.private_bytes_raw()
    wallet.sign(BODY, ["firm--imported"])
    reported = repr(wallet) + str(wallet) + repr(wallet.keys()) + caplog.text
    for secret in (raw.hex(), repr(raw)[2:-1], PASSPHRASE.decode()):
        assert secret not in reported
    for path in wallet.folder.iterdir():
        assert raw not in path.read_bytes()


def test_an_existing_key_is_never_overwritten(wallet: Wallet) -> None:
    before = (wallet.folder / "firm--maker.pem").read_bytes()
    with pytest.raises((WalletFault, FileExistsError)):
        wallet.create("firm", "maker")
    assert (wallet.folder / "firm--maker.pem").read_bytes() == before


@pytest.mark.parametrize("name", ["../x", "a/b", "", "a b", "x" * 65, "a\0b"])
def test_a_name_that_could_leave_the_folder_is_refused(wallet: Wallet, name: str) -> None:
    with pytest.raises(WalletFault):
        wallet.create(name, "main")
    with pytest.raises(WalletFault):
        wallet.sign(BODY, [name])


def test_a_public_file_that_does_not_describe_its_key_is_noticed(wallet: Wallet) -> None:
    wallet.create("firm", "checker")
    maker, checker = (wallet.folder / f"firm--{label}.json" for label in ("maker", "checker"))
    maker.write_bytes(checker.read_bytes())
    with pytest.raises(WalletFault, match="does not describe"):
        wallet.public("firm--maker")


def test_a_swapped_private_key_does_not_sign(wallet: Wallet) -> None:
    wallet.create("firm", "checker")
    maker, checker = (wallet.folder / f"firm--{label}.pem" for label in ("maker", "checker"))
    maker.chmod(0o600)
    maker.write_bytes(checker.read_bytes())
    with pytest.raises(WalletFault, match="not the public one's"):
        Wallet(wallet.folder, PASSPHRASE).sign(BODY, ["firm--maker"])


def test_a_second_person_signs_the_same_body(wallet: Wallet) -> None:
    wallet.create("firm", "checker")
    first = build.seal(BODY, wallet.sign(BODY, ["firm--maker"]))
    body = build.body_of(first)
    assert body == BODY
    both = build.add_signatures(first, wallet.sign(body, ["firm--checker"]))
    opened = msgspec.json.decode(both, type=Envelope)
    assert len(opened.signatures) == 2
    assert bytes(opened.body) == BODY


def test_a_locked_wallet_asks_again(wallet: Wallet) -> None:
    asked: list[str] = []

    def ask(name: str) -> bytes:
        asked.append(name)
        return PASSPHRASE

    opened = Wallet(wallet.folder, ask)
    opened.sign(BODY, ["firm--maker"])
    opened.sign(BODY, ["firm--maker"])
    opened.lock()
    opened.sign(BODY, ["firm--maker"])
    assert asked == ["firm--maker"] * 2


def test_a_key_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    wallet = Wallet(tmp_path, b"secret")
    with pytest.raises(WalletFault, match=r"there are: -$"):
        wallet.public("hengtong--boss")
    wallet.create("hengtong", "maker")
    wallet.create("mingda", "maker")
    with pytest.raises(WalletFault, match=r"there are: hengtong--maker$"):
        wallet.public("hengtong--boss")


@pytest.mark.parametrize("amount", ["5", 12.5, None, True])
def test_an_amount_that_is_no_whole_number_is_refused_before_it_is_signed(amount: Any) -> None:
    with pytest.raises(ValueError, match=r"payments\.transfer: .*amount_minor.*parse_amount"):
        build.build("c", "a", "r", [Transfer("a/main", "b/main", "CNY", amount)], 5)

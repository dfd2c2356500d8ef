"""A node that speaks TLS itself, and the commands that reach it."""

from __future__ import annotations

import datetime
import ipaddress
import shutil
import ssl
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.node.test_signed import SECRET, founded, home, machine
from typer.testing import CliRunner

from tongbao.cli.main import app
from tongbao.daemon.network import gateway_tls
from tongbao.daemon.solo import running
from tongbao.gateway.server import ServerFault, Tls
from tongbao.node.comet.settings import Gateway, NodeSettings
from tongbao.node.home import HomeFault, NodeHome

__all__ = ["founded", "home", "machine"]


def certified(folder: Path) -> Tls:
    """A certificate of its own for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "node")])
    began = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(began)
        .not_valid_after(began + datetime.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName(
            [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    folder.mkdir(exist_ok=True)
    tls = Tls(folder / "node.crt", folder / "node.key")
    tls.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    tls.key.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ))  # fmt: skip
    return tls


def test_a_node_speaks_tls_and_commands_of_its_machine_are_let_in_by_its_own_files(
    home: Path, tmp_path: Path
) -> None:
    tls = certified(tmp_path / "tls")
    with running(home, SECRET, scrub_s=0, tls=tls) as up:
        assert up.url.startswith("https://127.0.0.1:")
        with pytest.raises(httpx.HTTPError):
            httpx.get(up.url.replace("https", "http") + "/livez")
        with pytest.raises(httpx.ConnectError):  # nobody vouches for it
            httpx.get(up.url + "/livez")
        known = ssl.create_default_context(cafile=tls.certificate)
        assert httpx.get(up.url + "/livez", verify=known).status_code == 200
        assert httpx.get(up.url + "/v1/accounts/hengtong/main", verify=known).status_code == 404
        show = ["account", "show", "hengtong/main"]
        done = CliRunner().invoke(app, [*show, "--home", str(home)])
        assert done.exit_code == 0, done.output
        ca = ["--ca", str(tls.certificate), "--token-file", str(home / "node.token")]
        done = CliRunner(env={"SSL_CERT_FILE": ""}).invoke(app, [*ca, *show, "--url", up.url])
        assert done.exit_code == 0, done.output


def test_files_that_are_no_certificate_and_key_are_named(tmp_path: Path) -> None:
    tls, other = certified(tmp_path / "a"), certified(tmp_path / "b")
    tls.check()
    shutil.copy(other.key, tls.key)
    with pytest.raises(ServerFault, match=r"node\.crt and .*node\.key are not"):
        tls.check()
    tls.key.unlink()
    with pytest.raises(ServerFault, match=r"node\.key: no such file"):
        tls.check()


@pytest.mark.parametrize(
    ("gateway", "lawful"),
    [
        (Gateway("127.0.0.1:8420"), True),
        (Gateway("0.0.0.0:8420"), False),
        (Gateway("0.0.0.0:8420", behind_proxy=True), True),
        (Gateway("[::]:8420", tls_cert="c", tls_key="k"), True),
        (Gateway("127.0.0.1:8420", tls_cert="c"), False),
    ],
)
def test_a_network_nodes_gateway_is_open_to_others_with_tls_alone(
    gateway: Gateway, lawful: bool, tmp_path: Path
) -> None:
    settings = NodeSettings("bank-a", gateway)
    if lawful:
        gateway_tls(NodeHome(tmp_path), settings)
    else:
        with pytest.raises(HomeFault, match=r"node\.toml: gateway"):
            gateway_tls(NodeHome(tmp_path), settings)

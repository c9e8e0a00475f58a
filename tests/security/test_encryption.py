"""The server with a certificate of its own: TLS 1.2 and 1.3 with recommended ciphers, nothing else."""

from __future__ import annotations

import datetime as dt
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from clientela.config.cli import serving

ASKED = b"GET /account/login/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Served(NamedTuple):
    """Where the server listens, and the authority that its certificate is from."""

    port: int
    authority: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The real server, on a data folder of its own, until the tests of this file end."""
    folder = tmp_path_factory.mktemp("served")
    certificate, key = make_certificate(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("CLIENTELA_", "DJANGO_"))
    }
    own |= {"CLIENTELA_DATA": str(folder), "CLIENTELA_DEBUG": "1", "CLIENTELA_HTTPS": "1"}
    own |= {"DJANGO_SETTINGS_MODULE": "clientela.config.settings"}
    command = serving.server_command("127.0.0.1", port, 1, patience=1, certificate=(certificate, key))
    process = subprocess.Popen(command, env=own, cwd=Path(__file__).parent)
    try:
        _await(port, process)
        yield Served(port, certificate)
    finally:
        process.terminate()
        process.wait(20)


def make_certificate(folder: Path) -> tuple[str, str]:
    """A certificate for localhost that signs itself, and its key (PKCS #8)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "crm.pem").write_bytes(made.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    (folder / "crm.key").write_bytes(private)
    return str(folder / "crm.pem"), str(folder / "crm.key")


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    for _attempt in range(600):
        assert process.poll() is None
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")


def ask(served: Served, context: ssl.SSLContext) -> tuple[str, str, bytes]:
    """The version and cipher that were agreed upon, and what the server answers."""
    with (
        socket.create_connection(("127.0.0.1", served.port), timeout=30) as line,
        context.wrap_socket(line, server_hostname="localhost") as closed,
    ):
        closed.sendall(ASKED)
        found = b""
        while part := closed.recv(65536):
            found += part
        cipher = closed.cipher()
        assert cipher is not None
        return str(closed.version()), cipher[0], found


def client(served: Served, least: ssl.TLSVersion, most: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=served.authority)
    context.minimum_version, context.maximum_version = least, most
    return context


def test_it_speaks_the_two_versions_that_are_recommended(served: Served) -> None:
    # when
    either = ask(served, client(served, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3))
    older = ask(served, client(served, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2))
    # then the newer where both can, with the strongest cipher
    assert either[:2] == ("TLSv1.3", "TLS_AES_256_GCM_SHA384")
    assert older[0] == "TLSv1.2"
    for _version, _cipher, answer in (either, older):
        head = answer.partition(b"\r\n\r\n")[0].lower()
        assert head.startswith(b"http/1.1 200")
        assert b"strict-transport-security" in head
        assert b"__host-csrf=" in head


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_older_versions_get_nothing(served: Served, version: str) -> None:
    with pytest.warns(DeprecationWarning, match="TLS"):
        context = client(served, ssl.TLSVersion[version], ssl.TLSVersion[version])
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError):
        ask(served, context)


@pytest.mark.parametrize(
    ("ciphers", "agreed"),
    [
        ("ECDHE-ECDSA-AES256-GCM-SHA384", True),
        ("ECDHE-ECDSA-AES128-GCM-SHA256", True),
        ("ECDHE-ECDSA-CHACHA20-POLY1305", True),
        ("ALL:!ECDHE:@SECLEVEL=0", False),
        ("ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA256:@SECLEVEL=0", False),
        ("ECDHE-ECDSA-NULL-SHA:ECDHE-ECDSA-AES256-CCM:@SECLEVEL=0", False),
    ],
)
def test_only_ciphers_that_are_recommended_are_agreed_upon(
    served: Served, ciphers: str, agreed: bool
) -> None:
    context = client(served, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
    context.set_ciphers(ciphers)
    if agreed:
        assert ask(served, context)[1] == ciphers
        return
    with pytest.raises(ssl.SSLError):
        ask(served, context)


def test_whoever_speaks_in_the_clear_gets_no_page(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as line:
        line.sendall(ASKED)
        try:
            answer = line.recv(65536)
        except ConnectionResetError:
            answer = b""
    assert b"HTTP/" not in answer


def test_whoever_does_not_trust_the_certificate_is_told_nothing(served: Served) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        ask(served, ssl.create_default_context())

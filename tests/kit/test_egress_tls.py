"""TLS of calls: the certificate is for the name, the connection goes to the checked address."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from spaces_project.kit import egress
from spaces_project.kit.egress import Allowed, Caps
from spaces_project.kit.egress.connection import tls
from tests.kit.egress_server import Server, serving, whole

LOCAL = Allowed.parse(["127.0.0.1"])


def certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate of its own authority for ``name``: the file to trust, and a server's context that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, secret = folder / "trusted.pem", folder / "key.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption_algorithm=plain)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, secret)
    return trusted, context


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server on 127.0.0.1 with a certificate for models.example that this machine trusts."""
    trusted, context = certificate(tmp_path, "models.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    tls.cache_clear()
    with serving(whole(b"hello"), context) as server:
        yield server
    tls.cache_clear()


def call(server: Server, host: str, caps: Caps | None = None) -> egress.Reply:
    url = f"https://{host}:{server.port}/"
    return egress.request("GET", url, allowed=LOCAL, caps=caps, resolver=lambda host, port: ["127.0.0.1"])


def test_the_name_is_shown_and_checked_though_an_address_is_called(secure: Server) -> None:
    assert call(secure, "models.example").body == b"hello"
    assert secure.names == ["models.example"]
    assert f"host: models.example:{secure.port}\r\n".encode() in secure.requests[0]


def test_a_certificate_for_another_name_is_refused(secure: Server) -> None:
    with pytest.raises(egress.Unreachable, match=r"other\.example:[0-9]+ is not trusted: Hostname mismatch"):
        call(secure, "other.example")
    assert secure.requests == []


def test_a_certificate_of_a_stranger_is_refused(secure: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    tls.cache_clear()
    with pytest.raises(egress.Unreachable, match="not trusted: self-signed"):
        call(secure, "models.example")
    assert secure.requests == []


def test_a_server_that_does_not_answer_in_tls_is_told() -> None:
    caps = Caps(connect_seconds=0.3)
    with serving(whole(b"plain")) as server, pytest.raises(egress.Unreachable, match="TLS handshake"):
        call(server, "models.example", caps)

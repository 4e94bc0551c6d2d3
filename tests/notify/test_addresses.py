"""Where a webhook may go: the public internet, networks that are named, and nowhere else."""

import datetime as dt
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.notify.receiver import Receiver, receiving
from tests.notify.telling import deliver, deliveries, listen
from tests.town import Town
from wallet_chain.errors import WebhookUrlRefused
from wallet_chain.notify.addresses import judged, read_url

LOOPBACK = ("127.0.0.0/8", "::1/128")

INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.1.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "2002:7f00:1::1",
    "2001:0:7f00:1::1",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "2001:db8::1",
    "192.0.0.8",
]
OUTSIDE = ["8.8.8.8", "1.1.1.1", "::ffff:8.8.8.8", "2606:4700:4700::1111"]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_refused_as_url_and_as_answer_of_a_name(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(WebhookUrlRefused):
        read_url(f"https://{host}/hooks", ())
    assert judged([address], "https", ()) == []
    assert judged(["8.8.8.8", address], "https", ()) == [], "not even beside a good one"


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_outside_is_taken(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    assert read_url(f"https://{host}/hooks", ()).path == "/hooks"
    assert len(judged([address], "https", ())) == 1


def test_a_network_that_is_named_is_taken_and_plain_http_there_only() -> None:
    assert read_url("http://127.0.0.1:8080/x?y=1", LOOPBACK).path == "/x?y=1"
    assert judged(["127.0.0.1", "::1"], "http", LOOPBACK)
    assert judged(["10.0.0.1"], "https", ("10.0.0.0/24",))
    assert judged(["8.8.8.8"], "http", LOOPBACK) == []
    assert judged(["10.0.1.1"], "https", ("10.0.0.0/24",)) == []
    with pytest.raises(WebhookUrlRefused):
        read_url("http://8.8.8.8/", LOOPBACK)
    with pytest.raises(WebhookUrlRefused):
        read_url("http://receiver.example/", ())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "receiver.example",
        "ftp://receiver.example/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user@receiver.example/",
        "https://user:word@receiver.example/",
        "https://receiver.example/#part",
        "https://receiver.example:0/",
        "https://receiver.example:99999/",
        "https://receiver.example/ space",
        "https://receiver.example/\r\nHost: other",
        "https://rece\u00efver.example/",
        "https://[::1",
        "https://receiver.example/" + "x" * 500,
    ],
)
def test_what_is_no_url_of_a_receiver_is_refused(url: str) -> None:
    with pytest.raises(WebhookUrlRefused):
        read_url(url, LOOPBACK)


def test_a_name_that_points_inside_is_not_reached(town: Town, receiver: Receiver) -> None:
    town.bank.settings.webhook_networks = frozenset()
    port = receiver.url.rpartition(":")[2]
    listen(town, town.anna.caller, f"https://localhost:{port}")
    town.paid(town.anna, town.shop.account, "1.00")
    assert deliver(town) == 1
    row = deliveries(town)[0]
    assert row.state == "pending"
    assert "not of the public internet" in str(row.last_problem)
    assert receiver.got == []


Answers = Iterator[list[str]]


def answering(monkeypatch: pytest.MonkeyPatch, name: str, *answers: str) -> list[str]:
    """Let the machine's resolver answer for a name, with one address after the other."""
    usual, asked, left = socket.getaddrinfo, [], list(answers)

    def resolve(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        if host != name:
            return usual(host, port, *more, **named)
        asked.append(host)
        return usual(left.pop(0) if len(left) > 1 else left[0], port, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_the_connection_goes_where_the_name_pointed_when_it_was_judged(
    town: Town, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, "receiver.test", "127.0.0.1", "127.0.0.2")
    listen(town, town.anna.caller, receiver.url.replace("127.0.0.1", "receiver.test"))
    town.paid(town.anna, town.shop.account, "1.00")
    deliver(town)
    assert len(receiver.got) == 1
    assert len(asked) == 1, "a second answer could be another one"
    assert receiver.got[0].headers["host"].startswith("receiver.test:")


def certificate_for(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS of a receiver with this name, and of a sender that trusts who issued it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "certificate.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))


@pytest.mark.parametrize(("called", "arrives"), [("receiver.test", True), ("other.test", False)])
def test_the_certificate_must_be_for_the_name_though_the_address_is_fixed(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, called: str, arrives: bool
) -> None:
    server_side, client_side = certificate_for("receiver.test", tmp_path)
    answering(monkeypatch, called, "127.0.0.1")
    with receiving(tls=server_side, name=called) as receiver:
        listen(town, town.anna.caller, receiver.url)
        town.paid(town.anna, town.shop.account, "1.00")
        deliver(town, tls=client_side)
        assert receiver.server_names == [called]
        assert len(receiver.got) == arrives
    assert deliveries(town)[0].state == ("delivered" if arrives else "pending")

"""The client against real sockets that misbehave."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest

from retail_sync.errors import ConfigurationError, UnreachableError
from retail_sync.http.client import HttpClient
from retail_sync.http.limits import Limits
from retail_sync.http.messages import Call

READ = Call("GET", "/orders", endpoint="orders")
WRITE = Call("POST", "/orders", endpoint="orders", json={}, repeatable=False)
#: The client must give up long before this, and the machine may be slow.
FAR_TOO_LONG = 20.0
BODY = b'{"orders": [' + b",".join(b'{"number": "%d", "total": "10.00"}' % n for n in range(40)) + b"]}"

Behaviour = Callable[[socket.socket], None]


class FaultyServer:
    """A server that reads the head of each request and then does what the test says."""

    def __init__(self, behaviour: Behaviour, context: ssl.SSLContext | None = None) -> None:
        self._behaviour = behaviour
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._closing = threading.Event()
        self.served = 0
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._closing.set()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[peer], daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with peer, contextlib.suppress(OSError):
            talking = self._context.wrap_socket(peer, server_side=True) if self._context else peer
            with talking:
                while b"\r\n\r\n" not in talking.recv(65_536):
                    pass
                self.served += 1
                self._behaviour(talking)


@contextlib.contextmanager
def serving(behaviour: Behaviour, context: ssl.SSLContext | None = None) -> Iterator[FaultyServer]:
    server = FaultyServer(behaviour, context)
    try:
        yield server
    finally:
        server.close()


def saying(*parts: bytes) -> Behaviour:
    def behave(peer: socket.socket) -> None:
        for part in parts:
            peer.sendall(part)

    return behave


def head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Content-Type: application/json", *lines, "", ""]).encode()


def fails(server: FaultyServer, limits: Limits, call: Call = READ) -> UnreachableError:
    with HttpClient(server.url, limits=limits) as client, pytest.raises(UnreachableError) as caught:
        client.call(call)
    return caught.value


@pytest.mark.parametrize(
    "trickle", [head("Content-Length: 9000") + b" ", b"HTTP/1.1 200 OK\r\nX-Slow: "], ids=["body", "head"]
)
def test_a_trickle_of_bytes_is_bounded_by_the_total_deadline(trickle: bytes) -> None:
    def drip(peer: socket.socket) -> None:
        peer.sendall(trickle)
        while True:
            peer.sendall(b" ")
            time.sleep(0.05)

    with serving(drip) as server:
        started = time.monotonic()
        error = fails(server, Limits(read=30, total=0.6, tries=1))
    assert time.monotonic() - started < FAR_TOO_LONG
    assert "no whole answer came in time" in str(error)


def test_a_server_that_never_answers_is_given_up() -> None:
    with serving(lambda _: time.sleep(FAR_TOO_LONG)) as server:
        started = time.monotonic()
        assert fails(server, Limits(read=0.2, tries=1)).sent
    assert time.monotonic() - started < FAR_TOO_LONG


def test_a_server_that_takes_our_bytes_slowly_is_given_up() -> None:
    large = Call("POST", "/orders", endpoint="orders", body=b" " * 30_000_000, repeatable=False)

    with serving(lambda _: time.sleep(FAR_TOO_LONG)) as server:
        started = time.monotonic()
        assert fails(server, Limits(connect=30, total=0.6, tries=1), large).sent
    assert time.monotonic() - started < FAR_TOO_LONG


def test_a_secure_connection_that_stalls_is_given_up() -> None:
    with serving(lambda _: time.sleep(FAR_TOO_LONG)) as server:
        server.url = server.url.replace("http:", "https:")
        started = time.monotonic()
        fails(server, Limits(connect=0.3, tries=1))
    assert time.monotonic() - started < FAR_TOO_LONG


def test_nobody_listening_means_that_nothing_was_sent() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = HttpClient(f"http://127.0.0.1:{unused.getsockname()[1]}", limits=Limits(tries=1))
        with client, pytest.raises(UnreachableError) as caught:
            client.call(WRITE)
    assert not caught.value.sent


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("offset", range(0, len(BODY), len(BODY) // 20))
def test_a_body_cut_anywhere_is_no_answer(offset: int) -> None:
    with serving(saying(head(f"Content-Length: {len(BODY)}"), BODY[:offset])) as server:
        error = fails(server, Limits(tries=2, backoff=0.001))
    assert "cut" in str(error)
    assert error.sent
    assert server.served == 2


PACKED = gzip.compress(BODY)
CHUNKED = b"%x\r\n%s\r\n" % (len(BODY), BODY)


@pytest.mark.parametrize(
    "parts",
    [
        [head("Transfer-Encoding: chunked"), CHUNKED],
        [head("Transfer-Encoding: chunked"), CHUNKED[:100]],
        [head("Content-Encoding: gzip", f"Content-Length: {len(PACKED) - 9}"), PACKED[:-9]],
        [head("Content-Encoding: gzip", "Content-Length: 20"), PACKED[:20]],
        [head("Content-Encoding: gzip", "Content-Length: 8"), b"no gzip!"],
        [head("Content-Encoding: gzip", f"Content-Length: {len(PACKED) + 4}"), PACKED + b"more"],
        [head("Content-Encoding: br", "Content-Length: 3"), b"abc"],
        [head(), BODY[:-1]],
        [b"HTTP/1.1 200"],
        [b"220 smtp ready\r\n\r\n"],
        [],
    ],
    ids=[
        "no last chunk",
        "chunk cut",
        "gzip cut",
        "gzip cut early",
        "no gzip",
        "more",
        "br",
        "closed",
        "head",
        "smtp",
        "none",
    ],
)
def test_an_answer_that_is_not_whole_is_no_answer(parts: list[bytes]) -> None:
    with serving(saying(*parts)) as server:
        assert fails(server, Limits(tries=1), WRITE).sent


def test_a_packed_and_chunked_answer_is_whole() -> None:
    chunk = b"%x\r\n%s\r\n0\r\n\r\n" % (len(PACKED), PACKED)
    behaviour = saying(head("Transfer-Encoding: chunked", "Content-Encoding: gzip"), chunk)
    with serving(behaviour) as server, HttpClient(server.url) as client:
        assert len(client.json(READ)["orders"]) == 40


def test_an_empty_packed_answer_is_empty() -> None:
    behaviour = saying(head("Content-Encoding: gzip", "Content-Length: 0", status="204 No Content"))
    with serving(behaviour) as server, HttpClient(server.url) as client:
        assert client.json(READ) is None


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_without_end_is_stopped_at_the_limit(announced: bool) -> None:
    def pour(peer: socket.socket) -> None:
        peer.sendall(head("Content-Length: 900000000") if announced else head())
        while True:
            peer.sendall(b"1" * 65_536)

    with serving(pour) as server, HttpClient(server.url, limits=Limits(size=1_000_000)) as client:
        with pytest.raises(ConfigurationError, match="larger than 1000000 bytes"):
            client.call(READ)
        assert server.served == 1


def test_a_small_body_that_unpacks_to_a_huge_one_is_stopped_early() -> None:
    bomb = gzip.compress(b"0" * 300_000_000, 9)
    behaviour = saying(head("Content-Encoding: gzip", f"Content-Length: {len(bomb)}"), bomb)
    with serving(behaviour) as server, HttpClient(server.url, limits=Limits(size=5_000_000)) as client:
        tracemalloc.start()
        with pytest.raises(ConfigurationError, match="larger than"):
            client.call(READ)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 30_000_000


@pytest.mark.req("SEC-1")
def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with serving(saying(head("Content-Length: 2"), b"{}"), _self_signed(tmp_path)) as server:
        with HttpClient(server.url) as client, pytest.raises(ConfigurationError, match="can't be trusted"):
            client.call(READ)
        assert server.served == 0


@pytest.mark.req("SEC-1")
def test_a_certificate_of_the_named_bundle_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = _self_signed(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "certificate.pem"))
    with serving(saying(head("Content-Length: 2"), b"{}"), context) as server, HttpClient(server.url) as client:
        assert client.json(READ) == {}


def test_a_trickle_over_a_secure_connection_is_bounded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            peer.sendall(b" ")
            time.sleep(0.05)

    context = _self_signed(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "certificate.pem"))
    with serving(drip, context) as server:
        started = time.monotonic()
        fails(server, Limits(read=30, total=0.6, tries=1))
    assert time.monotonic() - started < FAR_TOO_LONG


def test_threads_share_a_client_and_connections_are_used_again() -> None:
    peers: set[tuple[str, int]] = set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            peers.add(self.client_address)
            body = b'{"path": "%s"}' % self.path.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        with HttpClient(f"http://127.0.0.1:{server.server_port}") as client, ThreadPoolExecutor(4) as threads:
            calls = [Call("GET", f"/{n}", endpoint="numbers") for n in range(200)]
            answers = list(threads.map(client.json, calls))
        server.shutdown()
    assert [answer["path"] for answer in answers] == [f"/{n}" for n in range(200)]
    assert len(peers) <= 4


def _self_signed(folder: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(encoding))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context

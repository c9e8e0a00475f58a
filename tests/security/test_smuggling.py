"""The server itself, over a bare socket: behind a request that two readers could cut differently nothing is
taken for a second one (RFC 9112 §6.3, §11.2)."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clientela.config.cli import serving

HOST = b"Host: 127.0.0.1\r\n"
HIDDEN = b"GET /account/login/?hidden HTTP/1.1\r\n" + HOST + b"\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The real server on a data folder of its own, which answers until the tests of this file end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("CLIENTELA_", "DJANGO_"))
    }
    own |= {"CLIENTELA_DATA": str(tmp_path_factory.mktemp("server")), "CLIENTELA_DEBUG": "1"}
    own |= {"DJANGO_SETTINGS_MODULE": "clientela.config.settings"}
    process = subprocess.Popen(
        serving.server_command("127.0.0.1", number, 1, patience=1), env=own, cwd=Path(__file__).parent
    )
    try:
        _await(number, process)
        yield number
    finally:
        process.terminate()
        process.wait(20)


def _await(number: int, process: subprocess.Popen[bytes]) -> None:
    for _attempt in range(600):
        assert process.poll() is None
        try:
            if answers(number, b"GET /account/login/ HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"):
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server does not answer")


def answers(number: int, raw: bytes) -> list[int]:
    """The statuses of all that comes back for these bytes, until the server closes or says no more."""
    with socket.create_connection(("127.0.0.1", number), timeout=20) as line:
        line.sendall(raw)
        line.settimeout(1.5)
        found = b""
        try:
            while part := line.recv(65536):
                found += part
        except (TimeoutError, ConnectionResetError):
            pass
    return [int(each[:3]) for each in found.split(b"HTTP/1.1 ")[1:]]


def post(*headers: bytes, body: bytes = b"") -> bytes:
    return (
        b"POST /account/login/ HTTP/1.1\r\n"
        + HOST
        + b"".join(each + b"\r\n" for each in headers)
        + b"\r\n"
        + body
    )


def test_two_requests_one_after_the_other_are_two(port: int) -> None:
    """The measure of the others: what is really two requests is answered twice."""
    assert answers(port, HIDDEN + HIDDEN) == [200, 200]


REFUSED = {
    "two different lengths": post(b"Content-Length: 6", b"Content-Length: 5", body=b"abcde" + HIDDEN),
    "a list of lengths": post(b"Content-Length: 5, 6", body=b"abcde" + HIDDEN),
    "a length with a sign": post(b"Content-Length: +5", body=b"abcde" + HIDDEN),
    "a length that is none": post(b"Content-Length: 5x", body=b"abcde" + HIDDEN),
    "chunked last but misspelt": post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + HIDDEN),
    "chunked not last": post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + HIDDEN),
    "a blank before the colon": post(b"Content-Length : 5", body=b"abcde" + HIDDEN),
    "a folded header": post(b"X-Long: a\r\n b", b"Content-Length: 0") + HIDDEN,
    "a header without a name": post(b": 5", b"Content-Length: 0") + HIDDEN,
    "a NUL in a header": post(b"X-A: a\x00b", b"Content-Length: 0") + HIDDEN,
    "a bare CR in a header": post(b"X-A: a\rContent-Length: 9", b"Content-Length: 0") + HIDDEN,
    "a chunk of no size": post(b"Transfer-Encoding: chunked", body=b"zz\r\nab\r\n0\r\n\r\n" + HIDDEN),
}


@pytest.mark.parametrize("raw", REFUSED.values(), ids=REFUSED)
def test_what_could_be_read_in_two_ways_is_refused_whole(raw: bytes, port: int) -> None:
    found = answers(port, raw)
    assert len(found) <= 1
    assert all(status >= 400 for status in found)


# A form with its cookie, so that the body is read to its end before the answer.
READ = (b"Cookie: csrf=" + b"a" * 32, b"Content-Type: application/x-www-form-urlencoded")
CHUNKED, LENGTH = b"Transfer-Encoding: chunked", b"Content-Length: 5"
EMPTY = b"0\r\n\r\n"


def test_a_body_that_is_read_leaves_the_line_open(port: int) -> None:
    """The measure of those below: with one clear length the next request is answered."""
    assert answers(port, post(*READ, LENGTH, body=b"abcde" + HIDDEN)) == [403, 200]
    assert answers(port, post(*READ, CHUNKED, body=EMPTY + HIDDEN)) == [403, 200]
    assert answers(port, post(*READ, LENGTH, LENGTH, body=b"abcde" + HIDDEN)) == [403, 200]


CLOSED = {
    "length and chunked": post(*READ, LENGTH, CHUNKED, body=EMPTY + HIDDEN),
    "chunked and length": post(*READ, CHUNKED, b"Content-Length: 60", body=EMPTY + HIDDEN),
    "a last chunk with bare line feeds": post(*READ, CHUNKED, body=b"0\n\n" + HIDDEN),
    "a chunk size with a bare line feed": post(*READ, CHUNKED, body=b"1\nX\r\n" + EMPTY + HIDDEN),
    "a chunk extension with a bare line feed": post(*READ, CHUNKED, body=b"1;a\nX\r\n" + EMPTY + HIDDEN),
    "chunked in HTTP/1.0": post(*READ, CHUNKED, body=EMPTY + HIDDEN).replace(b"/1.1", b"/1.0", 1),
    "a body of GET": b"GET /account/login/ HTTP/1.1\r\n" + HOST + b"Content-Length: 80\r\n\r\n" + HIDDEN,
}


@pytest.mark.parametrize("raw", CLOSED.values(), ids=CLOSED)
def test_after_what_is_not_clear_the_line_is_closed(raw: bytes, port: int) -> None:
    assert len(answers(port, raw)) <= 1


def test_line_feeds_alone_end_lines_and_nothing_more(port: int) -> None:
    """A recipient may read them so (RFC 9112 §2.2): as many answers as there are requests."""
    request = b"GET /account/login/ HTTP/1.1\nHost: 127.0.0.1\n\n"
    assert answers(port, request) == [200]
    assert answers(port, request + HIDDEN) == [200, 200]

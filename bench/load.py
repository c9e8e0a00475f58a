"""A small load generator: raw sockets kept open, one thread for each client, bounded counts."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Request:
    """One request; a body makes it a POST of a form."""

    path: str
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def wire(self, cookie: str) -> bytes:
        """As it goes over the socket."""
        lines = [
            f"{'POST' if self.body else 'GET'} {self.path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Cookie: {cookie}",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        content = self.body.encode()
        if content:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(content)}"]
        return "\r\n".join([*lines, "", ""]).encode() + content


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """One kept connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._waiting = b""

    def send(self, wire: bytes) -> Answer:
        self._socket.sendall(wire)
        head = self._until(b"\r\n\r\n").decode("latin-1")
        first, *lines = head.split("\r\n")
        pairs = (line.partition(":") for line in lines if line)
        headers: dict[str, str] = {}
        for name, _colon, value in pairs:
            key = name.strip().lower()
            headers[key] = f"{headers[key]}, {value.strip()}" if key in headers else value.strip()
        return Answer(int(first.split(" ")[1]), headers, self._body(headers))

    def close(self) -> None:
        self._socket.close()

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return self._exactly(int(headers.get("content-length", "0")))
        parts = []
        while length := int(self._until(b"\r\n").strip(), 16):
            parts.append(self._exactly(length))
            self._until(b"\r\n")
        self._until(b"\r\n")
        return b"".join(parts)

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._waiting:
            self._more()
        found, _mark, self._waiting = self._waiting.partition(mark)
        return found

    def _exactly(self, length: int) -> bytes:
        while len(self._waiting) < length:
            self._more()
        found, self._waiting = self._waiting[:length], self._waiting[length:]
        return found

    def _more(self) -> None:
        received = self._socket.recv(262_144)
        if not received:
            raise ConnectionError("the server closed the connection")
        self._waiting += received


@dataclass
class Result:
    """Milliseconds of each request, in no order; the bytes of a usual answer."""

    times: list[float] = field(default_factory=list)
    seconds: float = 0.0
    bytes: int = 0

    def at(self, share: float) -> float:
        """The time that `share` of the requests did not exceed."""
        ordered = sorted(self.times)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds


Supply = Callable[[int, int], Request]
"""The n-th request of all, for the client with this number; a single client plays all numbers in turn."""


def measure(
    port: int, cookie: str, supply: Supply, *, count: int, clients: int, most_seconds: float
) -> Result:
    """Send `count` requests (fewer when `most_seconds` are over), shared by `clients`.

    `supply` makes the n-th request. An answer of 400 or more stops everything: errors tell nothing.
    """
    numbers = itertools.count()
    result = Result()
    failures: list[BaseException] = []
    end = time.perf_counter() + most_seconds

    def work(client: int) -> None:
        connection = Connection(port)
        try:
            while (number := next(numbers)) < count and time.perf_counter() < end and not failures:
                wire = supply(number, client if clients > 1 else number).wire(cookie)
                began = time.perf_counter()
                answer = connection.send(wire)
                result.times.append((time.perf_counter() - began) * 1000)
                _require_success(answer, wire)
                result.bytes = len(answer.body)
        except (OSError, ValueError, RuntimeError) as error:
            failures.append(error)
        finally:
            connection.close()

    began = time.perf_counter()
    threads = [threading.Thread(target=work, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = time.perf_counter() - began
    if failures:
        raise failures[0]
    return result


def _require_success(answer: Answer, wire: bytes) -> None:
    if answer.status >= 400:
        line = wire.split(b"\r\n", 1)[0].decode()
        raise RuntimeError(f"{line}: {answer.status} {answer.body[:2000].decode(errors='replace')}")


def cycle(requests: Sequence[Request]) -> Supply:
    """The requests over and over."""
    return lambda number, _client: requests[number % len(requests)]

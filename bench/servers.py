"""Servers under measure: started as Clientela starts its own, on loopback, stopped by their process id."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from bench.databases import ROOT, Workspace
from bench.load import Connection, Request

PATIENCE_SECONDS = 180


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def clientela(workspace: Workspace) -> Iterator[tuple[int, int]]:
    """Port and process id of `clientela serve`."""
    port = free_port()
    words = [sys.executable, "-m", "clientela.config.cli", "serve", "--port", str(port)]
    with _running(words, port, "/healthz", workspace.environment()) as pid:
        yield port, pid


@contextmanager
def floor(workspace: Workspace, plan: Path, cookie: str) -> Iterator[int]:
    """Port of the floor, on the same server with as many workers and threads."""
    from clientela.config.cli import serving

    port = free_port()
    words = serving.server_command("127.0.0.1", port, serving.default_workers())
    words[-1] = "bench.floor:application"
    environment = workspace.environment(BENCH_PLAN=str(plan), BENCH_COOKIE=cookie)
    with _running(words, port, "/counts", environment):
        yield port


@contextmanager
def _running(words: list[str], port: int, probe: str, environment: dict[str, str]) -> Iterator[int]:
    log = Path(environment["CLIENTELA_DATA"]) / f"server-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            words, env=environment, cwd=ROOT, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait(process, port, probe, log)
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _wait(process: subprocess.Popen[bytes], port: int, probe: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            connection = Connection(port)
            answer = connection.send(Request(probe).wire(""))
            connection.close()
            if answer.status == 200:
                return
        except (OSError, ValueError):
            time.sleep(0.1)
    raise SystemExit(f"The server did not start:\n{log.read_text(errors='replace')[-4000:]}")


def memory_mb(pid: int) -> float:
    """What a server takes with all its processes: shared pages counted once."""
    return sum(_proportional_kb(each) for each in (pid, *_children(pid))) / 1024


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            child = int(stat.parent.name)
            found += [child, *_children(child)]
    return found


def _proportional_kb(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    line = re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)
    return int(line[1]) if line else 0


def sign_in(port: int, email: str, password: str) -> tuple[str, str]:
    """Sign in as a browser does; returns the cookies and the token that goes with forms."""
    connection = Connection(port)
    first = connection.send(Request("/account/login/").wire(""))
    token = _cookies(first.headers)["csrf"]
    form = urlencode({"login": email, "password": password, "csrfmiddlewaretoken": token})
    answer = connection.send(Request("/account/login/", form).wire(f"csrf={token}"))
    connection.close()
    cookies = _cookies(answer.headers)
    if answer.status != 302 or "session" not in cookies:
        raise SystemExit(f"Signing in failed: {answer.status} {answer.body[:500]!r}")
    token = cookies.get("csrf", token)
    return f"session={cookies['session']}; csrf={token}", token


def _cookies(headers: dict[str, str]) -> dict[str, str]:
    return dict(re.findall(r"(session|csrf)=([^;]+)", headers.get("set-cookie", "")))

"""`clientela demo`: a demo company, a server and a worker in one go.

The company itself comes from `clientela.config.demo`.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from types import FrameType

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.access.models import User
from clientela.config import demo
from clientela.config.cli import arguments, ready, serving
from clientela.config.environment import ConfigurationError

HOST = "127.0.0.1"
START_SECONDS = 120
STOP_SECONDS = 15


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("demo", help=_("Try Clientela with a made-up company"))
    parser.add_argument(
        "--port", type=arguments.port, default=serving.DEFAULT_PORT, help=_("port to listen on (8000)")
    )
    parser.add_argument("--data", help=_("folder to keep the demo's data in"))
    parser.add_argument("--no-open", action="store_true", help=_("do not open the browser"))
    parser.set_defaults(run=run_demo)


def run_demo(namespace: argparse.Namespace) -> int:
    """Prepare what is missing, start server and worker, and stop both on Ctrl-C."""
    check_port(namespace.port)
    load_company()
    ready.prepare_static()
    children: list[subprocess.Popen[bytes]] = []
    try:
        start(namespace.port, children)
        if not wait_until_up(namespace.port, children):
            print(_("The server did not start."), file=sys.stderr)
            return 1
        announce(namespace.port)
        if not namespace.no_open and sys.stdout.isatty():
            webbrowser.open(address(namespace.port))
        return watch(children)
    except _Stopped:
        return 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the children are being stopped already
        stop(children)


def check_port(port: int) -> None:
    """Raises ConfigurationError when somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            message = _("Port %(port)d is taken. Choose another one: PORT=%(other)d make demo")
            raise ConfigurationError(message % {"port": port, "other": port + 1}) from error


def load_company() -> None:
    """Load the demo company once; a second run finds its people there and keeps everything."""
    if User.objects.filter(email=demo.SIGN_INS[0].email).exists():
        return
    if User.objects.exists():
        message = _(
            "%(folder)s already holds data that is not the demo's. Choose another folder with --data."
        )
        raise ConfigurationError(message % {"folder": settings.DATA_FOLDER})
    print(_("Loading the demo company…"), flush=True)
    demo.load(today=timezone.localdate())


def start(port: int, children: list[subprocess.Popen[bytes]]) -> None:
    """Start the server and the worker as children of this process, added to `children` one by one."""
    signal.signal(signal.SIGTERM, _on_stop)
    # Also when started in the background, where a shell makes Ctrl-C ignored.
    signal.signal(signal.SIGINT, _on_stop)
    os.environ.setdefault("CLIENTELA_WORKSPACE_NAME", demo.COMPANY)
    server = serving.server_command(HOST, port, serving.default_workers(), patience=1)
    children.append(subprocess.Popen(server))
    children.append(subprocess.Popen([sys.executable, "-m", "clientela.config.cli", "worker"]))


class _Stopped(Exception):
    """Somebody asked this process to end."""


def _on_stop(_signal: int, _frame: FrameType | None) -> None:
    raise _Stopped


def address(port: int) -> str:
    """Where the browser goes."""
    return f"http://{HOST}:{port}/"


def wait_until_up(port: int, children: list[subprocess.Popen[bytes]]) -> bool:
    """Whether the server answered within START_SECONDS."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and all(child.poll() is None for child in children):
        if answers(f"{address(port)}healthz"):
            return True
        time.sleep(0.1)
    return False


def answers(url: str) -> bool:
    """Whether a GET of this address succeeds."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def announce(port: int) -> None:
    """Print the address and who may sign in."""
    print()
    print(_("Clientela is running at %(address)s") % {"address": address(port)})
    print(_("Sign in as:"))
    width = max(len(person.email) for person in demo.SIGN_INS)
    for person in demo.SIGN_INS:
        print(f"  {person.email:<{width}}  {person.password}  {person.name} ({person.role})")
    print(_("Data is kept in %(folder)s") % {"folder": settings.DATA_FOLDER})
    print(_("Press Ctrl-C to stop."), flush=True)


def watch(children: list[subprocess.Popen[bytes]]) -> int:
    """Wait while both run; 1 when either ended by itself."""
    while all(child.poll() is None for child in children):
        time.sleep(0.5)
    print(_("The server or the worker stopped unexpectedly."), file=sys.stderr)
    return 1


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    """End the children. On Ctrl-C they have heard it themselves, so they first get a moment to finish."""
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline and any(child.poll() is None for child in children):
        time.sleep(0.05)
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()

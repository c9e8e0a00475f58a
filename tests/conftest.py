"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import setup_databases
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from clientela.access.models import User
from tests import migrated
from tests.cast import Cast, make_cast

# How fast the machine is says nothing about the code.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")
ONCE = "CLIENTELA_TEST_ONCE" in os.environ
"""Another run on another database has tried, or will, what asks none."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What only one of the databases has is tried there alone: elsewhere there is nothing to skip."""
    elsewhere = {item for item in items if _vendor_of(item) not in ("", connection.vendor)}
    if ONCE:
        elsewhere |= {item for item in items if not _asks_a_database(item)}
    config.hook.pytest_deselected(items=list(elsewhere))
    items[:] = [item for item in items if item not in elsewhere]


def _asks_a_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return "django_db_setup" in fixtures or item.get_closest_marker("django_db") is not None


def _vendor_of(item: pytest.Item) -> str:
    marker = item.get_closest_marker("only_on")
    return str(marker.args[0]) if marker else ""


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_keepdb: bool,
    django_db_createdb: bool,
) -> Iterator[None]:
    """The process's own copy of the migrated database; with --reuse-db what is there is kept."""
    with django_db_blocker.unblock():
        migrated.make()
        if django_db_createdb or not django_db_keepdb:
            migrated.copy_to(connection.settings_dict["TEST"]["NAME"])
        setup_databases(verbosity=0, interactive=False, keepdb=True, serialized_aliases={"default"})
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            connection.close()
            migrated.remove(connection.settings_dict["TEST"]["NAME"])


@pytest.fixture(autouse=True)
def _clean_cache() -> Iterator[None]:
    """No test sees what another one cached."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def cast(db: None) -> Cast:
    """The six people (see tests/cast.py)."""
    return make_cast()


@pytest.fixture
def signed_in(db: None) -> Callable[[User], Client]:
    """A browser in which somebody has signed in: `signed_in(cast.owner).get("/")`."""

    def sign_in(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def installation(django_db_setup: None, tmp_path: Path) -> Iterator[tuple[dict[str, str], str]]:
    """The environment of an installation of its own, on the database under test, and its address."""
    with migrated.installation(tmp_path / "data") as made:
        yield made


@pytest.fixture
def run_jobs(db: None) -> Callable[[], None]:
    """Does the jobs that wait, as the worker would, and returns when none is left."""

    worker = Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="tests",
        excluded_queue_names=[],
    )

    def run() -> None:
        while (job := DBTaskResult.objects.ready().first()) is not None:
            job.claim("tests")
            worker.run_task(job)

    return run

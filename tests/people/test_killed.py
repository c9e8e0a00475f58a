"""A hand-over whose process is killed without warning: nothing of it, or in the end all of it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROWS = 600
START = "import django; django.setup()\n"
PREPARE = f"""
from clientela.access.models import User
from clientela.domain.parties.models import Account
make = User.objects.create_user
make("admin@example.com", "long enough", name="Admin", roles=["admin"])
leaver = make("leaver@example.com", "long enough", name="Leaver")
make("one@example.com", "long enough", name="One")
make("two@example.com", "long enough", name="Two")
Account.objects.bulk_create([Account(name=f"N{{n}}", owner=leaver) for n in range({ROWS})])
"""
BEGIN = """
import time
from datetime import timedelta
from pathlib import Path
from django.utils import timezone
from clientela.access.actor import actor_of
from clientela.access.models import User
from clientela.platform.handover import planned, planning, running, work
from clientela.platform.handover.models import HandOver
from clientela.records.changes import PAGE, Operation
people = {user.name: user for user in User.objects.all()}
admin = actor_of(people["Admin"])
wish = planning.Wish(people["Leaver"], (people["One"], people["Two"]))
plan = planning.make(wish, work.kinds(), admin)
running.PART = 20
running.TOGETHER = %(together)s
give, calls = running._give, []
def slow(*given):
    done = give(*given)
    calls.append(given)
    if len(calls) == 4:
        Path(%(flag)r).touch()
        time.sleep(60)
    return done
running._give = slow
job = %(begin)s
running.run(job)
"""
AT_ONCE = "running.begin(plan, operation=Operation(admin, PAGE))"
ON_ITS_DAY = """planned.keep(
    plan, timezone.now().date() + timedelta(days=3), operation=Operation(admin, PAGE)
)
HandOver.objects.update(due_at=timezone.now())
assert running.resume_interrupted() == 1
job.refresh_from_db()"""
GO_ON = """
from clientela.platform.audit import longacts
from clientela.platform.handover import running
from clientela.platform.handover.models import HandOver
job = HandOver.objects.get()
assert job.status == "running" and 0 < job.done < job.total, (job.status, job.done)
HandOver.objects.update(heartbeat_at=job.heartbeat_at - 2 * longacts.STALE)
assert running.resume_interrupted() == 1
job.refresh_from_db()
running.run(job)
"""
COUNT = """
from collections import Counter
from clientela.domain.parties.models import Account
from clientela.platform.audit.models import Change
from clientela.platform.handover.models import HandOver
owners = Counter(Account.objects.values_list("owner__name", flat=True))
changes = Change.objects.filter(record="account")
records = changes.values("record_id").distinct().count()
print(HandOver.objects.count(), changes.count(), records, sorted(owners.items()))
"""


@pytest.fixture
def environment(installation):
    return installation[0]


def run(script: str, environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", START + script]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def kill_in_the_middle(
    environment: dict[str, str], tmp_path: Path, together: int, begin: str = AT_ONCE
) -> None:
    flag = tmp_path / "begun"
    script = START + PREPARE + BEGIN % {"flag": str(flag), "together": together, "begin": begin}
    victim = subprocess.Popen([sys.executable, "-c", script], env=environment)
    deadline = time.monotonic() + 120
    while not flag.exists():
        assert victim.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    victim.send_signal(signal.SIGKILL)
    victim.wait()


def test_a_small_one_is_all_or_nothing(tmp_path, environment):
    kill_in_the_middle(environment, tmp_path, together=10_000)

    assert run(COUNT, environment).strip() == f"0 0 0 [('Leaver', {ROWS})]"


@pytest.mark.parametrize("begin", [AT_ONCE, ON_ITS_DAY], ids=["at_once", "on_its_day"])
def test_a_large_one_goes_on_until_all_is_done(tmp_path, environment, begin):
    kill_in_the_middle(environment, tmp_path, together=0, begin=begin)

    half = ROWS // 2
    assert run(GO_ON + COUNT, environment).strip() == f"1 {ROWS} {ROWS} [('One', {half}), ('Two', {half})]"

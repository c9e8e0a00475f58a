"""Things that people may do, at random, with every kind of record; and all of it undone in random order."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict

from clientela.access.actor import actor_of
from clientela.access.models import Share, User
from clientela.domain.sales import conversion, leads, services, setup
from clientela.platform.attachments import services as files
from clientela.platform.attachments.models import Attachment
from clientela.platform.audit import undo
from clientela.platform.audit.models import Change
from clientela.platform.duplicates import merging, unmerging
from clientela.platform.duplicates.models import Merge
from clientela.platform.editing import acts as bulk
from clientela.platform.handover import planning, running, work
from clientela.platform.history import bin as deleted
from clientela.platform.people import lifecycle, roles, sharing, teams
from clientela.platform.savedviews.models import SavedView
from clientela.platform.timeline import services as notes
from clientela.platform.transfer import services as transfer
from clientela.records import registry, write
from clientela.records.changes import PAGE, Operation
from clientela.records.errors import RecordError
from tests.audit.legal_order import free
from tests.audit.random_values import PARTIES, WORDS, Chance
from tests.transfer import files as sheets

IMPORTS = {
    "account": "Id,Name,City,Sector,Email,Phone\n",
    "contact": "Id,LastName,City,AccountId,Email,Phone\n",
    "lead": "Id,LastName,Company,Source,Email,Phone\n",
    "opportunity": "Id,Name,AccountId,StageName,Amount,CloseDate\n",
}


class Acts(Chance):
    """Everybody of the cast at work. `done`: the operations of what they did, in its order; `story`: what
    it was and how it went back, to read when something is not as it was."""

    def __init__(self, cast: Any, seed: int, folder: Path) -> None:
        super().__init__(cast, seed)
        self.folder = folder
        self.done: list[UUID] = []
        self.story: list[str] = [f"seed {seed}"]
        self.names = sorted(name for name in vars(Acts) if name.startswith("do_"))

    def act(self) -> None:
        """One act of somebody; what may not be done leaves nothing behind."""
        name = self.chance.choice(self.names)
        operation = self.by(self.cast.admin if self.number(3) else self.person())
        try:
            made = getattr(self, name)(operation) or operation.id
        except RecordError:
            assert not Change.objects.filter(operation=operation.id).exists(), name
            return
        if made not in self.done and Change.objects.filter(operation=made).exists():
            self.done.append(made)
            self.story.append(f"{name} {made}")

    def by(self, person: Any) -> Operation:
        """A new operation of a person with the rights that she has now."""
        return Operation(actor_of(User.objects.get(pk=person.pk)), PAGE)

    def undo_all(self) -> None:
        """Any free act may be next; some come again and go once more."""
        while self.done:
            chosen = self.chance.choice(free(self.done))
            self.story.append(f"undo {chosen}")
            if not undo.is_undone(chosen):
                self._take_back(chosen)
            self.done.remove(chosen)

    def _take_back(self, operation: UUID) -> None:
        taken = self._undo(operation)
        while not self.number(5):
            self.story.append("and again")
            undo.undo(taken, actor=self.by(self.cast.admin).actor, whole=True)
            taken = self._undo(operation)

    def _undo(self, operation: UUID) -> UUID:
        merge = Merge.objects.filter(operation=operation, undone_at=None).first()
        if merge is not None and self.number(2):
            result = unmerging.unmerge(merge, operation=self.by(self.cast.admin))
            assert result.kept == []
            return result.operation.id
        return undo.undo(operation, actor=self.by(self.cast.admin).actor, whole=True).operation

    # --- any kind of record ---------------------------------------------------------------------------

    def do_create(self, operation: Operation) -> None:
        key = self.chance.choice(PARTIES + WORDS)
        made = getattr(self, f"_{key}")()
        write.create(registry.get(key), {**made, **self.given(key)}, operation=operation)

    def do_change(self, operation: Operation) -> None:
        key = self.chance.choice((*PARTIES, *PARTIES, *WORDS, "currency", "note"))
        for record in self.some(key):
            write.change(registry.get(key), record, self.given(key), operation=operation)

    def do_change_many(self, operation: Operation) -> None:
        key = self.chance.choice(PARTIES)
        items = [(record, self.given(key)) for record in self.some(key, 4)]
        write.apply_many(registry.get(key), items, operation=operation)

    def do_delete(self, operation: Operation) -> None:
        key = self.chance.choice((*PARTIES, *WORDS, "note", "attachment"))
        write.delete(registry.get(key), self.some(key, 2), operation=operation)

    def do_bulk(self, operation: Operation) -> None:
        key = self.chance.choice(PARTIES)
        spec, asked = registry.get(key), QueryDict(mutable=True)
        asked.update({name: str(value) for name, value in self._asked_of_many(key).items()})
        chosen = [record.pk for record in self.some(key, 5)]
        rows = bulk.rows_of(spec, operation.actor, asked.get("do", ""), chosen)
        bulk.act_of(spec, operation.actor, asked)(rows, operation)

    def _asked_of_many(self, key: str) -> dict[str, Any]:
        mode = self.chance.choice(("add", "remove", "replace"))
        choices: list[dict[str, Any]] = [
            {"do": "delete"},
            {"do": "owner", "owner": self.person().pk},
            {"do": "field", "field": "source", "source": self.maybe("source") or ""},
            {"do": "field", "field": "tags", "tags": self.one("tag").pk, "mode": mode},
        ]
        spec = registry.get(key)
        choices += [{"do": f"action:{each.name}"} for each in spec.actions if each.bulk]
        return self.chance.choice(choices)

    def do_import(self, operation: Operation) -> UUID:
        key = self.chance.choice(PARTIES)
        lines = "".join(self._line(key) for _ in range(3))
        path = sheets.write(self.folder, IMPORTS[key] + lines, f"{self.number()}.csv")
        options = {"twins": self.chance.choice(("skip", "update", "create")), "near": "create"}
        more = {"keep": bool(self.number(2)), "create_words": True}
        job = transfer.run_file(registry.get(key), path, actor=operation.actor, options=options | more)
        return job.operation

    def _line(self, key: str) -> str:
        own = f"R{self.number(40)}"
        account = f"R{self.number(40)}"
        cells = {
            "account": (f"Canteras {self.number()}", "Ricla", f"Sector {self.number(4)}"),
            "contact": (f"Gil {self.number()}", "Épila", account),
            "lead": (f"Roy {self.number()}", f"Firm {self.number()}", f"Fair {self.number(4)}"),
            "opportunity": (f"Pala {self.number()}", account, f"Stage {self.number(3)}"),
        }[key]
        ends = {"opportunity": ("1500", "2026-03-04")}.get(key, (f"i{self.number(20)}@b.example", ""))
        return ",".join((own, *cells, *ends)) + "\n"

    def do_merge(self, operation: Operation) -> UUID | None:
        key = self.chance.choice(("account", "contact", "lead"))
        chosen = [each.pk for each in self.some(key, 3)]
        self.chance.shuffle(chosen)
        if len(chosen) < 2:
            return None
        sources = {name: self.chance.choice(chosen) for name in ("owner", "source") if self.number(2)}
        spec = registry.get(key)
        merging.merge(spec, chosen[0], chosen[1:], operation=operation, sources=sources)
        return None

    def do_bring_back(self, operation: Operation) -> UUID | None:
        gone = list(Change.objects.filter(operation__in=self.done, verb="delete").order_by("pk"))
        if not gone:
            return None
        change = self.chance.choice(gone)
        spec = registry.get(change.record)
        return deleted.restore(spec, change.record_id, actor=operation.actor, source=PAGE).operation

    def do_undo_part(self, operation: Operation) -> UUID | None:
        """Some of an act, or all of it: an act of its own, taken back by those that follow."""
        standing = [each for each in free(self.done) if not undo.is_undone(each)]
        if not standing:
            return None
        chosen = self.chance.choice(standing)
        ids = list(Change.objects.filter(operation=chosen).order_by("pk").values_list("pk", flat=True))
        only = self.chance.sample(ids, self.number(len(ids)) + 1)
        return undo.undo(chosen, actor=operation.actor, only=only).operation

    # --- selling --------------------------------------------------------------------------------------

    def do_convert(self, operation: Operation) -> None:
        lead = self.one("lead", converted_at=None)
        if lead is None:
            return
        deal = conversion.deal_defaults(lead) if self.number(2) else None
        conversion.convert(
            lead,
            operation=operation,
            account=self.maybe("account"),
            contact=self.maybe("contact") if self.number(2) else None,
            with_contact=bool(self.number(3)),
            opportunity=deal,
        )

    def do_lead(self, operation: Operation) -> None:
        lead = self.one("lead", converted_at=None)
        if lead is None:
            return
        if leads.is_discarded(lead):
            leads.take_up(lead, operation=operation)
        elif self.number(2):
            leads.qualify(lead, operation=operation)
        else:
            leads.discard(lead, operation=operation, comment="Too small" * self.number(2))

    def do_deal(self, operation: Operation) -> None:
        deal = self.one("opportunity")
        if deal is None:
            return
        if services.is_closed(deal) and self.number(2):
            services.reopen(deal, operation=operation)
        elif self.number(2):
            services.move_stage(deal, self.one("stage"), operation=operation)
        elif self.number(2):
            services.win(deal, operation=operation, amount="99.50")
        else:
            reason, rival = self.maybe("lost-reason"), self.maybe("account")
            said = "Too dear" * self.number(2)
            leads.lose(deal, operation=operation, lost_reason=reason, lost_to=rival, comment=said)

    def do_stages(self, operation: Operation) -> None:
        pipeline, stage = self.one("pipeline"), self.one("stage")
        what = self.number(7)
        if what == 0:
            named = {"name": f"Step {self.number()}", "kind": "open", "probability": self.number(90)}
            setup.add_stage(pipeline, named, operation=operation)
        elif what == 1:
            setup.change_stage(stage, {"name": f"Step {self.number()}", "color": "pink"}, operation=operation)
        elif what == 2:
            kind = self.chance.choice(("open", "won", "lost"))
            setup.change_stage(stage, {"kind": kind}, operation=operation)
        elif what == 3:
            places = [each.pk for each in pipeline.stages.order_by("pk")]
            self.chance.shuffle(places)
            setup.order_stages(pipeline, places, operation=operation)
        elif what == 4:
            refuge = next(iter(setup.refuges(stage)), None)
            setup.delete_stage(stage, refuge, operation=operation)
        elif what == 5:
            setup.add_pipeline(f"Way {self.number()}", operation=operation)
        elif self.number(2):
            setup.make_default(pipeline, operation=operation)
        else:
            setup.delete_pipeline(pipeline, operation=operation)

    # --- what hangs on records ------------------------------------------------------------------------

    def do_note(self, operation: Operation) -> None:
        key = self.chance.choice(PARTIES)
        for record in self.some(key):
            notes.add_note(registry.get(key), record, f"They wrote {self.number()}", operation=operation)

    def do_file(self, operation: Operation) -> None:
        key, file = self.chance.choice(PARTIES), Attachment.objects.order_by("pk").last()
        if file is not None and self.number(2):
            files.rename(file, f"offer {self.number()}", operation=operation)
            return
        for record in self.some(key):
            upload = SimpleUploadedFile(f"offer-{self.number()}.txt", b"An offer.")
            files.attach(registry.get(key), record, upload, operation=operation)

    def do_share(self, operation: Operation) -> None:
        given = Share.objects.order_by("pk").last()
        if given is not None and not self.number(4):
            sharing.unshare(given, operation=operation)
            return
        key = self.chance.choice(PARTIES)
        whom = self.person() if self.number(2) else self.one("team")
        for record in self.some(key):
            level = self.chance.choice(("read", "write"))
            sharing.share(registry.get(key), record, whom, level=level, operation=operation)

    # --- people ---------------------------------------------------------------------------------------

    def do_hand_over(self, operation: Operation) -> UUID:
        leaver, one, other = self.chance.sample(
            (self.cast.owner, self.cast.teammate, self.cast.outsider, self.cast.manager), 3
        )
        rule = self.chance.choice((planning.ONE, planning.TERRITORY, planning.TURNS))
        wish = planning.Wish(leaver, (one, other), rule)
        plan = planning.make(wish, work.kinds(), operation.actor)
        return running.begin(plan, operation=operation).operation

    def do_people(self, operation: Operation) -> None:
        person = User.objects.get(pk=self.person().pk)
        what = self.number(4)
        if what == 0 and person.is_active:
            lifecycle.deactivate(person, operation=operation)
        elif what == 0:
            lifecycle.reactivate(person, operation=operation)
        elif what == 1:
            roles.assign(person, self.some("role", 2), operation=operation)
        else:
            values = {"team": self.maybe("team"), "name": f"Name {self.number()}"}
            places = {"zone": self.ids("zone", 3)}
            lifecycle.change(person, values, operation=operation, places=places)

    def do_teams(self, operation: Operation) -> None:
        team = self.one("team")
        values = {"name": f"Team {self.number()}", "parent": self.maybe("team")}
        managers = {"managers": [each.pk for each in self.some("user", 2)]}
        what = self.number(3)
        if what == 0:
            teams.create(values | managers, operation=operation)
        elif what == 1:
            teams.change(team, values | managers, operation=operation)
        else:
            teams.delete(team, self.one("team"), operation=operation)

    def do_roles(self, operation: Operation) -> None:
        role = self.one("role")
        what = self.number(3)
        if what == 0:
            roles.copy(role, f"Role {self.number()}", operation=operation)
        elif what == 1:
            roles.change(role, {"description": f"For {self.number()}"}, operation=operation)
        else:
            roles.delete(role, operation=operation)


def company(cast: Any, folder: Path) -> None:
    """What a round begins with: some of everything, with notes, files and shares."""
    acts = Acts(cast, 1, folder)
    for key in (*WORDS, "lost-reason") * 3:
        write.create(registry.get(key), {"name": f"{key} {acts.number()}"}, operation=acts.by(cast.admin))
    for key in ("account", *PARTIES) * 4:
        write.create(registry.get(key), getattr(acts, f"_{key}")(), operation=acts.by(cast.admin))
    for act in (acts.do_note, acts.do_file, acts.do_share) * 5:
        act(acts.by(cast.admin))
    for person in (cast.owner, cast.teammate):
        for shared in (True, False):
            condition = {"field": "parent", "op": "in", "value": [acts.one("account").pk]}
            SavedView.objects.create(
                record="account", owner=person, name="Mine", shared=shared, condition=condition
            )

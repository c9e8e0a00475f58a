"""The settings page of pipelines and stages."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.domain.sales import setup
from clientela.domain.sales.models import Pipeline, Stage, StageKind
from clientela.platform.editing import forms
from clientela.platform.settings.views import administrators, done, frame
from clientela.records import registry, values
from clientela.records.changes import Operation
from clientela.records.errors import Invalid, NotFound, Refused
from clientela.records.views.base import actor_from, operation_from, with_toast
from clientela.ui.render import page

form_methods = require_http_methods(["GET", "HEAD", "POST"])


def _pipeline(pipeline_id: int) -> Pipeline:
    found = Pipeline.objects.filter(pk=pipeline_id).first()
    if found is None:
        raise NotFound(_("There is no such pipeline."))
    return found


def _stage(stage_id: int) -> Stage:
    found = Stage.objects.select_related("pipeline").filter(pk=stage_id).first()
    if found is None:
        raise NotFound(_("There is no such stage."))
    return found


@require_safe
@administrators
def pipelines(request: HttpRequest) -> HttpResponse:
    """The pipeline that deals enter."""
    first = Pipeline.objects.order_by("-is_default", "position", "id").first()
    if first is None:
        return page(
            request, "sales/stages.html", frame(request, "stages") | {"pipeline": None, "pipelines": []}
        )
    return redirect("sales_stages", first.pk)


@require_safe
@administrators
def stages(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """The stages of one pipeline: add, edit, put in order, delete."""
    pipeline = _pipeline(pipeline_id)
    found = setup.stages_of(pipeline)
    context = {
        "pipeline": pipeline,
        "pipelines": Pipeline.objects.order_by("-is_default", "position", "id"),
        "opened": [stage for stage in found if stage.kind == StageKind.OPEN],
        "closed": [stage for stage in found if stage.kind != StageKind.OPEN],
        "deals": sum(stage.deals for stage in found if stage.kind == StageKind.OPEN),
    }
    return page(request, "sales/stages.html", frame(request, "stages") | context, fragment="body")


@form_methods
@administrators
def new_stage(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """GET the form of a new stage; POST makes it."""
    pipeline = _pipeline(pipeline_id)
    actor = actor_from(request)
    spec = registry.get("stage")
    given, errors = forms.parse(spec, setup.STAGE_FIELDS, request.POST, actor)
    if request.method == "POST" and not errors:
        operation = operation_from(request, spec.label)
        try:
            made = setup.add_stage(pipeline, given, operation=operation)
        except Invalid as error:
            errors = error.errors
        else:
            return done(operation.id, _("Stage added: %(name)s") % {"name": made.name})
    form = forms.Form(actor, "stage", request.POST if request.method == "POST" else None, errors)
    start = {"color": "blue", "kind": StageKind.OPEN, "probability": "0", "stalled_after": 14}
    context = {
        "title": _("New stage"),
        "url": request.path,
        "boxes": forms.editors(spec, setup.STAGE_FIELDS, form, start),
    }
    return _form(request, "sales/setup_form.html", context, errors)


@form_methods
@administrators
def edit_stage(request: HttpRequest, stage_id: int) -> HttpResponse:
    """GET its form; POST changes it. Another kind is asked for again with what happens to its deals."""
    stage, actor, spec = _stage(stage_id), actor_from(request), registry.get("stage")
    was = values.snapshot(spec, stage, setup.STAGE_FIELDS)
    given, errors = forms.parse(spec, setup.STAGE_FIELDS, request.POST, actor, stage)
    asked = _asked(stage, given) if request.POST.get("confirmed") != given.get("kind") else ""
    if request.method == "POST" and not errors and not asked:
        operation = operation_from(request, spec.label)
        try:
            setup.change_stage(stage, given, operation=operation)
        except Invalid as error:
            errors = error.errors
        else:
            return done(operation.id, _("%(name)s changed") % {"name": stage.name})
    form = forms.Form(actor, f"stage-{stage.pk}", request.POST if request.method == "POST" else None, errors)
    context = {
        "title": was["name"],
        "url": request.path,
        "boxes": forms.editors(spec, setup.STAGE_FIELDS, form, was),
        "asked": "" if errors else asked,
        "confirmed": given.get("kind", ""),
        "verb": _("Save"),
    }
    return _form(request, "sales/setup_form.html", context, errors or ({"": []} if asked else {}))


def _asked(stage: Stage, given: dict[str, Any]) -> str:
    """What a change of kind does to the deals in the stage; nothing where there is nothing to ask."""
    kind = given.get("kind", stage.kind)
    deals = stage.opportunities.count() if kind != stage.kind else 0
    if not deals:
        return ""
    said = {
        StageKind.OPEN: ngettext(
            "%(n)s deal in it becomes open again; its lost reason goes.",
            "%(n)s deals in it become open again; their lost reasons go.",
            deals,
        ),
        StageKind.WON: ngettext(
            "%(n)s deal in it becomes won, on the day it came here.",
            "%(n)s deals in it become won, on the day they came here.",
            deals,
        ),
        StageKind.LOST: ngettext(
            "%(n)s deal in it becomes lost, on the day it came here.",
            "%(n)s deals in it become lost, on the day they came here.",
            deals,
        ),
    }
    return said[StageKind(kind)] % {"n": deals}


@form_methods
@administrators
def new_pipeline(request: HttpRequest) -> HttpResponse:
    """GET the form of a new pipeline; POST makes it with its first stages."""
    actor = actor_from(request)
    spec = registry.get("pipeline")
    given, errors = forms.parse(spec, ("name",), request.POST, actor)
    operation = operation_from(request, spec.label)
    if request.method == "POST" and not errors:
        try:
            made = setup.add_pipeline(given.get("name", ""), operation=operation)
        except Invalid as error:
            errors = error.errors
        else:
            text = _("Pipeline added: %(name)s") % {"name": made.name}
            return _away(request, reverse("sales_stages", args=[made.pk]), text, operation)
    form = forms.Form(actor, "pipeline", request.POST if request.method == "POST" else None, errors)
    context = {
        "title": _("New pipeline"),
        "url": request.path,
        "boxes": forms.editors(spec, ("name",), form, {}),
    }
    return _form(request, "sales/setup_form.html", context, errors)


def _form(request: HttpRequest, template: str, context: dict[str, Any], errors: forms.Errors) -> HttpResponse:
    drawn = {box.ref.path for box in context.get("boxes", ())}
    problems = [text for name, texts in errors.items() if name not in drawn for text in texts]
    fragment = "form" if errors else None
    return page(
        request, template, context | {"problems": problems}, fragment=fragment, status=422 if errors else 200
    )


@form_methods
@administrators
def delete_stage(request: HttpRequest, stage_id: int) -> HttpResponse:
    """GET what happens to its deals; POST deletes it."""
    stage = _stage(stage_id)
    others = setup.refuges(stage)
    errors: forms.Errors = {}
    if request.method == "POST":
        refuge = next((each for each in others if str(each.pk) == request.POST.get("refuge")), None)
        operation = operation_from(request, _("Stage deleted"))
        try:
            setup.delete_stage(stage, refuge, operation=operation)
        except (Invalid, Refused) as error:
            errors = {"": [error.message]}
        else:
            return done(operation.id, _("Stage deleted: %(name)s") % {"name": stage.name})
    context = {
        "title": _("Delete the stage “%(name)s”") % {"name": stage.name},
        "url": request.path,
        "deals": stage.opportunities.count(),
        "others": others,
    }
    return _form(request, "sales/delete_stage.html", context, errors)


@require_POST
@administrators
def order(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """POST `ids`: the stages in their new order."""
    pipeline = _pipeline(pipeline_id)
    ids = [int(each) for each in request.POST.getlist("ids") if each.isascii() and each.isdigit()]
    operation = operation_from(request, _("Order of the stages"))
    setup.order_stages(pipeline, ids, operation=operation)
    return done(operation.id, _("Order of the stages changed"))


def _away(request: HttpRequest, url: str, text: str, operation: Operation) -> HttpResponse:
    """To another page, where the toast undoes what was done here."""
    messages.success(request, text, extra_tags=reverse("undo", args=[operation.id]))
    return HttpResponse(status=204, headers={"HX-Redirect": url})


@require_POST
@administrators
def make_default(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """New deals enter this pipeline from now on."""
    pipeline = _pipeline(pipeline_id)
    operation = operation_from(request, _("Default pipeline"))
    setup.make_default(pipeline, operation=operation)
    return done(operation.id, _("New deals now enter “%(name)s”") % {"name": pipeline.name})


@require_POST
@administrators
def delete_pipeline(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """Delete an empty pipeline and go to another one."""
    pipeline = _pipeline(pipeline_id)
    operation = operation_from(request, _("Pipeline deleted"))
    try:
        setup.delete_pipeline(pipeline, operation=operation)
    except Refused as error:
        return with_toast(HttpResponse(status=409), error.message, tone="danger")
    text = _("Pipeline deleted: %(name)s") % {"name": pipeline.name}
    return _away(request, reverse("sales_pipelines"), text, operation)

"""What docs/reference/security-decisions.md says of limits and files is what the code does."""

from __future__ import annotations

import re

from django.conf import settings

from clientela.config import account
from clientela.config import settings as real
from clientela.config.cli import serving
from clientela.kit.tables import opening, spreadsheets
from clientela.platform.api import endpoint, listing, reading
from clientela.platform.attachments import content, pictures
from clientela.platform.duplicates import merging
from clientela.platform.editing import bulk
from clientela.platform.handover import running
from clientela.platform.history import shadow
from clientela.platform.lists import listing as lists
from clientela.platform.savedviews import services as views
from clientela.platform.search import matching
from clientela.platform.signing import forms
from clientela.platform.transfer import uploads
from clientela.records import conditions, query
from tests.arch.test_security import DECISIONS

MB, GB = 1 << 20, 1 << 30


def part(heading: str) -> str:
    """What stands under a heading of the page."""
    text = DECISIONS.read_text(encoding="utf-8")
    return text.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def row(heading: str, what: str) -> str:
    """The words of the row that begins so."""
    found = re.findall(rf"^\| {re.escape(what)} \| (.+?) \|", part(heading), re.MULTILINE)
    assert len(found) == 1, what
    return str(found[0])


def untrue(told: dict[str, str]) -> dict[str, str]:
    """The rows of the limits that do not say what the code does."""
    found = {what: row("Limits", what) for what in told}
    return {what: found[what] for what, words in told.items() if words not in found[what]}


def test_the_limits_of_one_person_or_call() -> None:
    told = {
        "wrong passwords, codes, mails to choose a password": (
            f"{account._FAILURES_FREE}, {forms._CODES_FREE}, {forms._MAILS_FREE} from one place"
        ),
        "any request": f"{real.LARGEST_REQUEST // GB} GB",
        "body of a form or API call": (
            f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // MB} MB,"
            f" {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields, JSON {endpoint.DEEPEST} deep"
        ),
        "rows of a page, of an API answer": str(max(*lists.SIZES, listing.MOST)),
        "fields of an API answer": str(reading.MOST_FIELDS),
        "change or deletion of many chosen one by one": f"{bulk.MOST:,}",
        "change or deletion of all that match, in one request": f"{bulk.AT_ONCE:,}, then",
        "reading a list as of a date": f"{shadow.MOST:,} rows",
        "search": f"{matching.LONGEST_QUERY} characters, {matching.MOST_WORDS} words",
        "import": (
            f"{uploads.MAX_BYTES // MB} MB uploaded, spreadsheets {opening.MAX_SPREADSHEET_BYTES // MB} MB,"
            f" {opening.MAX_UNPACKED_BYTES // GB} GB unpacked, {spreadsheets.MOST_ENTRIES:,} parts,"
            f" {opening.MAX_COLUMNS} columns, {spreadsheets.MOST_CELLS // 10**6} million cells"
        ),
        "attached file": (
            f"`CLIENTELA_FILE_LIMIT` ({real.FILE_LIMIT // MB} MB), archives {content.MOST_UNPACKED // GB} GB"
            f" unpacked, {content.MOST_ENTRIES:,} entries, 1:{content.MOST_RATIO} beyond"
            f" {content.HARMLESS // MB} MB"
        ),
        "picture": (
            f"{pictures.MOST_SIDE:,} pixels a side, {pictures.MOST_PIXELS // 10**6} million in all,"
            f" {pictures.MOST_FRAMES} frames"
        ),
        "saved views of one list": str(views.MOST_VIEWS),
        "merging": f"{merging.MOST} records",
        "pages and API calls": f"`CLIENTELA_CALLS_PER_MINUTE` ({real.CALLS_PER_MINUTE:,})",
    }
    assert untrue(told) == {}
    assert f"counts stop at {query.COUNT_CAP:,}" in part("Limits")
    deep, parts = conditions.MAX_DEPTH, conditions.MAX_LEAVES
    assert f"{deep} levels deep, {parts} parts" in part("Input")


def test_the_limits_of_an_installation() -> None:
    told = {
        "wrong passwords from one address or /64": (
            f"{account._FAILURES_OF_ADDRESS_FREE}, whoever they are for;"
            f" mails to choose a password {forms._MAILS_OF_ADDRESS_FREE}"
        ),
        "requests answered at once": f"{serving.THREADS_PER_WORKER} in each process",
        "connections to PostgreSQL": "`CLIENTELA_DATABASE_POOL` (10)",
    }
    assert untrue(told) == {}
    assert f"up to {running.TOGETHER:,} records" in row("Work that takes long", "hand-overs")


def test_the_endings_that_must_be_what_they_say() -> None:
    told = part("Files").partition("must have it:")[2].partition(". **")[0]
    assert set(re.findall(r"`(\w+)`", told)) == set(content._MUST_BE)


def test_the_description_of_the_api_has_the_rules_of_each_field(client, cast) -> None:
    """V2.1.1: lengths, choices and types, of every field that is written."""
    # given
    client.force_login(cast.admin)
    found = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    account_fields = found["NewAccount"]["properties"]
    # then
    assert found["NewAccount"]["additionalProperties"] is False
    assert account_fields["name"]["maxLength"] == 255
    assert account_fields["email"]["maxLength"] == 254
    assert account_fields["kind"]["enum"][:2] == ["prospect", "customer"]
    assert account_fields["owner"]["type"] == ["integer", "null"]
    assert account_fields["annual_revenue"]["format"] == "decimal"
    assert found["NewContact"]["properties"]["birthday"]["format"] == "date"
    untold = [
        (name, field)
        for name, schema in found.items()
        if name.startswith("New")
        for field, rule in schema["properties"].items()
        if "type" not in rule and "enum" not in rule
    ]
    assert untold == []

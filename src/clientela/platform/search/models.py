"""The index of the search box, and the words in it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from clientela.platform.search.lookups import FoldedTextField


class Entry(models.Model):
    """What one record is found by; kept in the transaction that writes the record.

    `label` and `subtitle` are shown; `title` and `text` are folded (see `clientela.kit.text.fold`) and
    searched. `text` begins with the title. `owner` is the person who looks after the record, so that rights
    are asked of the index and not of every record found.
    """

    record = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    label = models.TextField()
    subtitle = models.TextField(default="")
    title = FoldedTextField()
    text = FoldedTextField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "record_id"], name="search_entry_once")
        ]


class Word(models.Model):
    """A word found in some entry; slips of the keyboard are mended by the nearest of these."""

    word = models.CharField(max_length=40, unique=True)

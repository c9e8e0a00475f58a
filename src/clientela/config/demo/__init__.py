"""The demo company: a distributor of machinery in Zaragoza and Bogotá, two years into its sales.

Made up whole, the same every time but for the dates, which lie around `today`.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from clientela.config.demo.people import COMPANY, SIGN_INS

__all__ = ["COMPANY", "SIGN_INS", "load"]


def load(*, today: dt.date) -> None:
    """Fill an empty database, whole or not at all."""
    from clientela.config.demo.loading import Loader  # models are not ready when the command line starts

    with transaction.atomic():
        Loader(today).load()

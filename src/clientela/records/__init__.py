"""The record engine. Descriptions import it as `r`: `from clientela import records as r`.

Only names that need no models are here, since apps are still loading when descriptions are read.
"""

from clientela.access.protection import Access
from clientela.records import kinds
from clientela.records.registry import attach, register
from clientela.records.spec import (
    Action,
    Board,
    Calendar,
    Chart,
    Computed,
    Duplicates,
    Lane,
    Lines,
    Panel,
    Record,
    Related,
    Search,
    Section,
    Sheet,
    StagePath,
    Step,
    View,
)

__all__ = [
    "Access",
    "Action",
    "Board",
    "Calendar",
    "Chart",
    "Computed",
    "Duplicates",
    "Lane",
    "Lines",
    "Panel",
    "Record",
    "Related",
    "Search",
    "Section",
    "Sheet",
    "StagePath",
    "Step",
    "View",
    "attach",
    "kinds",
    "register",
]

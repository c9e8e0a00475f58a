"""The app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    """The index of all records, the search box, the palette and the search page."""

    name = "clientela.platform.search"
    label = "search"
    verbose_name = _("Search")

    def ready(self) -> None:
        from clientela.platform.search import index, lookups, matching, places
        from clientela.records import changes, conditions, query

        lookups.FoldedLookups.register()
        changes.journal(index.keep)
        query.use_search(matching.search_lookup)
        conditions.use_text_lookup(matching.text_lookup)
        places.add_usual_commands()

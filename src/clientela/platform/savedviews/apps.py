from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SavedviewsConfig(AppConfig):
    """Views of lists that people keep and share."""

    name = "clientela.platform.savedviews"
    label = "savedviews"
    verbose_name = _("Saved views")

    def ready(self) -> None:
        from clientela.platform.lists import listing
        from clientela.platform.lists.columns import keep_widths
        from clientela.platform.lists.framing import furnish
        from clientela.platform.pages import shell
        from clientela.platform.savedviews import queries, services, views

        listing.use_views(queries.views_of)
        shell.favourites_from(queries.favourites)
        keep_widths(services.keep_width)
        furnish(views.furniture)

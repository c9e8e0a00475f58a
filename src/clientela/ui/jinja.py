"""The Jinja environment every page is drawn with."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from jinja2 import Environment
from markupsafe import Markup

from clientela.ui import formats, icons


def environment(**options: Any) -> Environment:
    """Environment for Django's Jinja2 backend: words, addresses, icons, macros and local formats."""
    options.setdefault("trim_blocks", True)
    options.setdefault("lstrip_blocks", True)
    options.setdefault("autoescape", True)
    made = Environment(**options, extensions=["jinja2.ext.i18n", "jinja2.ext.do"])  # noqa: S701 - set above
    made.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.globals.update(_globals(made))
    made.filters.update(formats.FILTERS)
    return made


def asset(path: str) -> str:
    """Address of a file of `static/ui/`, the built one where it exists and no developer is watching."""
    built = path.removeprefix("css/")
    use_built = not settings.DEBUG and _is_built(built)
    return static(f"built/{built}" if use_built else f"ui/{path}")


@lru_cache(maxsize=64)
def _is_built(path: str) -> bool:
    return (icons.BUILT / path).exists()


def url(name: str, *args: object, **kwargs: object) -> str:
    """Address of a named view, as `url("list", record="account")`."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


class Macros:
    """`ui` in every template: the macros of ui/macros.html, also inside blocks drawn alone."""

    def __init__(self, made: Environment) -> None:
        self._environment = made

    def __getattr__(self, name: str) -> Callable[..., Markup]:
        macro: Callable[..., Markup] = getattr(self._environment.get_template("ui/macros.html").module, name)
        return macro


def _icon(made: Environment) -> Callable[[str], Markup]:
    @lru_cache(maxsize=1024)
    def icon(name: str) -> Markup:
        """One icon: a reference into the sprite, or the drawing itself for a name the sprite lacks."""
        module = made.get_template("ui/icon.html").module
        if name in icons.names_in_sprite():
            return cast(Markup, module.referenced(name))  # type: ignore[attr-defined]
        return cast(Markup, module.drawn(icons.shapes(name)))  # type: ignore[attr-defined]

    return icon


def _globals(made: Environment) -> dict[str, object]:
    icon = _icon(made)
    return {
        "_icon": icon,  # for macros with a parameter named icon
        "asset": asset,
        "icon": icon,
        "language": formats.language,
        "static": lru_cache(maxsize=256)(static),
        "today": timezone.localdate,
        "ui": Macros(made),
        "url": url,
    }

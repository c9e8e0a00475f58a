"""Icons: every name in use is drawn, and what the sprite lacks is drawn in place."""

from __future__ import annotations

from pathlib import Path

import pytest
from lucide import IconDoesNotExist

from clientela.ui import icons

PACKAGE = icons.PACKAGE.parent


@pytest.mark.parametrize("name", sorted(icons.names_in_use(PACKAGE)))
def test_every_icon_in_use_is_drawn_by_lucide(name: str) -> None:
    assert icons.exists(name)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{ icon('plus') }}{{ icon(name) }}", {"plus"}),
        ('{{ ui.button(_("New"), icon="target") }}', {"target"}),
        ("{{ ui.icon_button('x', _('Close')) }}", {"x"}),
        ("{{ ui.button(_('New'), 'plus') }}", {"plus"}),
        ("{{ ui.menu_item(item.label, 'pencil', href='/') }}", {"pencil"}),
        ("{'label': 'Table', 'icon': 'table-2'}", {"table-2"}),
        ("{{ icon('arrow-up' if up else 'arrow-down') }}", {"arrow-up", "arrow-down"}),
        ("{{ ui.tag(label, 'gray') }}", set()),
        ('icon = "building"', {"building"}),
        ("{{ _icon('check') }}", {"check"}),
    ],
)
def test_names_are_found_where_icons_are_named(text: str, names: set[str]) -> None:
    assert icons.names_in(text) == names


def test_the_sprite_holds_each_name_once_and_leaves_out_what_lucide_lacks() -> None:
    drawn = icons.sprite(["x", "plus", "no-such-icon", "x"])
    assert drawn.count("<symbol") == 2
    assert drawn.index('id="plus"') < drawn.index('id="x"')
    assert "no-such-icon" not in drawn


def test_the_strokes_of_an_icon_are_one_path_that_means_the_same() -> None:
    # lucide's arrow: "m12 19-7-7 7-7" and "M19 12H5"
    assert 'd="M12 19l-7-7 7-7M19 12H5"' in icons.sprite(["arrow-left"])


def test_shapes_of_an_unknown_icon_fail() -> None:
    with pytest.raises(IconDoesNotExist):
        icons.shapes("no-such-icon")


def test_names_of_the_built_sprite_are_read_from_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = tmp_path / "i.svg"
    built.write_text(icons.sprite(["plus", "x"]), encoding="utf-8")
    monkeypatch.setattr(icons, "SPRITE", built)
    icons.names_in_sprite.cache_clear()
    assert icons.names_in_sprite() == {"plus", "x"}
    icons.names_in_sprite.cache_clear()

"""Pictures are drawn anew before they are kept: what was hidden in the file, or behind it, stays outside."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from clientela.platform.attachments.content import PICTURES, refused
from clientela.records.errors import Invalid

MOST_SIDE, MOST_PIXELS = 9_000, 50_000_000
MOST_FRAMES = 200
THUMBNAIL = (96, 96)
QUALITY = 90
_TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)
# What Pillow raises for pictures cut or altered.
_BROKEN = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    MemoryError,
)


def redraw(source: Path, target: Path, content_type: str) -> None:
    """Write the picture to `target` without its metadata, turned as its camera said. Raises Invalid."""
    with _opened(source, content_type) as picture:
        frames = getattr(picture, "n_frames", 1)
        if frames > 1:
            _redraw_moving(picture, frames, target, content_type)
            return
        upright = ImageOps.exif_transpose(picture)
        _bare(upright).save(target, PICTURES[content_type], **_options(content_type))


def _redraw_moving(picture: Any, frames: int, target: Path, content_type: str) -> None:
    if frames > MOST_FRAMES or frames * picture.width * picture.height > MOST_PIXELS:
        raise refused(_("This moving picture is too long."))
    duration = picture.info.get("duration", 100)
    first, *others = [_bare(frame.convert("RGBA")) for frame in ImageSequence.Iterator(picture)]
    first.save(target, PICTURES[content_type], save_all=True, append_images=others, duration=duration, loop=0)


def thumbnail(source: Path, target: Path, content_type: str) -> None:
    """A small PNG of a picture that was drawn anew."""
    with _opened(source, content_type) as picture:
        picture.draft("RGB", (THUMBNAIL[0] * 2, THUMBNAIL[1] * 2))
        small = ImageOps.fit(picture.convert("RGBA"), THUMBNAIL)
        _bare(small).save(target, "PNG")


@contextmanager
def _opened(source: Path, content_type: str) -> Iterator[Any]:
    """The picture, of this format only, its size looked at before anything is decoded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(source, formats=[PICTURES[content_type]]) as picture:
                if max(picture.size) > MOST_SIDE or picture.width * picture.height > MOST_PIXELS:
                    raise _too_large()
                yield picture
    except _TOO_LARGE as error:
        raise _too_large() from error
    except _BROKEN as error:
        raise refused(_("The picture is damaged and cannot be read.")) from error


def _too_large() -> Invalid:
    text = _("The picture is too large: up to %(side)s pixels a side and %(most)s million in all.")
    return refused(text % {"side": MOST_SIDE, "most": MOST_PIXELS // 1_000_000})


def _bare(picture: Any) -> Any:
    """The pixels alone: no EXIF, comments, profiles or texts."""
    bare = picture.copy()
    bare.info = {key: value for key, value in picture.info.items() if key == "transparency"}
    return bare


def _options(content_type: str) -> dict[str, Any]:
    return {"image/jpeg": {"quality": QUALITY}, "image/webp": {"quality": QUALITY}}.get(content_type, {})

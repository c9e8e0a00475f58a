"""What holds for each request: whose address it has, its headers, its language and its time zone."""

from __future__ import annotations

import ipaddress
import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation.trans_real import parse_accept_lang_header

from clientela.access.models import User

Handler = Callable[[HttpRequest], HttpResponse]


# What no page of ours asks a browser for.
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "browsing-topics",
        "camera",
        "display-capture",
        "encrypted-media",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
        "xr-spatial-tracking",
    )
)


def proxy_middleware(get_response: Handler) -> Handler:
    """Behind CLIENTELA_PROXIES proxies of ours, the address that the outermost of them saw.

    Each proxy adds the address it was called from at the end of X-Forwarded-For, so what comes before the
    last so many was written by the client and is not believed.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.PROXIES:
            seen = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
            address = seen[-settings.PROXIES].strip() if len(seen) >= settings.PROXIES else ""
            if _is_address(address):
                request.META["REMOTE_ADDR"] = address
        return get_response(request)

    return middleware


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def headers_middleware(get_response: Handler) -> Handler:
    """Headers that no setting of Django gives."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.path_info.startswith(settings.STATIC_URL):
            # Whatever is not the same for everybody stays in no cache, nor in the browser after signing out.
            response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return middleware


def unasked_middleware(get_response: Handler) -> Handler:
    """Answer requests that nobody has a reason to send before anything else looks at them."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return _unasked(request) or get_response(request)

    return middleware


def _unasked(request: HttpRequest) -> HttpResponse | None:
    """TRACE, which shows a page its own cookies; more than anything may be long; and the API without TLS,
    where a redirect would hide for years that a program sends its token in the clear."""
    if request.method in ("TRACE", "TRACK"):
        return HttpResponse(status=405)
    if _length(request) > settings.LARGEST_REQUEST:
        text = '{"type":"about:blank","title":"The request is too large","status":413}'
        return HttpResponse(text, status=413, content_type="application/problem+json")
    if settings.HTTPS and request.path_info.startswith("/api/v") and not request.is_secure():
        text = '{"type":"about:blank","title":"HTTPS is needed","status":403}'
        return HttpResponse(text, status=403, content_type="application/problem+json")
    return None


def _length(request: HttpRequest) -> int:
    """What the request says it is long; what says nothing is read as empty by Django."""
    said = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 20 else 0


def locale_middleware(get_response: Handler) -> Handler:
    """Speak the signed-in user's language in his time zone; for visitors, what their browser asks for."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user if isinstance(request.user, User) else None
        language = language_for(request, user)
        with translation.override(language), timezone.override(time_zone_for(user)):
            request.LANGUAGE_CODE = language
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware


def language_for(request: HttpRequest, user: User | None) -> str:
    """The user's language; a visitor's is the one chosen on the sign-in page, or the browser's best."""
    known = {code for code, _ in settings.LANGUAGES}
    chosen = user.language if user is not None else request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in known:
        return chosen
    return preferred_language(request.headers.get("Accept-Language", ""), known)


def preferred_language(header: str, known: set[str]) -> str:
    """The best known language of an Accept-Language header, or the default one."""
    wishes = parse_accept_lang_header(header[:500].lower())
    for wish, _quality in wishes:
        base = wish.split("-")[0]
        if base in known:
            return base
    return settings.LANGUAGE_CODE


def time_zone_for(user: User | None) -> zoneinfo.ZoneInfo:
    """The user's time zone, or the company's when he has none that exists."""
    name = user.time_zone if user is not None else ""
    try:
        return zoneinfo.ZoneInfo(name or settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)

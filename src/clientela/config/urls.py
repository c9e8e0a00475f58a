"""The addresses of the whole application."""

from __future__ import annotations

from importlib.util import find_spec

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.i18n import set_language

from clientela.config import health, home
from clientela.platform.signing import views as signing

# Only what a company's user needs: people are added by an administrator, so there is no sign-up.
account_urls: list[URLPattern | URLResolver] = [
    path("login/", signing.login, name="account_login"),
    path("logout/", signing.logout, name="account_logout"),
    path("language/", set_language, name="set_language"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]

# In the order in which they are asked; lists come last because they take any /<records>/.
ROOMS = (
    "clientela.access",
    "clientela.platform.signing",
    "clientela.platform.people",
    "clientela.platform.handover",
    "clientela.ui",
    "clientela.platform.history",
    "clientela.platform.attachments",
    "clientela.platform.privacy",
    "clientela.platform.api",
    "clientela.platform.duplicates",
    "clientela.platform.rights",
    "clientela.platform.boards",
    "clientela.platform.settings",
    "clientela.platform.search",
    "clientela.platform.transfer",
    "clientela.platform.savedviews",
    "clientela.platform.timeline",
    "clientela.platform.audit",
    "clientela.platform.editing",
    "clientela.platform.pages",
    "clientela.platform.looks",
    "clientela.domain.parties",
    "clientela.domain.sales",
    "clientela.platform.lists",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("account/", include(account_urls)),
    *(path("", include(f"{room}.urls")) for room in ROOMS if find_spec(f"{room}.urls") is not None),
]

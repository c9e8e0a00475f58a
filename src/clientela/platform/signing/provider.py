"""Company accounts, stricter than allauth: signature, nonce and issuer of each answer are checked.

OpenID Connect Core 1.0 §3.1.3.7 lets a client skip the signature of an ID token it fetched itself over TLS,
and asks for a nonce only in other flows; here both hold always (ASVS 5.0, V6.8.2, V10.5.1, V10.5.3).
"""

from __future__ import annotations

import hmac
import logging
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

# Public keys only: a shared secret or “none” in an answer's header is never followed (RFC 8725 §3.1).
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
log = logging.getLogger(__name__)
_SALT = "clientela.platform.signing.provider"
_CLOCKS_APART = 30  # seconds
_NEEDED = ["exp", "iat", "iss", "aud", "sub"]


# Those that are called, or that a browser is sent to.
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


def _is_closed(address: str) -> bool:
    """Whether nobody on the way reads or alters what is sent there; a provider need not have each one."""
    parts = urlsplit(address)
    return not address or parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1")


class _Client(OAuth2Client):  # type: ignore[misc]
    """Sends a nonce along with the state."""

    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: dict[str, str]) -> str:
        params = extra_params | {"nonce": nonce_of(str(self.state))}
        return str(super().get_redirect_url(authorization_url, scope, params))


class CompanyProvider(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """One provider, for one request."""

    client_class = _Client

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself; OAuth2Error where that is not the issuer of the settings."""
        found: dict[str, Any] = super().openid_config
        settings = self.get_provider().app.settings
        if found.get("issuer") != settings.get("issuer", settings["server_url"]):
            raise OAuth2Error(f"The provider calls itself {found.get('issuer')}.")
        if open_to_others := [name for name in _ADDRESSES if not _is_closed(str(found.get(name, "")))]:
            raise OAuth2Error(f"The provider would be asked unencrypted: {open_to_others}.")
        return found

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> Any:
        """Refuse an answer without a signed part, then read it."""
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("There is no ID token.")
        return super().complete_login(request, app, token, **kwargs)

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        """The claims of an ID token that this provider made for us, for this very sign-in."""
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=self._key_of(id_token),
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=_CLOCKS_APART,
                options={"require": _NEEDED},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error("The ID token is not valid.") from error
        expected = nonce_of(self.request.GET.get("state", ""))
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), expected.encode()):
            raise OAuth2Error("The ID token is of another sign-in.")
        return claims

    def _key_of(self, id_token: str) -> jwt.PyJWK:
        """The key that the token names, of those at the provider's own address; raises PyJWTError."""
        wanted = jwt.get_unverified_header(id_token).get("kid")
        with get_adapter().get_requests_session() as session:
            response = session.get(self.openid_config["jwks_uri"])
            response.raise_for_status()
            keys = jwt.PyJWKSet.from_dict(response.json()).keys
        found = [key for key in keys if key.key_id == wanted]
        if len(found) != 1:
            raise jwt.PyJWTError("The key of the ID token is unknown.")
        return found[0]


def nonce_of(state: str) -> str:
    """The nonce of a sign-in. Its state is random, kept in the browser's session and good once, so the nonce,
    made from it with a key of ours, is all that as well and needs no place of its own."""
    return salted_hmac(_SALT, state, algorithm="sha256").hexdigest()


def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Off to the provider. One that cannot be reached refuses with words."""
    provider = CompanyProvider(request, provider_id)
    try:
        response: HttpResponse = OAuth2LoginView.adapter_view(provider)(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except (requests.RequestException, OAuth2Error) as error:
        log.warning("Company account %s: %s", provider_id, error)
        return unreachable(request, provider)
    return response


def unreachable(request: HttpRequest, provider: CompanyProvider) -> HttpResponse:
    """What is said when a provider does not answer."""
    refused: HttpResponse = render_authentication_error(request, provider.get_provider())
    return refused


def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Where the provider sends the browser back to."""
    try:
        view = OAuth2CallbackView.adapter_view(CompanyProvider(request, provider_id))
        response: HttpResponse = view(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    return response

"""What Clientela changes in allauth."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clientela.access.models import User
from clientela.kit.ids import new_token
from clientela.platform.audit import security
from clientela.platform.signing import changes, company, devices, sealing, sessions, throttle
from clientela.platform.signing.clients import client_of, network_of
from clientela.platform.signing.provider import CompanyProvider

_FAILURES_FREE = 5
_FAILURES_OF_ADDRESS_FREE = 50


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by e-mail for people whom an administrator has added."""

    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The e-mail or the password is not right."),
        "incorrect_code": _("That code is not right."),
        "incorrect_password": _("The password is not right."),
        "enter_current_password": _("The present password is not right."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account for oneself."""
        return False

    def add_message(self, request: HttpRequest, level: int, *args: object, **kwargs: object) -> None:
        """No “you are signed in” notices: the page that follows says it. Errors are told."""
        if level >= messages.ERROR:
            super().add_message(request, level, *args, **kwargs)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse to even look at the password while this place has to wait for this account."""
        self._limits = _limits(request, str(credentials.get("email", "")))
        wait = throttle.take(self._limits)
        if wait is not None:
            email = str(credentials.get("email", ""))
            security.record_event("too_many_attempts", request=request, detail=email)
            raise ValidationError(throttle.wait_in_words(wait), code="too_many_login_attempts")

    def _rollback_login_failed_rl_usage(self) -> None:
        """It was the right password: forget the failures."""
        throttle.forgive(self._limits)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Keep who was tried, not with what."""
        email = str(credentials.get("email", ""))
        security.record_event(security.SIGN_IN_FAILED, request=request, detail=email)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        """Note the session and the device, whichever way somebody came in."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        assert isinstance(user, User)
        sessions.begun(request, response, user, _method(request, user))
        return response

    def logout(self, request: HttpRequest) -> None:
        """The session leaves the list before it ends."""
        sessions.left(request)
        super().logout(request)

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Every change of a password ends the other sessions and is told to its person."""
        super().set_password(user, password)
        assert isinstance(user, User)
        changes.password_changed(user, context.request)

    def send_notification_mail(self, template: str, user: AbstractBaseUser, *args: Any, **more: Any) -> None:
        """Changes of second factors and company accounts; those of passwords are told in `set_password`."""
        if not template.startswith("account/"):
            assert isinstance(user, User)
            changes.factor_changed(user, template.rpartition("/")[2], context.request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")


def _limits(request: HttpRequest, email: str) -> list[throttle.Limit]:
    """What guesses at this account count against: from a known device only that device."""
    email = email.strip().lower()
    device = devices.find(request, email)
    if device is not None:
        return [throttle.Limit(f"password:{email}:device:{device.pk}", _FAILURES_FREE)]
    network = network_of(client_of(request).address)
    return [
        throttle.Limit(f"password:{email}:{network}", _FAILURES_FREE),
        throttle.Limit(f"password:{network}", _FAILURES_OF_ADDRESS_FREE),
    ]


def _method(request: HttpRequest, user: User) -> str:
    """How somebody signed in: "password", "password+totp", "passkey", "company"..."""
    records = get_authentication_records(request, user)
    if records and records[-1].get("passwordless"):
        return "passkey"
    names = {"socialaccount": "company"}
    return "+".join(
        str(names.get(each["method"], each.get("type") or each["method"])) for each in records[-2:]
    )[:20]


class SecondFactorAdapter(DefaultMFAAdapter):
    """Seeds are stored encrypted, passkeys are called after their device."""

    error_messages: ClassVar = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That code is not right."),
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        return str(settings.WORKSPACE_NAME)

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:
        """A passkey is called after the device it is made on."""
        return changes.device_of(context.request)


class CompanyAdapter(DefaultSocialAccountAdapter):
    """Sign-in with a company's account: for people who are here already, known by a verified e-mail."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """allauth's provider, with our stricter reading of its answers."""
        found = super().get_provider(request, provider, client_id=client_id)
        found.oauth2_adapter_class = CompanyProvider
        return found

    def get_requests_session(self) -> Any:
        """Calls to a provider follow no redirect: only its own addresses are asked."""
        session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def generate_state_param(self, state: dict[str, Any]) -> str:
        return new_token()

    def authenticate_by_email(self, sociallogin: Any) -> None:
        """Done in `pre_social_login`: allauth would take the person's password away."""
        return

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find the person, or refuse with words."""
        refusal = company.recognise(request, sociallogin)
        if refusal:
            security.record_event(security.SIGN_IN_FAILED, request=request, detail=f"company {refusal}")
            raise ImmediateHttpResponse(_refused(request, refusal))

    def on_authentication_error(self, request: HttpRequest, provider: Any, *args: Any, **kwargs: Any) -> None:
        """The provider refused, or somebody brought an answer nobody had asked for."""
        security.record_event(security.SIGN_IN_FAILED, request=request, detail="company error")
        raise ImmediateHttpResponse(_refused(request, "error"))


def _refused(request: HttpRequest, reason: str) -> HttpResponse:
    return render(request, "signing/company_refused.html", {"reason": reason}, status=403)

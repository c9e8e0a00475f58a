"""Forms of signing in: allauth's with our throttle, and those of our own pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import (
    ChangePasswordForm,
    ResetPasswordForm,
)
from allauth.account.forms import (
    ReauthenticateForm as PasswordAgainForm,
)
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clientela.access.models import User
from clientela.platform.audit import security
from clientela.platform.signing import recovery, tasks, throttle
from clientela.platform.signing.clients import client_of, network_of
from clientela.platform.signing.spent import spend

_CODES_FREE = 5
_MAILS_FREE = 3
_MAILS_OF_ADDRESS_FREE = 20


def _take(user: User, what: str) -> list[throttle.Limit]:
    """Count a guess of `user`; raises ValidationError while she has to wait."""
    limits = [throttle.Limit(f"{what}:{user.pk}", _CODES_FREE)]
    wait = throttle.take(limits)
    if wait is not None:
        security.record_event("too_many_attempts", user=user, request=context.request, detail=what)
        raise ValidationError(throttle.wait_in_words(wait), code="too_many")
    return limits


@contextmanager
def _kept(user: User | None, what: str) -> Iterator[None]:
    """Whoever shows what is not right is kept, as he is who does not get in at all."""
    try:
        yield
    except ValidationError:
        security.record_event(security.SIGN_IN_FAILED, user=user, request=context.request, detail=what)
        raise


class _Throttled:
    """Checks a code only while guesses are still free; takes each code once over all processes."""

    user: User

    def clean_code(self) -> str:
        limits = _take(self.user, "code")
        with _kept(self.user, "code"):
            code = self.checked()
            if not spend(f"{self.user.pk}:{_bare(code)}"):
                raise ValidationError(_("This code was used already. Wait for the next one."), code="used")
        throttle.forgive(limits)
        return code

    def checked(self) -> str:
        """The code as allauth checks it."""
        code: str = super().clean_code()  # type: ignore[misc]
        return code

    @property
    def kinds(self) -> set[str]:
        """What this person can show: totp, webauthn, recovery_codes."""
        return set(Authenticator.objects.filter(user=self.user).values_list("type", flat=True))


class _OrRecovery(_Throttled):
    """Takes one of the recovery codes too, by its hash and in no other way."""

    cleaned_data: dict[str, Any]
    authenticator: Authenticator

    def checked(self) -> str:
        code: str = self.cleaned_data["code"]
        found = recovery.use(self.user, _bare(code))
        if found is not None:
            self.authenticator = found
            return code
        code = super().checked()
        if self.authenticator.type == recovery.KIND:
            raise get_adapter().validation_error("incorrect_code")
        return code


class SignInCodeForm(_OrRecovery, AuthenticateForm):
    """The second step of signing in."""


class ConfirmCodeForm(_OrRecovery, ReauthenticateForm):
    """Confirming who one is with a code."""


class ActivateCodeForm(_Throttled, ActivateTOTPForm):
    """Setting up one-time codes: the first one shows that the app has the seed."""


class _Passkey:
    """A passkey that is not right is kept too; nobody guesses one, so nothing is slowed down."""

    user: User | None

    def clean_credential(self) -> Authenticator:
        with _kept(self.user, "passkey"):
            found: Authenticator = super().clean_credential()  # type: ignore[misc]
        return found


class SignInPasskeyForm(_Passkey, LoginWebAuthnForm):
    """Signing in by a passkey alone."""


class SecondPasskeyForm(_Passkey, AuthenticateWebAuthnForm):
    """A passkey after the password."""


class ConfirmPasskeyForm(_Passkey, ReauthenticateWebAuthnForm):
    """Confirming who one is with a passkey."""


class ConfirmPasswordForm(PasswordAgainForm):
    """Confirming who one is with the password: who took a session over guesses no faster than at the door."""

    def clean_password(self) -> str:
        limits = _take(self.user, "confirm")
        password: str = super().clean_password()  # a wrong one is kept as at the door
        throttle.forgive(limits)
        return password


class NewPasswordForm(ChangePasswordForm):
    """A new password, for who knows the present one."""

    def clean_oldpassword(self) -> str:
        limits = _take(self.user, "confirm")
        with _kept(self.user, "confirm"):
            password: str = super().clean_oldpassword()
        throttle.forgive(limits)
        return password


class ResetForm(ResetPasswordForm):
    """Asking for a new password: the same answer, as quickly, whether anybody has the address."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = self.cleaned_data["email"]
        if _may_mail(request, email):
            tasks.send_later("reset", email=email, base=request.build_absolute_uri("/"))
            security.record_event("reset_requested", request=request, detail=email)
        return email


def _bare(code: str) -> str:
    """Without the blanks and dashes that people and apps put in."""
    return re.sub(r"\W", "", code).lower()


def _may_mail(request: HttpRequest, email: str) -> bool:
    """Whether another mail may go there; who asks too often is told the same and sent nothing more."""
    network = network_of(client_of(request).address)
    limits = [
        throttle.Limit(f"reset:{email.lower()}:{network}", _MAILS_FREE),
        throttle.Limit(f"reset:{network}", _MAILS_OF_ADDRESS_FREE),
    ]
    if throttle.take(limits) is None:
        return True
    security.record_event("too_many_attempts", request=request, detail=f"reset {email}")
    return False


class AcceptForm(forms.Form):
    """What an invited person says about herself."""

    name = forms.CharField(
        label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("Once more"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("password1") and given.get("password1") != given.get("password2"):
            self.add_error("password2", _("The two passwords are not the same."))
        return given

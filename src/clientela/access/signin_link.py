"""An address that signs one person in once, for somebody who has lost the way in.

The address holds a signed token and nothing is stored. The signature covers the moment of the person's last
sign-in, so using any of her links, or signing in some other way, ends them all.
"""

from __future__ import annotations

from datetime import timedelta

from django.core import signing
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from clientela.access.models import User

LIFETIME = timedelta(minutes=10)
_SALT = "clientela.access.signin_link"


def make(user: User) -> str:
    """A token that is good for ten minutes and one sign-in."""
    return signing.dumps([user.pk, _fingerprint(user)], salt=_SALT)


def find(token: str) -> User | None:
    """The active person whom a token would sign in, or None when it is forged, used or too old."""
    try:
        pk, fingerprint = signing.loads(token, salt=_SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    if user is None or not constant_time_compare(fingerprint, _fingerprint(user)):
        return None
    return user


def use(token: str) -> User | None:
    """Spend a token: the person to sign in, or None. Of two who come at once only one gets her."""
    user = find(token)
    if user is None:
        return None
    now = timezone.now()
    spent = User.objects.filter(pk=user.pk, last_login=user.last_login).update(last_login=now)
    if not spent:
        return None
    user.last_login = now
    return user


def _fingerprint(user: User) -> str:
    state = f"{user.pk}|{user.password}|{user.last_login}|{user.email}"
    return salted_hmac(_SALT, state, algorithm="sha256").hexdigest()

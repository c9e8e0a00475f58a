"""`clientela token EMAIL`."""

from __future__ import annotations

import argparse
import sys

from django.utils.translation import gettext as _

from clientela.access.models import User
from clientela.platform.api import scopes, tokens


def run_token(namespace: argparse.Namespace) -> int:
    """Print a new token, the only time it is shown; 1 when nobody active has that e-mail or no such scope."""
    user = User.objects.filter(email__iexact=namespace.email.strip(), is_active=True).first()
    if user is None:
        print(_("Nobody active has the e-mail %(email)s.") % {"email": namespace.email}, file=sys.stderr)
        return 1
    name = getattr(namespace, "name", "") or _("Command line")
    days = getattr(namespace, "days", 0)
    words = (getattr(namespace, "records", "") or "").split(",")
    try:
        scope = scopes.of_words(words, read_only=bool(getattr(namespace, "read_only", False)))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    _token, secret = tokens.issue(user, name, days or None, scope)
    print(secret)
    return 0

"""People, teams and the materialised reach of each team over those below it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.access import ready_made
from clientela.kit.text import colour_of, initials, is_plain_name

if TYPE_CHECKING:
    from clientela.access.standing import Standing


def plain_name(name: str) -> None:
    """Raise ValidationError for a name that would show as another one."""
    if not is_plain_name(name):
        raise ValidationError(_("This name has characters that are not seen, or that turn the text round."))


class ShareLevel(models.TextChoices):
    """What a share lets one do with a record."""

    READ = "read", pgettext_lazy("share", "Read")
    WRITE = "write", pgettext_lazy("share", "Write")


class Language(models.TextChoices):
    """The languages of the program."""

    SPANISH = "es", "Español"
    CATALAN = "ca", "Català"
    ENGLISH = "en", "English"


class Theme(models.TextChoices):
    """Light or dark; empty follows the system."""

    SYSTEM = "", _("As the system")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Density(models.TextChoices):
    """How close the rows of lists stand."""

    NORMAL = "", _("Normal")
    COMPACT = "compact", _("Compact")


if TYPE_CHECKING:
    _Char = models.CharField[str, str]
else:
    _Char = models.CharField


class RoleNameField(_Char):
    """What a role is called. That of a ready-made one is read in the reader's language, wherever it shows."""

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> str | None:
        return None if value is None else ready_made.in_words(value)

    def deconstruct(self) -> Any:
        """In the database it is a text like others."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class Role(models.Model):
    """What people who have it may do: `rules` as `access.rules` describes them.

    A ready-made role has a `key`, and no rules of its own until somebody changes them.
    """

    key = models.CharField(_("Key"), max_length=40, unique=True, null=True, blank=True, editable=False)
    name = RoleNameField(_("Name"), max_length=120, validators=[plain_name])
    description = models.CharField(_("Description"), max_length=300, blank=True, default="")
    is_administrator = models.BooleanField(_("Administrator"), default=False)
    requires_mfa = models.BooleanField(_("Asks for a second factor"), default=False)
    rules = models.TextField(_("Rules"), blank=True, default="", editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(_("Last change"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("Role")
        verbose_name_plural = _("Roles")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Its name; that of a ready-made role in the reader's language until somebody gives it another."""
        return ready_made.name_of(self.key, self.name)


class Team(models.Model):
    """A group of people under another team; `TeamReach` holds the closure.

    Whoever manages a team reaches it and those below it, wherever he is placed himself.
    """

    name = models.CharField(_("Name"), max_length=120, validators=[plain_name])
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Team above")
    )
    managers = models.ManyToManyField(
        "access.User", blank=True, related_name="managed_teams", verbose_name=_("Managers")
    )

    class Meta:
        verbose_name = _("Team")
        verbose_name_plural = _("Teams")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class TeamReach(models.Model):
    """One row for each team and each team at or below it; kept by `access.teams.rebuild_reach`."""

    ancestor = models.ForeignKey(Team, models.CASCADE, related_name="reach_down")
    descendant = models.ForeignKey(Team, models.CASCADE, related_name="reach_up")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ancestor", "descendant"], name="access_reach_once")
        ]


class UserManager(BaseUserManager["User"]):
    """Makes people; an e-mail stands for one person whatever its capitals."""

    def create_user(
        self,
        email: str,
        password: str | None = None,
        *,
        roles: Iterable[str] = (ready_made.SELLER,),
        **fields: Any,
    ) -> User:
        """Create a person who signs in with `email`; without a password nobody can sign in as her.

        `roles`: keys of ready-made roles.
        """
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        user.roles.add(*Role.objects.using(self._db).filter(key__in=list(roles)))
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in. Deactivated, never deleted."""

    email = models.EmailField(_("E-mail"), unique=True)
    name = models.CharField(_("Name"), max_length=150, validators=[plain_name])
    roles = models.ManyToManyField(Role, blank=True, related_name="people", verbose_name=_("Roles"))
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="members", verbose_name=_("Team")
    )
    is_active = models.BooleanField(_("Active"), default=True)
    language = models.CharField(
        _("Language"), max_length=5, choices=Language.choices, default=Language.SPANISH
    )
    time_zone = models.CharField(_("Time zone"), max_length=64, default="Europe/Madrid")
    theme = models.CharField(
        _("Theme"), max_length=5, choices=Theme.choices, blank=True, default=Theme.SYSTEM
    )
    density = models.CharField(
        _("Density"), max_length=7, choices=Density.choices, blank=True, default=Density.NORMAL
    )
    shortcuts = models.BooleanField(_("Keyboard shortcuts"), default=True)
    created_at = models.DateTimeField(_("Created"), default=timezone.now, editable=False)

    standing: Standing | None = None
    """What her rights depend on, once `access.standing` has read it for this instance."""
    seen_by: int | None = None
    """Id of the administrator who looks at the product as this person, in this request."""

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    class Meta:
        verbose_name = _("Person")
        verbose_name_plural = _("People")
        ordering: ClassVar = ["name"]
        # Records sorted by who looks after them are read along it.
        indexes: ClassVar = [models.Index(fields=["name"], name="user_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def color(self) -> str:
        return colour_of(self.name)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Her rights are read anew too."""
        super().refresh_from_db(*args, **kwargs)
        self.standing = None


class Share(models.Model):
    """A record shown to a person, or to a team and those below it, beside what their roles give them."""

    record = models.CharField(_("Kind of record"), max_length=60)
    record_id = models.BigIntegerField(_("Record"))
    user = models.ForeignKey(
        User,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="shares",
        verbose_name=pgettext_lazy("share", "Person"),
    )
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="shares", verbose_name=_("Team")
    )
    level = models.CharField(
        pgettext_lazy("share", "Level"), max_length=5, choices=ShareLevel.choices, default=ShareLevel.READ
    )
    until = models.DateTimeField(pgettext_lazy("share", "Until"), null=True, blank=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("Shared by"))
    at = models.DateTimeField(_("Shared on"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("Share")
        verbose_name_plural = _("Shares")
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["record", "record_id"], name="access_share_record")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, team__isnull=True)
                | models.Q(user__isnull=True, team__isnull=False),
                name="access_share_with_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.record} {self.record_id}"

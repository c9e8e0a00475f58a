"""People, teams and the materialised reach of each team over those below it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clientela.kit.text import colour_of, initials


class Role(models.TextChoices):
    """The first policy knows four roles; what each may do is in `access.policy`."""

    ADMIN = "admin", _("Administrator")
    MANAGER = "manager", _("Sales manager")
    SELLER = "seller", _("Salesperson")
    READER = "reader", _("Reader")


class Language(models.TextChoices):
    SPANISH = "es", "Español"
    CATALAN = "ca", "Català"
    ENGLISH = "en", "English"


class Theme(models.TextChoices):
    SYSTEM = "", _("As the system")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Density(models.TextChoices):
    NORMAL = "", _("Normal")
    COMPACT = "compact", _("Compact")


class Team(models.Model):
    """A group of people under another team; `TeamReach` holds the closure."""

    name = models.CharField(_("Name"), max_length=120)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Team above")
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
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a person who signs in with `email`; without a password nobody can sign in as her."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in. Deactivated, never deleted."""

    email = models.EmailField(_("E-mail"), unique=True)
    name = models.CharField(_("Name"), max_length=150)
    role = models.CharField(_("Role"), max_length=20, choices=Role.choices, default=Role.SELLER)
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

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    class Meta:
        verbose_name = _("Person")
        verbose_name_plural = _("People")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def color(self) -> str:
        return colour_of(self.name)

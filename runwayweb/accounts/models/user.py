"""A person, known by an e-mail address."""

from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models, transaction
from django.db.models import Case, When
from django.db.models.functions import Lower
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from ..time_zones import zone_of
from .closing import Closable, ClosingQuerySet
from .suspension import Suspendable
from .workspace import Workspace


class UserManager(BaseUserManager.from_queryset(ClosingQuerySet)):
    """Makes people. Each gets a personal workspace in the same transaction."""

    use_in_migrations = True

    @transaction.atomic
    def create_user(self, email, password=None, **fields):
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        user.open_workspace()
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True} | fields)

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(Closable, Suspendable, AbstractUser):
    """Signs in by e-mail; there are no user names here."""

    username = None
    first_name = None
    last_name = None
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True)  # "": what the browser asks for
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)  # as in the IANA's list; "": the studio's
    must_accept_terms = models.BooleanField(_("must accept new terms"), default=False)  # see agreeing
    # Whether there may be something that whoever runs the studio has to say; see subscriptions.
    has_announcements = models.BooleanField(_("has announcements"), default=False)
    closes_at = models.DateTimeField(_("closes at"), null=True, blank=True)  # see Closable
    # The one in use; whether it still may be, a membership says.
    workspace = models.ForeignKey(Workspace, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once_whatever_its_case")]

    def __str__(self):
        return self.email

    @property
    def short_name(self):
        """What to call somebody on a page: the name, or the address up to the @."""
        return self.name or self.email.partition("@")[0]

    @property
    def initials(self):
        words = self.short_name.replace(".", " ").replace("_", " ").split()
        return "".join(word[0] for word in words[:2]).upper() or "?"

    def has_address(self, email):
        """Whether mail to `email` reaches them: the main address, or another they confirmed."""
        others = self.emailaddress_set.filter(email__iexact=email, verified=True)
        return self.email.lower() == email.lower() or others.exists()

    @contextmanager
    def at_home(self):
        """Speak this person's language, in their time zone: for mails, which nobody's browser asks for."""
        zone = zone_of(self.time_zone)
        with translation.override(self.language or settings.LANGUAGE_CODE), timezone.override(zone):
            yield

    def membership(self):
        """What this person is in the workspace in use, which is made when there is none. One query once it exists.

        Somebody who lost the workspace in use is in the oldest of those that are left.
        """
        in_use_first = Case(When(workspace=self.workspace_id, then=0), default=1)
        mine = self.memberships.select_related("workspace").order_by(in_use_first, "created_at", "pk")
        return mine.first() or self._first_membership()

    def open_workspace(self):
        """The workspace in use, made when there is none. One query once it exists."""
        return self.membership().workspace

    def use(self, workspace):
        """Make `workspace` the one in use; True if another was."""
        changed = self.workspace_id != workspace.pk
        if changed:
            self.workspace = workspace
            self.save(update_fields=["workspace"])
        return changed

    def _closed(self, closed):
        return {"is_active": not closed}  # what every way in asks for

    def _stopped(self):
        return [(one.workspace, self) for one in self.memberships.select_related("workspace")]

    def _logged(self):
        return None, "person", self.email

    @transaction.atomic
    def _first_membership(self):
        # Two pages opened at once must not make two workspaces: the second waits here, and finds the first's.
        User.objects.select_for_update().get(pk=self.pk)
        if not self.memberships.exists():
            Workspace.objects.open_for(self)
        return self.memberships.select_related("workspace").first()

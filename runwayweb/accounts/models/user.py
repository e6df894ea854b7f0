"""A person, known by an e-mail address."""

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from .workspace import Workspace


class UserManager(BaseUserManager):
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


class User(AbstractUser):
    """Signs in by e-mail; there are no user names here."""

    username = None
    first_name = None
    last_name = None
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)

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

    def open_workspace(self):
        """The personal workspace, made when there is none yet. One query once it exists."""
        workspace = Workspace.objects.visible_to(self).order_by("created_at").first()
        if workspace is None:
            workspace = Workspace.objects.open_for(self)
        return workspace

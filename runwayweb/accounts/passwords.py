"""What a password here must not be, beside what Django knows of."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SHORTEST = 4  # letters of a name that counts: shorter ones are part of ordinary words


def names_of_the_studio():
    """Words that whoever guesses tries first: the product's, and those of the host."""
    hosts = [part for host in settings.ALLOWED_HOSTS for part in host.lower().strip(".").split(".")]
    own = {"runwayweb", *hosts} - {"localhost", "www", "example"}
    return {word for word in own if len(word) >= SHORTEST and not word.isdigit()}


class NotTheNameOfTheStudio:
    """Refuses a password that is a name of the studio with a few letters around it."""

    MORE = 4  # letters

    def validate(self, password, user=None):
        letters = password.lower()
        if any(name in letters and len(letters) <= len(name) + self.MORE for name in names_of_the_studio()):
            raise ValidationError(self.get_help_text(), code="password_names_studio")

    def get_help_text(self):
        return _("Your password must not be the name of this studio.")

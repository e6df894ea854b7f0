"""The sign-in and sign-up forms: allauth's, with our words and limits; and those of an account and a workspace."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm, SignupForm
from allauth.core import context
from allauth.socialaccount.forms import SignupForm as SocialSignupForm
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from runwayweb.accounts import device, time_zones
from runwayweb.accounts.deeds import name_of
from runwayweb.accounts.models import Role, User, Workspace
from runwayweb.days import DayInput

PASSWORD_LETTERS = 128  # a longer one would only keep the hasher busy


class _OurWords(forms.Form):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        email = self.fields.get("login") or self.fields["email"]
        password = self.fields.get("password") or self.fields["password1"]
        email.label = _("Email")
        email.widget.attrs |= {"autocomplete": "email", "placeholder": ""}
        password.label = _("Password")
        password.max_length = PASSWORD_LETTERS
        password.validators.append(forms.fields.validators.MaxLengthValidator(PASSWORD_LETTERS))
        for field in (email, password):
            field.widget.attrs.pop("placeholder", None)


class SignInForm(_OurWords, LoginForm):
    """E-mail and password; stays signed in."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""  # the page itself leads to a new one


class _OfADevice(forms.Form):
    def clean(self):
        """Counted as it is asked for, whether or not the address has an account: the count would tell."""
        cleaned = super().clean()
        if not self.errors and not device.take_room(context.request):
            raise forms.ValidationError(
                _("Several accounts were made in this browser today. Sign in with one of them, or come back tomorrow.")
            )
        return cleaned


class SignUpForm(_OurWords, _OfADevice, SignupForm):
    """E-mail and one password. Who came by an invitation signs up with its address: the link is for nobody else."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        invitation = get_adapter().invitation_of(context.request)
        if invitation:
            email = self.fields["email"]
            email.initial, email.disabled = invitation.email, True
            self.initial["email"] = invitation.email
            email.help_text = _("You are invited to “%(workspace)s”.") % {"workspace": invitation.workspace}


class SignUpFromElsewhereForm(_OfADevice, SocialSignupForm):
    """The address of somebody whose account elsewhere tells none, or one that is taken here."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Email")
        self.fields["email"].widget.attrs = {"autocomplete": "email"}


class WorkspaceForm(forms.ModelForm):
    class Meta:
        model = Workspace
        fields = ["name"]
        labels = {"name": _("Name")}

    def clean_name(self):
        return " ".join(self.cleaned_data["name"].split())  # on one line: it stands in subjects of mails


class RoleForm(forms.Form):
    """One of the roles that can be given: whoever owns the workspace is not made by this."""

    ROLES = [role for role in Role if role != Role.OWNER]

    role = forms.ChoiceField(label=_("Role"), choices=[(role.value, role.label) for role in ROLES], initial=Role.EDITOR)


class InvitationForm(RoleForm):
    email = forms.EmailField(label=_("Email"), max_length=254)

    field_order = ["email", "role"]


class HandOverForm(forms.Form):
    member: forms.ModelChoiceField = forms.ModelChoiceField(None, label=_("To whom"), empty_label=_("Choose somebody"))
    sure = forms.BooleanField(label=_("I know that only they can give it back to me."))

    def __init__(self, *args, workspace, **kwargs):
        super().__init__(*args, **kwargs)
        others = workspace.memberships.exclude(role=Role.OWNER).filter(user__is_active=True)
        self.fields["member"].queryset = others.by_rank().select_related("user")
        self.fields["member"].label_from_instance = lambda member: f"{member.user.short_name} · {member.user.email}"


class AuditFilter(forms.Form):
    """Which lines of a workspace's log are shown. Nonsense in it is left out."""

    who = forms.ChoiceField(label=_("Who"), required=False)
    action = forms.ChoiceField(label=_("What"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=DayInput())
    until = forms.DateField(label=_("To"), required=False, widget=DayInput())

    def __init__(self, values, *, workspace):
        super().__init__(values)
        self.workspace = workspace
        lines = workspace.audit_entries.order_by()
        people = lines.values_list("by_name", flat=True).distinct().order_by("by_name")
        actions = sorted((name_of(action), action) for action in lines.values_list("action", flat=True).distinct())
        self.fields["who"].choices = [("", _("Everybody")), *((name, name) for name in people if name)]
        self.fields["action"].choices = [("", _("Everything")), *((action, name) for name, action in actions)]
        self.is_valid()

    @property
    def values(self):
        """What is asked for, as an address says it."""
        return {name: self.data[name] for name in self.fields if self.cleaned_data.get(name)}

    def entries(self):
        """The lines, newest first."""
        asked, lines = self.cleaned_data, self.workspace.audit_entries.order_by("-created_at", "-pk")
        if asked.get("who"):
            lines = lines.filter(by_name=asked["who"])
        if asked.get("action"):
            lines = lines.filter(action=asked["action"])
        if asked.get("since"):
            lines = lines.filter(created_at__date__gte=asked["since"])
        if asked.get("until"):
            lines = lines.filter(created_at__date__lte=asked["until"])
        return lines


class AccountForm(forms.ModelForm):
    """Who somebody is, and how pages speak to them."""

    studio_zone = settings.TIME_ZONE
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    class Meta:
        model = User
        fields = ["name", "language", "time_zone"]
        labels = {"name": _("Name")}
        help_texts = {"name": _("What others call you here. Without one, it is your address up to the @.")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("As my browser asks")), *settings.LANGUAGES]
        studios = _("The studio's (%(zone)s)") % {"zone": settings.TIME_ZONE}
        self.fields["time_zone"].choices = [("", studios), *time_zones.choices()]


class ClosingForm(forms.Form):
    """Nobody gives an account up by a slip: its address is typed."""

    email = forms.CharField(label=_("Type your address, to be sure"), max_length=254)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["email"].widget.attrs = {"autocomplete": "off"}

    def clean_email(self):
        if self.cleaned_data["email"].strip().lower() != self.user.email.lower():
            raise forms.ValidationError(_("That is not the address of this account."))
        return self.cleaned_data["email"]

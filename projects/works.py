"""What the requests for a sound and for a work over footage have in common: a task, and the engines that do it here."""

import math
import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from generation import machines
from generation.engine import catalogue
from generation.engine.card import HOW_TO_ADD_EXTRAS
from generation.engine.request import SEED, InvalidRequest
from generation.models.requested import LISTENS
from projects.inputs import told
from projects.plan_choices import ClosableSelect, close, plan_shown
from projects.slow_lane import offer_slow_lane
from runwayweb.assets.footage import BadFootage
from runwayweb.subscriptions import limits


class WorkForm(forms.Form):
    """One of WORKS: becomes one frozen request. Fields that its task does not have are left out."""

    # Task → its name, the icon beside it, and the fields it has.
    WORKS: dict[str, tuple[Any, str, tuple[str, ...]]] = {}
    FILES: tuple[str, ...] = ()  # fields that hold what nobody has looked at before it is sent
    FORM_FIELDS: dict[str, str] = {}  # where the engine's own checks call a field otherwise

    model = forms.ChoiceField(label=_("Engine"), required=False, widget=ClosableSelect)
    seed = forms.IntegerField(
        label=_("Seed"),
        required=False,
        min_value=SEED[0],
        max_value=SEED[1],
        widget=forms.NumberInput(attrs={"placeholder": _("Random")}),
    )

    def __init__(self, *args, task, workspace, **kwargs):
        super().__init__(*args, **kwargs)
        self.task, self.workspace = task, workspace
        able = (card for card in catalogue.cards() if task in card.tasks)
        self.cards = sorted(able, key=lambda card: (bool(card.lacks), -card.rank))
        _label, _icon, names = self.WORKS[task]
        for name in set(self.fields) - {*names, "model"}:
            del self.fields[name]
        offer_slow_lane(self, workspace)
        self.fields["model"].choices = [(card.id, card.name) for card in self.cards]
        self.fields["model"].initial = self.cards[0].id if self.cards else None
        self.plan = plan_shown(workspace)
        close(self.fields["model"], lambda model: limits.refusals(self.plan, model=model))
        if len(self.cards) < 2:
            self.fields["model"].widget = forms.HiddenInput()
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    @property
    def card(self):
        """The engine that is chosen, also in a form that is not complete; the first where none of them is."""
        chosen = self["model"].value()
        return next((card for card in self.cards if card.id == chosen), self.cards[0])

    @property
    def command(self):
        """What installs an engine for it, or what its engines lack, where none is here that could begin."""
        if not self.cards:
            return catalogue.how_to_serve(self.task)
        return HOW_TO_ADD_EXTRAS if self.cards[0].lacks else ""

    @property
    def lacking(self):
        """Of the engine that is chosen: a package without which it cannot begin, or ""."""
        return self.card.lacks[0] if self.cards and self.card.lacks else ""

    @property
    def takes_a_file(self):
        """Whether its price is only known when a file was looked at."""
        return any(name in self.fields for name in self.FILES)

    @property
    def credits_a_minute(self):
        return math.ceil(60 * self.card.credits_per_second) if self.cards else 0

    def sample(self):
        """A request like the one that will come of a file, for a quote; None where nobody knows yet."""
        return None

    def clean(self):
        cleaned = super().clean()
        if not self.cards:
            self.add_error(None, _("Nothing that does this is installed here."))
        elif self.lacking:
            lacking = {"model": self.card.name, "package": self.lacking, "command": HOW_TO_ADD_EXTRAS}
            self.add_error(None, _("%(model)s needs %(package)s, which is not installed here: %(command)s") % lacking)
        elif why := machines.refusal(self.card):
            self.add_error(None, why)
        if not self.errors:
            try:
                cleaned["asked"] = self.ask(cleaned)
            except InvalidRequest as error:
                field = self.FORM_FIELDS.get(error.field, error.field)
                self.add_error(field if field in self.fields else None, told(error))
            except BadFootage as error:
                self.add_error(next(name for name in self.FILES if name in self.fields), str(error))
        if not self.errors and cleaned["asked"].duration_seconds > self.card.max_seconds:
            limit = {"model": self.card.name, "seconds": f"{self.card.max_seconds:g}"}
            self.add_error(None, _("%(model)s does up to %(seconds)s seconds at once. Make it shorter.") % limit)
        if not self.errors:
            self._refuse_what_the_plan_does_not_allow(cleaned["asked"])
        return cleaned

    def _refuse_what_the_plan_does_not_allow(self, asked):
        seconds = 0 if self.task in LISTENS else asked.duration_seconds
        for reached in limits.refusals(self.plan, model=self.card.id, seconds=seconds):
            self.add_error(None, str(reached))

    def ask(self, cleaned):
        """The frozen request. Raises InvalidRequest, BadFootage."""
        raise NotImplementedError

    def inputs(self):
        """What was given besides words, as rows for a run, not saved."""
        return []

    def seed_of(self, cleaned):
        return cleaned["seed"] if cleaned["seed"] is not None else secrets.randbelow(10**6)

"""Which of the installed models an operator offers, and which stands first: flags of the studio, asked for as those."""

import os

from django.core.exceptions import SynchronousOnlyOperation
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from generation.engine import catalogue
from runwayweb.accounts import flags
from runwayweb.accounts.models import Flag
from runwayweb.subscriptions.refused import Refused
from runwayweb.subscriptions.switches import SwitchedOff

MODEL, FIRST = "model:", "first-model:"


def withheld():
    """The ids of models that are installed and not offered; nothing while nobody can tell."""
    return {name for name, on in _named(MODEL) if not on}


def first():
    """The id of the model that an operator put first; "" where that is as the settings have it."""
    return next((name for name, on in _named(FIRST) if on), "")


def check(card):
    """Raises SwitchedOff for a model that is not offered."""
    if card.id in withheld():
        raise SwitchedOff(_("%(model)s is not offered just now. Choose another model.") % {"model": card.name})


def offer(model, on, *, by):
    """Let people choose a model, or not; True if that is something else than before. Raises Refused for the default."""
    if not on and model == catalogue.cards()[0].id:
        raise Refused(_("This is the default model. Make another one the default first."))
    return Flag.objects.switch(MODEL + model, None if on else False, by=by)


@transaction.atomic
def put_first(model, *, by):
    """Make a model the default of the studio; True if it was not before. Raises Refused for one that is not offered, or
    draws nothing."""
    if not catalogue.card(model).draws:
        raise Refused(_("The default model is one that draws."))
    if model in withheld():
        raise Refused(_("It is not offered. Offer it first."))
    if first() == model:
        return False
    for flag in Flag.objects.filter(name__startswith=FIRST, workspace=None):
        Flag.objects.switch(flag.name, None, by=by)
    return Flag.objects.switch(FIRST + model, True, by=by)


def _named(prefix):
    if connection.vendor == "sqlite" and not os.path.exists(connection.settings_dict["NAME"]):
        return []  # in a shell, where nobody has a studio: asking would make a database
    try:
        rows = flags.rows()
    except (DatabaseError, SynchronousOnlyOperation):
        return []
    return [
        (name.removeprefix(prefix), on) for (name, of), on in rows.items() if of is None and name.startswith(prefix)
    ]

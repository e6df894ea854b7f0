"""What an operator has switched off, as a refusal: the flags themselves lie with the accounts."""

from runwayweb.accounts import flags

from .refused import Refused


class SwitchedOff(Refused):
    """Whoever asks is told so in the flag's own sentence; of a program with 503: it may ask again later."""

    status = 503


def check(name, workspace):
    """Raises SwitchedOff where the flag called `name` is off for a workspace (or its id)."""
    if not flags.is_on(name, workspace):
        raise SwitchedOff(str(flags.FLAGS[name].when_off))

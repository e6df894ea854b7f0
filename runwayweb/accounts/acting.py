"""Whether an operator acts as somebody else just now: what verbs far from any request ask, too."""

from contextvars import ContextVar

_operator: ContextVar[str] = ContextVar("operator", default="")


def operator_of_this_request():
    """The address of an operator who looks at the studio as somebody else; "" where nobody does."""
    return _operator.get()


def begin(operator):
    return _operator.set(operator.email)


def end(token):
    _operator.reset(token)

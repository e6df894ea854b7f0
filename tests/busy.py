"""A web process in which files are looked through at every place there is."""

from contextlib import ExitStack, contextmanager

from runwayweb.assets import sandbox


@contextmanager
def every_place_taken(monkeypatch, but=0):
    """By others, who take long; `but` so many. Whoever comes now waits a moment."""
    monkeypatch.setattr(sandbox, "BUSY_SECONDS", 0.05)
    with ExitStack() as held:
        for _place in range(sandbox.PLACES - but):
            held.enter_context(sandbox.IN_TURN[0])
        yield

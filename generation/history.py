"""How long runs took on this installation, and so how long one like them will take."""

import math
import time
from dataclasses import dataclass
from statistics import median, quantiles

from django.db.models import F
from django.utils.translation import gettext as _

HISTORY = 50  # finished runs of the same model that an estimate goes by
ALIKE = 1.25  # times as large, at most, is of the same size
MUCH_LARGER = 4  # times as large
ENOUGH = 5  # runs of the same size, to go by those alone
LOADS = 5
MEGA = 1_000_000
SOUND_PACE = 0.5  # seconds for a second of sound: a first guess
UNKNOWN_SECONDS = 30.0  # of a run of a model that nobody here knows
FAR_APART = 1.5  # times as long: then both are told
KEPT_SECONDS = 5.0  # that what was read stays true: a page asks for several models, each of which is fifty rows

_read: dict[str, tuple[float, list]] = {}  # model id → when, and `_runs`


@dataclass(frozen=True)
class Span:
    """Seconds that something takes: `usual` in half of all cases (p50), `most` in nine of ten (p90)."""

    usual: float
    most: float

    def __add__(self, other):
        # What varies by itself seldom varies together: the distances to nine of ten add up as the sides of a triangle.
        apart = math.hypot(self.most - self.usual, other.most - other.usual)
        return Span(self.usual + other.usual, self.usual + other.usual + apart)

    def times(self, number):
        """So many one after the other."""
        usual = self.usual * number
        return Span(usual, usual + (self.most - self.usual) * math.sqrt(max(0.0, number)))

    def scaled(self, factor):
        return Span(self.usual * factor, self.most * factor)

    @property
    def words(self):
        """“about 40 s”, or “2 to 4 min” where nobody can tell well."""
        usual, most = in_short(self.usual), in_short(self.most)
        if self.most >= FAR_APART * self.usual and self.most >= 10 and usual != most:
            number, *unit = usual.split(maxsplit=1)
            if unit == most.split(maxsplit=1)[1:]:  # said once
                usual = number
            return _("%(usual)s to %(most)s") % {"usual": usual, "most": most}
        return _("about a second") if self.usual < 1 else _("about %(time)s") % {"time": usual}


def in_short(seconds):
    """“40 s”, “3 min”, “2 h 10 min”."""
    if seconds < 60:
        return _("%(n)d s") % {"n": max(1, round(seconds))}
    minutes = round(seconds / 60)
    if minutes < 60:
        return _("%(n)d min") % {"n": minutes}
    hours, minutes = divmod(minutes, 60)
    return (_("%(h)d h %(n)d min") if minutes else _("%(h)d h")) % {"h": hours, "n": minutes}


def expected(card, request):
    """How long a worker takes over a request, as a Span: by the last runs of the model here, of this size where there
    are enough, else by its card. One query."""
    if card.is_of_sound:
        size, first_guess = request.duration_seconds, SOUND_PACE
    else:
        size, first_guess = _megapixels(vars(request)), card.seconds_per_megapixel
    runs = [
        (made, taken)
        for asked, seconds, taken in _runs(card.id)
        if (made := seconds if card.is_of_sound else _megapixels(asked))
    ]
    alike = [run for run in runs if size / ALIKE <= run[0] <= size * ALIKE]
    if len(alike) < ENOUGH:
        alike = [run for run in runs if size <= MUCH_LARGER * run[0]]
    if alike:
        return span_of([taken / made * size for made, taken in alike])
    if not runs:
        return Span(first_guess, first_guess).scaled(size)
    # Of much smaller ones nearly all may be what any run takes, however small: at most it takes longer in proportion.
    most = median(taken / made * size for made, taken in runs)
    return Span(min(most, median(taken + (size - made) * first_guess for made, taken in runs)), most)


def usual_run(model):
    """How long the runs of a model take here, whatever they make, as a Span; None where there were none. One query."""
    taken = [seconds for _asked, _made, seconds in _runs(model)]
    return span_of(taken) if taken else None


def load_seconds(model):
    """How long a model takes to load, by the last times; None where it never did. One query."""
    from generation.models import Generation

    loads = Generation.objects.filter(model=model, load_seconds__isnull=False).order_by("-started_at")
    found = list(loads.values_list("load_seconds", flat=True)[:LOADS])
    return median(found) if found else None


def span_of(seconds):
    """The Span of some that were measured."""
    if len(seconds) == 1:
        return Span(seconds[0], seconds[0])
    return Span(median(seconds), max(median(seconds), quantiles(seconds, n=10, method="inclusive")[-1]))


def _runs(model):
    """(what was asked for, seconds of what was made, seconds it took) of the last runs that were made here, as of a
    moment ago; loading the model is counted apart."""
    read_at, runs = _read.get(model, (float("-inf"), []))
    if time.monotonic() - read_at >= KEPT_SECONDS:
        runs = _read_runs(model)
        _read[model] = time.monotonic(), runs
    return runs


def _read_runs(model):
    from generation.models import Generation

    runs = Generation.objects.filter(model=model, status=Generation.Status.SUCCEEDED, copied_from=None)
    runs = runs.exclude(started_at=None).order_by("-finished_at")
    columns = ("request", "asset__duration_seconds", F("finished_at") - F("started_at"), "load_seconds")
    return [
        (asked, made, max(0.001, taken.total_seconds() - (load or 0)))
        for asked, made, taken, load in runs.values_list(*columns)[:HISTORY]
    ]


def _megapixels(asked):
    return asked["width"] * asked["height"] * asked["num_frames"] / MEGA if "num_frames" in asked else 0

"""What a plan allows, asked in one place. Every refusal says which limit it is and which plan lifts it."""

import math
import re

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from runwayweb.accounts.hooks import NotJoining

from .models import Plan
from .refused import Refused

NAMES = {
    "concurrency": gettext_lazy("Runs at once"),
    "longest_seconds": gettext_lazy("Longest clip"),
    "largest_pixels": gettext_lazy("Largest frame"),
    "storage_bytes": gettext_lazy("Storage"),
    "seats": gettext_lazy("Seats"),
    "api_access": gettext_lazy("API access"),
    "requests_a_minute": gettext_lazy("API requests a minute"),
    "generations_a_day": gettext_lazy("API generations a day"),
    "unmetered_slow_lane": gettext_lazy("Slow lane"),
    "allowed_models": gettext_lazy("Models"),
    "watermark": gettext_lazy("Watermark"),
}


class LimitReached(Refused):
    """`limit`: one of NAMES, the plan's column; `plan`: the one in force; `lifted_by`: the next one that allows it, or
    None."""

    def __init__(self, limit, plan, lifted_by, sentence):
        self.limit, self.plan, self.lifted_by = limit, plan, lifted_by
        super().__init__(f"{sentence} {_lifts(lifted_by)}")


class Stopped(Refused):
    """The operator suspended the workspace, or whoever asks."""

    def __init__(self):
        super().__init__(_("This is suspended. Nothing new can be made until the studio's operator lifts that."))


def check_open(workspace, by):
    """Raise Stopped where the operator suspended a workspace, or `by`, as these rows say. What was begun in the moment
    of that ends a little later: generation.departures."""
    if workspace.is_suspended or (by and by.is_suspended):
        raise Stopped


def check_run(plan, *, model, seconds, width=0, height=0):
    """Raise LimitReached for a run that `plan` does not allow."""
    for refusal in refusals(plan, model=model, seconds=seconds, width=width, height=height):
        raise refusal


def check_frame(plan, width, height):
    """Raise LimitReached for frames that are larger than `plan` allows."""
    for refusal in refusals(plan, width=width, height=height):
        raise refusal


def refusals(plan, *, model=None, seconds=0, width=0, height=0):
    """What `plan` has against a run, as LimitReached, not raised; nothing for one that may be."""
    if model is not None and not plan.allows_model(model):
        yield _reached("allowed_models", plan, lambda other: other.allows_model(model))
    if not fits(seconds, plan.longest_seconds):
        yield _reached("longest_seconds", plan, lambda other: fits(seconds, other.longest_seconds))
    if not fits(width * height, plan.largest_pixels):
        yield _reached("largest_pixels", plan, lambda other: fits(width * height, other.largest_pixels))


def check_storage(plan, size_bytes):
    """Raise LimitReached where a workspace on `plan` may not keep `size_bytes` in all."""
    if not fits(size_bytes, plan.storage_bytes):
        raise _reached("storage_bytes", plan, lambda other: fits(size_bytes, other.storage_bytes))


def check_seats(workspace, seats):
    """Raise LimitReached where a workspace may not have so many members and open invitations."""
    plan = Plan.objects.of(workspace)
    if not fits(seats, plan.seats):
        raise _reached("seats", plan, lambda other: fits(seats, other.seats))


def check_joining(workspace, seats):
    """The same for whoever invites somebody. Raises NotJoining."""
    try:
        check_seats(workspace, seats)
    except LimitReached as reached:
        raise NotJoining(str(reached)) from reached


def check_api(workspace):
    """The plan in force. Raises LimitReached where a workspace may not be reached by API keys."""
    plan = Plan.objects.of(workspace)
    if not plan.api_access:
        raise _reached("api_access", plan, lambda other: other.api_access)
    return plan


def reached_by_api(limit, plan):
    """LimitReached, not raised, of whoever asks more often by API than `plan` allows, or makes more a day."""
    most = getattr(plan, limit)
    return _reached(limit, plan, lambda other: other.api_access and fits(most + 1, getattr(other, limit)))


def check_slow_lane(plan):
    """Raise LimitReached for a plan that has none."""
    if not plan.unmetered_slow_lane:
        raise _reached("unmetered_slow_lane", plan, lambda other: other.unmetered_slow_lane)


def fits(wanted, most):
    """Whether `wanted` is within a limit, which may be None: none."""
    return most is None or wanted <= most


def _reached(limit, plan, allows):
    lifted_by = next((other for other in plan.larger_ones if allows(other)), None)
    return LimitReached(limit, plan, lifted_by, _sentence(limit, plan))


def _sentence(limit, plan):
    told = {"plan": plan.name}
    match limit:
        case "longest_seconds":
            told["seconds"] = plan.longest_seconds
            return _("Clips are %(seconds)g seconds long at most on the plan %(plan)s.") % told
        case "largest_pixels":
            told["size"] = frame_of(plan.largest_pixels)
            return _("Frames are %(size)s at most on the plan %(plan)s.") % told
        case "storage_bytes":
            told["size"] = size_of(plan.storage_bytes)
            return _("The plan %(plan)s keeps %(size)s at most.") % told
        case "seats":
            told["seats"] = plan.seats
            return (
                ngettext("The plan %(plan)s has one seat.", "The plan %(plan)s has %(seats)d seats.", plan.seats) % told
            )
        case "api_access":
            return _("The plan %(plan)s has no access by API.") % told
        case "requests_a_minute":
            told["n"] = plan.requests_a_minute
            return _("The plan %(plan)s answers %(n)d requests a minute of each API key.") % told
        case "generations_a_day":
            told["n"] = plan.generations_a_day
            return _("The plan %(plan)s begins %(n)d generations a day of each model by API.") % told
        case "unmetered_slow_lane":
            return _("The plan %(plan)s has no slow lane.") % told
        case _:
            return _("This model is not part of the plan %(plan)s.") % told


def size_of(size_bytes):
    """A size in words, without a zero behind the point: 5 GB."""
    return re.sub(r"[.,]0(?=\s)", "", filesizeformat(size_bytes))


def frame_of(pixels):
    """How large a frame of so many pixels is, in words: 1280 × 720 for what is as wide as a film."""
    height = math.isqrt(pixels * 9 // 16)
    width = pixels // height if height else 0
    return f"{width} × {height}"


def _lifts(plan):
    return _("%(plan)s lifts that limit.") % {"plan": plan.name} if plan else _("No plan here lifts that limit.")

"""Generations: each comes to an end, was paid for once or not at all, and its last event says how it ended."""

from collections import defaultdict
from itertools import islice

from django.db.models import Count, Max
from django.utils import timezone

from generation.models import Event, Generation
from generation.models.event import EventCounter
from generation.models.status import Status
from generation.models.working import BLOCKED_OUTPUT
from runwayweb.proof.finding import Finding
from runwayweb.subscriptions.models import Entry
from runwayweb.subscriptions.models.entry import Kind

CHUNK = 500
MOVES = (Kind.HOLD, Kind.CAPTURE, Kind.RELEASE)
ENDS = (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED)


def findings(within, silent):
    """What is off with any generation. `within`: for its way to an end; `silent`: for a worker past its lease. Three
    queries for each CHUNK of them."""
    rows = Generation.objects.order_by("pk").defer("request", "recipe", "understood").iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        strange = {run.pk for run, _check, _sentence in _problems(chunk, within, silent)}
        # Once more: one that went on while its entries were read only looked strange.
        again = Generation.objects.filter(pk__in=strange).order_by("pk")
        for run, check, sentence in _problems(list(again), within, silent):
            yield Finding(check, f"Generation {run.pk}", sentence)
    yield from _counters()


def _problems(chunk, within, silent):
    moved, told = _moves(chunk), _events(chunk)
    for run in chunk:
        for check, sentence in (
            *_progress(run, within, silent),
            *_money(run, moved[run.reference]),
            *_story(run, told[run.pk]),
            *_shown(run),
        ):
            yield run, check, sentence


def _progress(run, within, silent):
    now = timezone.now()
    if run.in_progress and now - run.created_at > within:
        yield "unfinished", f"is still {run.status}, {_ago(now - run.created_at)} after it was asked for."
    if run.status == Status.RUNNING and run.lease_until and now - run.lease_until > silent:
        yield (
            "silent",
            f"runs, but its worker has been silent for {_ago(now - run.lease_until)} and nobody took it back.",
        )


def _money(run, moves):
    if run.copied_from_id:
        if moves:
            yield "money", f"is a copy, for which nothing is paid, and moved credits: {_told(moves)}."
        return
    held, captured, released = (sum(amount for kind, amount in moves if kind == of) for of in MOVES)
    times = [sum(kind == of for kind, _amount in moves) for of in MOVES]
    if max(times) > 1:
        yield "money", f"was settled more than once: {_told(moves)}."
    if held != run.cost:
        yield "money", f"costs {run.cost} credits, and {held} were set aside."
    if run.in_progress:
        if captured or released:
            yield "money", f"is {run.status} and settled already: {_told(moves)}."
        return
    if captured + released != held:
        yield "money", f"is {run.status}, set {held} credits aside and settled {captured + released}: {_told(moves)}."
    if captured != run.charged:
        yield "money", f"says that {run.charged} credits were charged, and the ledger says {captured}."
    free = (
        run.status == Status.CANCELLED
        or run.status == Status.FAILED
        and not run.failure_code.startswith(BLOCKED_OUTPUT)
    )
    if free and captured:
        yield "money", f"is {run.status} and was charged {captured} credits."
    if run.status == Status.SUCCEEDED and run.cost and not captured:
        yield "money", "succeeded and was not paid for."


def _story(run, events):
    if not events:
        if not run.copied_from_id:
            yield "events", "has no event."
        return
    if events[-1] != run.status:
        yield "events", f"is {run.status}, and its last event says {events[-1]}."
    ends = sum(
        status in ENDS and (number == 0 or events[number - 1] not in ENDS) for number, status in enumerate(events)
    )
    if ends > 1 or len({status for status in events if status in ENDS}) > 1:
        yield "events", f"ended more than once: {', '.join(events)}."


def _shown(run):
    if run.status != Status.SUCCEEDED and run.asset_id:
        yield "output", f"is {run.status}, and its output can be reached."


def _counters():
    """Sequences without gaps: whoever catches up would wait for a number that never comes."""
    rows = Event.objects.order_by().values("workspace").annotate(most=Max("sequence"), events=Count("pk"))
    last = dict(EventCounter.objects.values_list("workspace", "last"))
    for row in rows:
        if not row["most"] == row["events"] == last.get(row["workspace"]):
            yield Finding(
                "events",
                f"Workspace {row['workspace']}",
                f"has {row['events']} events up to number {row['most']}, and counted {last.get(row['workspace'])}.",
            )


def _moves(chunk):
    found = defaultdict(list)
    entries = Entry.objects.filter(reference__in=[run.reference for run in chunk], kind__in=MOVES).order_by("pk")
    for reference, kind, amount in entries.values_list("reference", "kind", "amount"):
        found[reference].append((kind, amount))
    return found


def _events(chunk):
    """The state that each event told of, in their order."""
    found = defaultdict(list)
    events = Event.objects.filter(generation_id__in=[run.pk for run in chunk]).order_by("workspace", "sequence")
    for generation, status in events.values_list("generation_id", "status"):
        found[generation].append(status)
    return found


def _told(moves):
    return ", ".join(f"{kind} {amount}" for kind, amount in moves) or "nothing"


def _ago(time):
    seconds = round(time.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"

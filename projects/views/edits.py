"""A clip painted anew in part, or around it."""

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generation import pricing
from generation.models import Generation
from projects.cards import card_of
from projects.edits import EditForm, WideningForm, engine_to_edit, engine_to_widen
from projects.models import Take
from projects.slow_lane import in_slow_lane
from projects.views.inputs import find_clip
from runwayweb.subscriptions.models import Wallet
from runwayweb.subscriptions.refused import Refused


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, id):
    """The page on which somebody says what is to change; posted, the run is queued and the film is shown."""
    clip = find_clip(request, id)
    return painted_anew(request, clip, EditForm, engine_to_edit(clip), "projects/edit.html")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def widen(request, id):
    """The same for a clip in a frame that it does not fill."""
    clip = find_clip(request, id)
    return painted_anew(request, clip, WideningForm, engine_to_widen(clip), "projects/widen.html")


def painted_anew(request, clip, form_class, engine, page):
    if engine is None:
        raise Http404
    form = form_class(request.POST or None, request.FILES or None, clip=clip, engine=engine)
    if form.is_valid():
        try:
            with transaction.atomic():
                made = Generation.request_run(
                    form.cleaned_data["request"],
                    card=form.card,
                    project=clip.project,
                    by=request.user,
                    inputs=form.inputs(),
                    blocking_of=form.shot,
                    slow_lane=in_slow_lane(form),
                )
                take = Take.objects.lay_beside(clip, made, Take.Origin.EDIT)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            return redirect("projects:shot", take.shot_id) if take else redirect("projects:project", clip.project_id)
    context = {"form": form, "generation": card_of(clip), "project": clip.project}
    context["quote"] = pricing.quote(
        [form.sample()], form.card, Wallet.objects.of(clip.workspace), slow_lane=in_slow_lane(form)
    )
    return render(request, page, context, status=422 if form.is_bound else 200)

"""A part of a clip painted anew."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generation import pricing
from generation.models import Generation
from projects.cards import card_of
from projects.edits import EditForm, engine_to_edit
from projects.views.inputs import find_clip
from runwayweb.subscriptions.models import InsufficientCredits


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, id):
    """The page on which somebody says what is to change; posted, the run is queued and the film is shown."""
    clip = find_clip(request, id)
    if engine_to_edit(clip) is None:
        raise Http404
    form = EditForm(request.POST or None, request.FILES or None, clip=clip)
    if form.is_valid():
        try:
            Generation.request_run(
                form.cleaned_data["request"],
                card=form.card,
                project=clip.project,
                by=request.user,
                inputs=form.inputs(),
                blocking_of=form.shot,
            )
        except InsufficientCredits as error:
            form.add_error(None, str(error))
        else:
            return redirect("projects:project", clip.project_id)
    context = {"form": form, "generation": card_of(clip), "project": clip.project}
    context["credits"] = pricing.credits_for_seconds(form.card, clip.request["num_frames"] / clip.request["fps"])
    return render(request, "projects/edit.html", context, status=422 if form.is_bound else 200)

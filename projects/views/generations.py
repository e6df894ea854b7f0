"""What a creator does with generations: ask, watch, cancel, share, delete, bring back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget
from redis.exceptions import RedisError

from generation import previews
from generation.engine import catalogue
from generation.engine.catalogue import ModelNotFound
from generation.engine.request import InvalidRequest
from generation.models import Generation
from projects.appeals import write_to_operator
from projects.cards import card_of, cards_of
from projects.forms import GenerationForm
from projects.inputs import told
from projects.models import Project
from projects.slow_lane import in_slow_lane
from projects.views.projects import feed_page, quote_for, studio_page
from runwayweb.accounts.doors import editable, visible
from runwayweb.assets import signing
from runwayweb.subscriptions.refused import Refused

MOST_WORDS = 2000  # of an appeal


@login_required
@require_POST
def generation_new(request, id):
    """Queue one to four generations: all of them, or none when the credits do not reach."""
    project = editable(request, Project, pk=id)
    form = GenerationForm(request.POST, request.FILES, workspace=project.workspace, project=project)
    if form.is_valid():
        run = {"card": form.card, "project": project, "by": request.user}
        run |= {
            "slow_lane": in_slow_lane(form),
            "inputs": form.inputs(),
            "blocking_of": form.shot,
            "joins": form.joined,
        }
        try:
            with transaction.atomic():
                made = [Generation.request_run(video, **run) for video in form.cleaned_data["requests"]]
                form.lay_in(made)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            if not request.htmx:
                return (
                    redirect("projects:shot", form.planned_shot.pk)
                    if form.planned_shot
                    else redirect("projects:project", project.pk)
                )
            cards = cards_of(reversed(made))
            context = {"project": project, "form": form, "generations": cards, "quote": quote_for(form, project)}
            return render(request, "projects/project.html#feed_answer", context)
    if not request.htmx:
        return studio_page(request, project, form, status=422)
    context = {"project": project, "form": form, "quote": quote_for(form, project)}
    return render(request, "projects/project.html#request_form", context, status=422)


@login_required
@require_safe
@catalogue.read_once()
def feed(request, id):
    """A page of the feed."""
    project = visible(request, Project, pk=id)
    return render(request, "projects/project.html#feed", feed_page(request, project))


@login_required
@require_safe
@catalogue.read_once()
def quote(request, id):
    """What the form as it stands would cost and take."""
    project = visible(request, Project, pk=id)
    form = GenerationForm(request.GET, workspace=project.workspace, project=project)
    return render(request, "projects/project.html#quote", {"project": project, "quote": quote_for(form, project)})


@login_required
@require_safe
@never_cache
def generation(request, id):
    return answer(request, find(request, id))


@login_required
@require_POST
def cancellation(request, id):
    generation = find(request, id, editable)
    generation.cancel()
    return answer(request, generation)


@login_required
@require_POST
def deletion(request, id):
    generation = find(request, id, editable)
    generation.delete_softly()
    if request.htmx:
        return render(request, "projects/generation.html#deleted", {"generation": card_of(generation)})
    messages.success(request, _("The clip was deleted."))
    return redirect("projects:project", generation.project_id)


@login_required
@require_POST
def restoration(request, id):
    generation = editable(request, Generation.objects.filter(project__deleted_at=None), deleted_too=True, pk=id)
    generation.restore()
    return answer(request, generation)


@login_required
@require_POST
def retry(request, id):
    """The same request again, as a new generation at the top of the feed; of a take, as another beside it."""
    generation = find(request, id, editable)
    take = getattr(generation, "take", None)
    try:
        again = take.retry(by=request.user).generation if take else generation.retry(by=request.user)
    except (Refused, InvalidRequest, ModelNotFound) as error:
        return told_instead(request, generation, told(error) if isinstance(error, InvalidRequest) else str(error))
    return answer(request, again)


@login_required
@require_POST
def appeal(request, id):
    """Words against a block, for the operator to read."""
    generation = find(request, id, editable)
    review = getattr(generation, "review", None)
    words = request.POST.get("words", "").strip()[:MOST_WORDS]
    if review is None:
        raise Http404
    if not words:
        return told_instead(request, generation, _("Say in a few words why this may be made."))
    if review.say(words, by=request.user):
        write_to_operator(review)
    return answer(request, generation)


@login_required
@require_POST
def share(request, id):
    """An address of the clip that works without signing in, for a day."""
    generation = find(request, id, editable)
    if generation.asset is None:
        raise Http404
    url = request.build_absolute_uri(signing.signed_path(generation.asset))
    context = {"generation": card_of(generation), "share_url": url}
    if request.htmx:
        return render(request, "projects/generation.html#share", context)
    return render(request, "projects/generation.html", context)


@login_required
@require_safe
@never_cache
def preview(request, id):
    """The newest preview frame of a run."""
    generation = find(request, id)
    try:
        data = previews.newest(generation.pk)
    except RedisError:
        data = None
    if data is None:
        raise Http404
    return HttpResponse(data, content_type="image/webp")


def find(request, id, door=visible):
    return door(request, Generation.objects.with_what_cards_show(), pk=id)


def told_instead(request, generation, message):
    """A sentence above the feed, where something else was asked for."""
    if not request.htmx:
        messages.error(request, message)
        return redirect("projects:project", generation.project_id)
    notice = render(request, "_notice.html", {"message": message}, status=422)
    return reswap(retarget(notice, "#feed-list"), "afterbegin")


def answer(request, generation):
    """The card for htmx; for a plain form the shot or the project it stands in; for a plain GET a page of its own."""
    if request.method == "POST" and not request.htmx:
        if take := getattr(generation, "take", None):
            return redirect("projects:shot", take.shot_id)
        return redirect("projects:project", generation.project_id)
    template = "projects/generation.html#card" if request.htmx else "projects/generation.html"
    return render(request, template, {"generation": card_of(generation), "project": generation.project})

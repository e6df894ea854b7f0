"""The desk: a creator's films."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generation import pricing
from generation.engine import catalogue
from projects.cards import cards_of
from projects.export.bundle import BadBundle, read_bundle
from projects.forms import BudgetForm, GenerationForm, ProjectForm, prefilled_form
from projects.inputs import InputsForm
from projects.models import Project
from projects.sample import BUNDLE
from projects.slow_lane import in_slow_lane
from runwayweb.accounts.doors import editable, membership_in_use, refusal, settled, visible, workspace_in_use
from runwayweb.accounts.models import Right
from runwayweb.subscriptions.models import Wallet

PAGE = 24
DESK_PAGE = 60


@login_required
@require_safe
def project_list(request):
    """The desk, where everybody comes in; whose role sees no films is sent on to what it is for."""
    membership = membership_in_use(request)
    if membership.workspace.is_suspended:
        raise refusal(membership, Right.SEE)
    if Right.SEE not in membership.rights:
        return redirect("accounts:settings")
    archived = request.GET.get("archived") == "1"
    projects = Project.objects.filter(workspace=membership.workspace, deleted_at=None)
    shown = projects.filter(archived_at__isnull=not archived).with_cards()
    page = Paginator(shown, DESK_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "projects/project_list.html",
        {
            "projects": with_posters(page),
            "page": page,
            "archived": archived,
            "archived_count": projects.exclude(archived_at=None).count(),
            "undo": _just_deleted(request),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def project_new(request):
    workspace = workspace_in_use(request, Right.MAKE)
    form = ProjectForm(request.POST or None)
    if form.is_valid():
        form.instance.workspace = workspace
        return redirect("projects:project", form.save().pk)
    return render(request, "projects/project_form.html", {"form": form}, status=422 if form.is_bound else 200)


@login_required
@require_POST
def sample(request):
    """The sample film as a project of one's own; on to where it plays."""
    try:
        film = read_bundle(BUNDLE, workspace=workspace_in_use(request, Right.MAKE), by=request.user)
    except BadBundle as error:
        messages.error(request, str(error))
        return redirect("projects:project-list")
    return redirect("projects:shots", film.pk)


@login_required
@require_safe
@catalogue.read_once()
def project(request, id):
    """The studio page: the request on one side, the feed of what was made on the other."""
    project = visible(request, Project, pk=id)
    return studio_page(request, project, prefilled_form(request.GET, project.workspace, project))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def project_name(request, id):
    project = editable(request, Project, pk=id)
    form = ProjectForm(request.POST or None, instance=project)
    if form.is_valid():
        project.rename(form.cleaned_data["name"])
        return redirect("projects:project", project.pk)
    context = {"form": form, "project": project, "budget_form": BudgetForm.of(project)}
    return render(request, "projects/project_form.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def budget(request, id):
    """The line that the film's runs stop at; empty: none."""
    project = settled(request, Project, pk=id)
    form = BudgetForm(request.POST)
    if not form.is_valid():
        context = {"form": ProjectForm(instance=project), "project": project, "budget_form": form}
        return render(request, "projects/project_form.html", context, status=422)
    project.set_budget(form.cleaned_data["credits"])
    messages.success(request, _("The budget of “%(name)s” is set.") % {"name": project.name})
    return redirect("projects:project-name", project.pk)


@login_required
@require_POST
def prompts(request, id):
    """Whether whoever verifies a file of the film is shown its prompts: `shown` or not."""
    project = editable(request, Project, pk=id)
    project.show_prompts("shown" in request.POST)
    return redirect("projects:project-name", project.pk)


@login_required
@require_POST
def copy(request, id):
    project = editable(request, Project, pk=id)
    duplicate = project.duplicate()
    messages.success(request, _("“%(name)s” was duplicated.") % {"name": project.name})
    return redirect("projects:project", duplicate.pk)


@login_required
@require_POST
def archive(request, id):
    project = editable(request, Project, pk=id)
    project.archive()
    messages.success(request, _("“%(name)s” is in the archive.") % {"name": project.name})
    return redirect("projects:project-list")


@login_required
@require_POST
def deletion(request, id):
    project = editable(request, Project, pk=id)
    project.delete_softly()
    return HttpResponseRedirect(f"{reverse('projects:project-list')}?deleted={project.pk}")


@login_required
@require_POST
def restoration(request, id):
    """Out of the archive, or back from deletion."""
    project = editable(request, Project, deleted_too=True, pk=id)
    project.restore()
    messages.success(request, _("“%(name)s” is back.") % {"name": project.name})
    return redirect("projects:project-list")


def studio_page(request, project, form, *, status=200):
    context = feed_page(request, project) | {"form": form, "quote": quote_for(form, project)}
    return render(request, "projects/project.html", context, status=status)


def feed_page(request, project):
    """What a page of the feed shows."""
    page = Paginator(feed_of(project), PAGE).get_page(request.GET.get("page"))
    return {
        "project": project,
        "generations": cards_of(page),
        "next_page": page.next_page_number() if page.has_next() else None,
    }


def feed_of(project):
    """The generations of a project as its feed has them: newest first."""
    shown = project.generations.filter(deleted_at=None).with_what_cards_show()
    shown = shown.select_related("take__measurement").prefetch_related("take__scores__entity", "take__pursuits")
    return shown.order_by("-created_at", "-queued_at", "pk")


def quote_for(form, project):
    """The quote for a form as it stands; a form that is not complete is quoted for its first settings."""
    wallet = Wallet.objects.of(project.workspace)
    if form.is_bound and form.is_valid():
        return pricing.quote(form.cleaned_data["requests"], form.card, wallet, slow_lane=in_slow_lane(form))
    priced = {name: field for name, field in form.fields.items() if name not in InputsForm.base_fields}
    values = {name: form.get_initial_for_field(field, name) for name, field in priced.items()}
    if form.is_bound:
        values |= {name: form.data[name] for name in priced if name in form.data and name not in form.errors}
    values["prompt"] = "a quote needs no prompt"
    sample = GenerationForm(values, workspace=project.workspace, project=project)
    if not sample.is_valid():
        return None
    return pricing.quote(sample.cleaned_data["requests"], sample.card, wallet, slow_lane=in_slow_lane(sample))


def with_posters(projects):
    """The projects with `poster_url`: the poster of the newest clip, or None."""
    projects = list(projects)
    for project in projects:
        poster = project.poster_asset
        project.poster_url = reverse("assets:file", args=[poster, "poster.webp"]) if poster else None
    return projects


def _just_deleted(request):
    try:
        deleted = uuid.UUID(request.GET.get("deleted", ""))
    except ValueError:
        return None
    return Project.objects.owned_by(request.user, Right.MAKE).exclude(deleted_at=None).filter(pk=deleted).first()

"""A file that the studio made, dropped back into it: how it was made, to be made again or gone on with."""

import hashlib
import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from generation.engine.request import InvalidRequest
from generation.models import Generation
from projects.film_recipes import film_of_bytes, film_of_recipe
from projects.inputs import told
from projects.models import Project
from projects.recipes import NotThisRecipe, Recipe
from runwayweb.accounts.doors import editable, visible
from runwayweb.assets.models import Asset
from runwayweb.assets.recipes import NoRecipe, recipe_in
from runwayweb.subscriptions.refused import Refused


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recipe(request):
    """Choose a file; then, what it says. `asset` names one of the library instead of a file."""
    try:
        if request.method == "POST":
            if "file" not in request.FILES:
                return page(request, error=_("Choose a file first."))
            return read(request, request.FILES["file"], request.FILES["file"].name)
        if "asset" in request.GET:
            asset = visible(request, Asset, pk=as_uuid(request.GET["asset"]))
            with default_storage.open(asset.file.name) as file:
                return read(request, file, asset.name, asset.sha256)
    except (NoRecipe, NotThisRecipe) as error:
        return page(request, error=str(error))
    except OSError:
        return page(request, error=_("The file cannot be read. Choose another."))
    return page(request)


@login_required
@require_POST
def use(request):
    """Make it again in a project, or fill that project's form with it."""
    project = editable(request, Project, pk=as_uuid(request.POST.get("project", "")))
    try:
        brought = brought_back(request)
        if request.POST.get("act") == "again":
            run = brought.make_again(project, by=request.user)
            messages.success(
                request, _("It is being made again, with seed %(seed)s.") % {"seed": run.request.get("seed", "–")}
            )
            return redirect("projects:project", project.pk)
    except NotThisRecipe as error:
        return page(request, error=str(error))
    except (Refused, InvalidRequest) as error:
        sentence = told(error) if isinstance(error, InvalidRequest) else str(error)
        return page(request, brought, error=sentence, project=project)
    if brought.model_card is None:
        messages.warning(
            request, _("The engine “%(engine)s” is not installed here; another is chosen.") % {"engine": brought.engine}
        )
    room, values = brought.form
    filled = {name: value for name, value in values.items() if value not in ("", None)}
    return redirect(f"{reverse(room, args=[project.pk])}?{urlencode(filled)}")


def read(request, file, name, sha256=""):
    """The page of what a file says: of one that was made in this person's workspace, the run or the film itself.

    Raises NoRecipe, NotThisRecipe.
    """
    digest = sha256 or hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    made = Generation.objects.owned_by(request.user).filter(asset__sha256=digest)
    original = made.select_related("asset", "blocking_of").order_by("deleted_at", "created_at").first()
    if original:
        return page(request, Recipe({}, original), name=name)
    film = film_of_bytes(digest, request.user)
    if film is None:
        told = recipe_in(file)
        if "request" in told:
            return page(request, Recipe(told), name=name)
        film = film_of_recipe(told, request.user)
    return page(request, name=name, film=film)


def brought_back(request):
    """What a page kept of a recipe. Raises NotThisRecipe; 404 for a run of strangers."""
    if request.POST.get("original"):
        return Recipe({}, visible(request, Generation, deleted_too=True, pk=as_uuid(request.POST["original"])))
    return Recipe.of_text(request.POST.get("recipe", ""))


def page(request, brought=None, *, error="", name="", project=None, film=None):
    projects = Project.objects.editable_by(request.user).filter(archived_at=None).order_by("name")
    if project is None and brought and brought.original:
        project = brought.original.project
    context = {"recipe": brought, "film": film, "error": error, "name": name, "projects": projects, "chosen": project}
    return render(request, "projects/recipe.html", context, status=422 if error else 200)


def as_uuid(text):
    """None for nonsense, which nothing has for an id."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None

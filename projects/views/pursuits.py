"""What a take's cast scored, and taking it again until they score enough."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from generation.engine.catalogue import ModelNotFound
from generation.engine.request import InvalidRequest
from projects.inputs import told
from projects.models import Pursuit, Take
from projects.models.pursuit import PursuedAlready
from projects.world_forms import PursuitForm
from runwayweb.accounts.doors import editable, visible
from runwayweb.subscriptions.refused import Refused


@login_required
@require_safe
@never_cache
def scores(request, id):
    """What a take scored, as its card shows it."""
    return answer(request, find(request, id))


@login_required
@require_POST
def pursuit_new(request, id):
    """Take a shot again until somebody scores enough, or a limit is met."""
    take = find(request, id, editable)
    form = PursuitForm(request.POST)
    refused = ""
    if form.is_valid():
        try:
            form.begin(take, by=request.user)
        except InvalidRequest as error:
            refused = told(error)
        except (Refused, ModelNotFound, PursuedAlready) as error:
            refused = str(error)
    else:
        refused = next(iter(form.errors.values()))[0]
    return answer(request, take, refused)


@login_required
@require_POST
def cancellation(request, id):
    pursuit = editable(request, Pursuit, pk=id)
    pursuit.stop()
    return answer(request, find(request, pursuit.began_with_id))


def find(request, id, door=visible):
    return door(request, Take.objects.select_related("generation", "shot__scene", "shot__project"), pk=id)


def answer(request, take, refused=""):
    """The scores for htmx; for a plain form the project it stands in."""
    if request.htmx:
        context = {"take": take, "refused": refused}
        return render(request, "projects/_scores.html", context, status=422 if refused else 200)
    if refused:
        messages.error(request, refused)
    return redirect("projects:project", take.shot.project_id)

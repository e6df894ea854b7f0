"""What is done to a clip or a sound that is there already."""

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404
from django.views.decorators.http import require_POST

from generation.engine.request import InvalidRequest
from projects.finishes import finish_of
from projects.inputs import told
from projects.models import Take
from projects.views.generations import answer, told_instead
from projects.views.inputs import find_clip
from runwayweb.subscriptions.refused import Refused


@login_required
@require_POST
def finish(request, id, task):
    """Queue the clip once more, larger, smoother or with a sound; its card comes to the top of the feed."""
    clip = find_clip(request, id)
    found = finish_of(clip, task)
    if found is None:
        raise Http404
    try:
        with transaction.atomic():
            made = found.queue(clip, request.user)
            Take.objects.lay_beside(clip, made, Take.Origin.FINISH)
    except (Refused, InvalidRequest) as error:
        return told_instead(request, clip, told(error) if isinstance(error, InvalidRequest) else str(error))
    return answer(request, made)

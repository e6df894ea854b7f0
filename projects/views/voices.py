"""The voices of the workspace in use: /settings/voices/."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from generation.engine import catalogue
from projects.models import Voice
from projects.models.voice import TooManyVoices
from projects.voice_forms import VoiceForm
from projects.voices import presets, samples_of
from runwayweb.accounts.doors import editable, workspace_in_use
from runwayweb.accounts.models import Right


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def voices(request):
    """Those there are, each with its sample where one was spoken, and the form for one more."""
    workspace = workspace_in_use(request, Right.MAKE)
    form = VoiceForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            made = Voice.objects.make(workspace, **form.cleaned_data)
        except TooManyVoices as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, _("“%(name)s” can be given lines now.") % {"name": made.name})
            return redirect("projects:voices")
    samples = samples_of(workspace)
    mine = list(Voice.objects.live().filter(workspace=workspace))
    context = {
        "form": form,
        "voices": [(voice, samples.get((voice.model, voice.speed))) for voice in mine],
        "can_speak": bool(presets()),
        "how_to_speak": catalogue.how_to_serve("text_to_speech"),
    }
    return render(request, "settings/voices.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def voice_deletion(request, id):
    """What was said with it stays."""
    voice = editable(request, Voice, pk=id)
    if voice.delete_softly():
        messages.success(request, _("“%(name)s” is not offered any more. What it said stays.") % {"name": voice.name})
    return redirect("projects:voices")

"""The script of a film: written or brought in, and what becomes of it on the storyboard."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from projects import suggesting
from projects.fountain import MOST_BYTES, BadScript, decode_script, read_script, too_large
from projects.models import Conflict, Project, Scene, Script, Shot
from projects.planning import accept, add_shots, add_suggested, add_to_cast, plan_of
from runwayweb.accounts.doors import editable, opened


class ScriptForm(forms.Form):
    """A text as it was written, or a file in its place."""

    text = forms.CharField(
        label=gettext_lazy("Script"), required=False, strip=False, widget=forms.Textarea(attrs={"spellcheck": "true"})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    file = forms.FileField(
        label=gettext_lazy("Or bring a file in"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".fountain,.txt,.spmd,text/plain"}),
    )

    def clean_text(self):
        text = self.cleaned_data["text"].replace("\r\n", "\n")
        try:
            read_script(text)
        except BadScript as error:
            raise ValidationError(str(error)) from error
        return text

    def clean_file(self):
        """The text of the file, or None."""
        if not self.cleaned_data["file"]:
            return None
        try:
            text = decode_script(self.cleaned_data["file"].read())
            read_script(text)
        except BadScript as error:
            raise ValidationError(str(error)) from error
        return text


@csrf_exempt  # the token of a form that is too large cannot be read; `_script` asks for it
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def script(request, id):
    """The page of the script; posted, it is kept, and the film's scenes follow it."""
    project = opened(request, Project, pk=id)
    try:
        request.POST  # noqa: B018  (reads the form)
    except RequestDataTooBig:
        return _page(request, project, status=413, too_large=too_large(int(request.META.get("CONTENT_LENGTH") or 0)))
    return _script(request, project)


@csrf_protect
def _script(request, project):
    form = ScriptForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return _page(request, project, form, status=422 if form.is_bound else 200)
    text = form.cleaned_data["file"] if form.cleaned_data["file"] is not None else form.cleaned_data["text"]
    script = Script.objects.of(project)
    try:
        script.save_text(text, version=form.cleaned_data["version"])
    except Conflict:
        return _page(request, project, form, status=409, theirs=script.text)
    messages.success(request, _("The script is saved."))
    return redirect("projects:script", project.pk)


def _page(request, project, form=None, *, status, **told):
    """The page with a form that was sent; with the script as it is kept where there is none."""
    script = Script.objects.of(project)
    form = form if form and form.is_bound else ScriptForm(initial={"text": script.text})
    context = {"project": project, "script": script, "form": form, "plan": plan_of(project), "most_bytes": MOST_BYTES}
    context["model"] = suggesting.model()
    return render(request, "projects/script.html", context | told, status=status)


@login_required
@require_POST
def suggestions(request, id):
    """Shots for what the script tells and no shot does yet: of one scene, or of all; of one, perhaps by a model."""
    project = editable(request, Project, pk=id)
    scene = None
    if request.POST.get("scene"):
        scene = Scene.objects.filter(project=project, script_key__gt="", pk=_id(request.POST["scene"])).first()
        if scene is None:
            messages.error(request, _("This scene is not in the script any more."))
            return redirect("projects:script", project.pk)
    if scene and request.POST.get("by") == "model" and suggesting.model():
        added = _told_by_the_model(request, project, scene)
    else:
        added = add_suggested(project, scene)
    told = ngettext("%(n)d shot is on the storyboard.", "%(n)d shots are on the storyboard.", added) % {"n": added}
    messages.success(request, told)
    return redirect("projects:shots", project.pk)


def _told_by_the_model(request, project, scene):
    """Make shots of what the model says of a scene, of what the rules say where that is nothing; how many."""
    plan = next((plan for plan in plan_of(project).scenes if plan.scene.pk == scene.pk), None)
    if plan is None or not plan.suggestions:
        return 0
    try:
        suggestions = suggesting.suggestions_of(plan, project.cast)
    except suggesting.NoSuggestions as error:
        messages.warning(
            request, f"{error} {_('So these are the shots that the studio itself reads from your words.')}"
        )
        suggestions = plan.suggestions
    return add_shots(scene, suggestions)


@login_required
@require_POST
def cast(request, id):
    """Somebody or somewhere of the script becomes part of the film's world; or all of them do."""
    project = editable(request, Project, pk=id)
    for kind, name, description in plan_of(project).found:
        if request.POST.get("name") in ("", None, name):
            add_to_cast(project, kind, name, description)
    return redirect("projects:script", project.pk)


@login_required
@require_POST
def shot_script(request, id):
    """The lines of a shot were rewritten: keep the shot as it is, or let it ask for what they say now."""
    shot = editable(request, Shot.objects.select_related("project", "scene"), pk=id)
    changed = plan_of(shot.project).change_of(shot)
    if changed:
        accept(changed, rewritten=request.POST.get("take") == "rewritten")
    return redirect("projects:shot", shot.pk)


def _id(text):
    try:
        return forms.UUIDField().clean(text)
    except ValidationError:
        return None

"""The script of a film: written or brought in, and what becomes of it on the storyboard."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from projects.fountain import BadScript, decode_script, read_script
from projects.models import Conflict, Project, Scene, Script, Shot
from projects.planning import accept, add_suggested, add_to_cast, plan_of


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


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def script(request, id):
    """The page of the script; posted, it is kept, and the film's scenes follow it."""
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=id)
    script = Script.objects.of(project)
    form = ScriptForm(request.POST or None, request.FILES or None, initial={"text": script.text})
    theirs = None
    if form.is_valid():
        text = form.cleaned_data["file"] if form.cleaned_data["file"] is not None else form.cleaned_data["text"]
        try:
            script.save_text(text, version=form.cleaned_data["version"])
        except Conflict:
            theirs = script.text
        else:
            messages.success(request, _("The script is saved."))
            return redirect("projects:script", project.pk)
    context = {"project": project, "script": script, "form": form, "plan": plan_of(project), "theirs": theirs}
    status = 409 if theirs is not None else 422 if form.is_bound else 200
    return render(request, "projects/script.html", context, status=status)


@login_required
@require_POST
def suggestions(request, id):
    """Shots for what the script tells and no shot does yet: of one scene, or of all."""
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=id)
    scene = None
    if request.POST.get("scene"):
        scene = Scene.objects.filter(project=project, script_key__gt="", pk=_id(request.POST["scene"])).first()
        if scene is None:
            messages.error(request, _("This scene is not in the script any more."))
            return redirect("projects:script", project.pk)
    added = add_suggested(project, scene)
    told = ngettext("%(n)d shot is on the storyboard.", "%(n)d shots are on the storyboard.", added) % {"n": added}
    messages.success(request, told)
    return redirect("projects:shots", project.pk)


@login_required
@require_POST
def cast(request, id):
    """Somebody or somewhere of the script becomes part of the film's world; or all of them do."""
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=id)
    for kind, name, description in plan_of(project).found:
        if request.POST.get("name") in ("", None, name):
            add_to_cast(project, kind, name, description)
    return redirect("projects:script", project.pk)


@login_required
@require_POST
def shot_script(request, id):
    """The lines of a shot were rewritten: keep the shot as it is, or let it ask for what they say now."""
    shot = get_object_or_404(Shot.objects.visible_to(request.user).select_related("project", "scene"), pk=id)
    changed = plan_of(shot.project).change_of(shot)
    if changed:
        accept(changed, rewritten=request.POST.get("take") == "rewritten")
    return redirect("projects:shot", shot.pk)


def _id(text):
    try:
        return forms.UUIDField().clean(text)
    except ValidationError:
        return None

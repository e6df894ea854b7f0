"""The terms of use and the privacy notice: what is in force, and a new version."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from runwayweb.accounts.models import TermsVersion
from runwayweb.accounts.models.terms import Document


class VersionForm(forms.Form):
    document = forms.ChoiceField(label=gettext_lazy("Document"), choices=Document.choices)
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text=gettext_lazy("Paragraphs between empty lines; # begins a heading, - a line of a list."),
    )
    asks_again = forms.BooleanField(label=gettext_lazy("Everybody has to accept it before they go on"), required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def terms(request):
    """Everything in force; posted, a new version."""
    document = request.GET.get("document")
    document = Document(document) if document in Document.values else Document.TERMS
    current = TermsVersion.objects.current(document)
    form = VersionForm(request.POST or None, initial={"document": document, "text": current.text})
    if form.is_valid():
        told = form.cleaned_data
        version = TermsVersion.objects.publish(
            Document(told["document"]), told["text"], asks_again=told["asks_again"], by=request.user
        )
        messages.success(request, _("%(version)s is in force.") % {"version": version})
        return redirect("console:terms")
    versions = TermsVersion.objects.order_by("document", "-number")
    told = {"form": form, "document": document, "documents": Document.choices, "versions": versions}
    return render(request, "console/terms.html", told, status=422 if form.is_bound else 200)


urlpatterns = [path("terms/", terms, name="terms")]

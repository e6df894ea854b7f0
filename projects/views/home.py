"""The front door, and the strip every page keeps fresh."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe


@require_safe
def home(request):
    """What this is, for a visitor; straight to the desk for somebody signed in."""
    if request.user.is_authenticated:
        return redirect("projects:project-list")
    return render(request, "landing.html")


@login_required
@require_safe
def studio_status(request):
    """Credits and what is running, as the top bar shows them."""
    return render(request, "_studio_status.html")

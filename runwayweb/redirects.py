"""Where a form sends its visitor afterwards."""

from django.utils.http import url_has_allowed_host_and_scheme


def next_address(request, otherwise):
    """What the form names as `next`, if that is a page of ours; else `otherwise`."""
    address = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if own else otherwise

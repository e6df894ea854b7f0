"""What will not be there for ever: programs are told in headers long before it goes (RFC 9745, RFC 8594)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.utils.http import http_date


@dataclass(frozen=True)
class Deprecated:
    """`since`: not to be used for new programs; `until`: the last day it answers; `instead`: a page that says what to
    use."""

    since: date
    until: date | None = None
    instead: str = "/developers/"

    @property
    def headers(self):
        told = {"Deprecation": f"@{_seconds(self.since)}", "Link": f'<{self.instead}>; rel="deprecation"'}
        return told | ({"Sunset": http_date(_seconds(self.until))} if self.until else {})


# The name of a route (its operation, in the OpenAPI document) → since when. Nothing is, so far: at least a year lies
# between the two days.
DEPRECATED: dict[str, Deprecated] = {}


def headers_for(request):
    """What an answer to a request says of it; nothing for what stays."""
    match = request.resolver_match
    told = DEPRECATED.get(match.url_name) if match else None
    return told.headers if told else {}


def _seconds(day):
    return int(datetime.combine(day, time.min, UTC).timestamp())

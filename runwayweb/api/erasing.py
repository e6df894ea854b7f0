"""Taking away what programs were given in a workspace, and what they asked for."""

from runwayweb.api.models import Answer, ApiProject, Begun, Cursor, Endpoint, Key, Router, Task


def erase(workspace):
    """Its keys open nothing any more, and nobody elsewhere is told anything."""
    for rows in (Task, Router, Answer, ApiProject, Begun, Key, Endpoint, Cursor):
        rows.objects.filter(workspace=workspace).delete()

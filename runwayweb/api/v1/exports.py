"""A film on its way out."""

from typing import Literal

from django.db import transaction
from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from projects.export.formats import HEIGHTS, LEAVES_AS, RATES
from projects.exports import LOUDNESS
from projects.models import Export
from projects.news import export_later
from runwayweb.api.caller import GENERATE, READ
from runwayweb.api.errors import ApiError
from runwayweb.api.finding import found
from runwayweb.api.paging import Page, page_of
from runwayweb.api.planned import Body
from runwayweb.assets.signing import signed_path

from .answers import ERRORS, READING
from .projects import projects_of
from .spending import ONCE, once

router = Router(tags=["Films"])


class Asked(Body):
    format: Literal[tuple(LEAVES_AS)] = "mp4"  # type: ignore[valid-type]
    height: Literal[HEIGHTS] = 1080  # type: ignore[valid-type]
    fps: Literal[RATES] = 24  # type: ignore[valid-type]
    loudness: float | None = Field(-14, ge=LOUDNESS[0], le=LOUDNESS[1], description="LUFS; null: as it was mixed.")
    captions: bool = Field(False, description="Drawn into the picture.")


class ToldExport(Schema):
    id: str
    projectId: str
    format: str
    status: Literal["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]
    progress: float
    createdAt: str
    output: list[str] = Field(description="Addresses, good for 24 hours.")
    failure: str | None = None
    leftOut: list[str] = Field(description="What the format could not hold.")


class ListedExports(Page):
    data: list[ToldExport]


WIRE = {"queued": "PENDING"}


def told(export, request):
    film = export.asset
    there = film is not None and film.is_ready and not (film.deleted_at or film.taken_down_at)
    return {
        "id": str(export.pk),
        "projectId": str(export.project_id),
        "format": export.format,
        "status": WIRE.get(export.status, export.status.upper()),
        "progress": round(export.done / export.frames, 4) if export.frames else 0.0,
        "createdAt": export.created_at.isoformat(timespec="milliseconds"),
        "output": [request.build_absolute_uri(signed_path(export.asset))] if there else [],
        "failure": export.failure or None,
        "leftOut": export.left_out,
    }


def exports_of(caller):
    return Export.objects.filter(project__in=projects_of(caller)).select_related("asset")


@router.get(
    "/projects/{id}/exports",
    auth=READ,
    response={200: ListedExports} | READING,
    operation_id="list_exports",
    summary="What a film left as",
)
def list_exports(request, id: str, limit: int = 20, cursor: str = ""):
    project = found(projects_of(request.auth), id)
    page = page_of(exports_of(request.auth).filter(project=project), cursor, limit)
    return {"data": [told(export, request) for export in page.rows], "nextCursor": page.next_cursor}


@router.post(
    "/projects/{id}/exports",
    auth=GENERATE,
    response={200: ToldExport} | ERRORS,
    operation_id="create_export",
    summary="Render or pack a film",
    openapi_extra=ONCE,
)
def create_export(request, id: str, body: Asked):
    """Freeze the cut as it stands and have it rendered, or packed for other programs. With too many of the workspace in
    the making, 429."""

    def make(project):
        try:
            export = Export.request_export(project, by=request.auth.user, **body.model_dump())
        except ValueError:
            raise ApiError(400, "There is nothing in the cut yet. Lay some takes into it first.") from None
        transaction.on_commit(lambda: export_later(export.pk))
        return told(export, request)

    return once(request, make, lambda: found(projects_of(request.auth), id))


@router.get(
    "/exports/{id}",
    auth=READ,
    response={200: ToldExport} | READING,
    operation_id="get_export",
    summary="How far an export is, and its file",
)
def get_export(request, id: str):
    return told(found(exports_of(request.auth), id), request)


@router.delete(
    "/exports/{id}",
    auth=GENERATE,
    response={204: None} | READING,
    operation_id="cancel_export",
    summary="Stop an export",
)
def cancel_export(request, id: str):
    """Stop it; one that ended stays as it is."""
    found(exports_of(request.auth), id).cancel()
    return HttpResponse(status=204)

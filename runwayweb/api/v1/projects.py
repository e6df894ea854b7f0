"""Films: a project, its scenes in order, and its cut."""

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from projects.models import Conflict, Project, Scene, Timeline
from runwayweb.api.caller import GENERATE, READ
from runwayweb.api.errors import ApiError
from runwayweb.api.finding import found
from runwayweb.api.paging import Page, page_of
from runwayweb.api.planned import Body

from .answers import ERRORS, READING, Failure

router = Router(tags=["Films"])


class Named(Body):
    name: str = Field(min_length=1, max_length=100, pattern=r"\S")


class Headed(Body):
    heading: str = Field(min_length=1, max_length=200, pattern=r"\S", description="Such as EXT. FOREST - NIGHT.")


class ToldProject(Schema):
    id: str
    name: str
    createdAt: str
    archived: bool


class ListedProjects(Page):
    data: list[ToldProject]


class ToldScene(Schema):
    id: str
    projectId: str
    number: int
    heading: str


class Scenes(Schema):
    data: list[ToldScene]


class Assembled(Schema):
    """How many clips lie in the cut now, and how long it is."""

    clips: int
    durationSeconds: float


def told(project):
    return {
        "id": str(project.pk),
        "name": project.name,
        "createdAt": project.created_at.isoformat(timespec="milliseconds"),
        "archived": project.archived_at is not None,
    }


def told_scene(scene):
    return {
        "id": str(scene.pk),
        "projectId": str(scene.project_id),
        "number": scene.number,
        "heading": scene.heading,
    }


def projects_of(caller):
    return Project.objects.in_sight().filter(workspace=caller.workspace)


@router.get(
    "/projects", auth=READ, response={200: ListedProjects} | READING, operation_id="list_projects", summary="Films"
)
def list_projects(request, limit: int = 20, cursor: str = ""):
    page = page_of(projects_of(request.auth), cursor, limit)
    return {"data": [told(project) for project in page.rows], "nextCursor": page.next_cursor}


@router.post(
    "/projects",
    auth=GENERATE,
    response={200: ToldProject} | ERRORS,
    operation_id="create_project",
    summary="A new film",
)
def create_project(request, body: Named):
    return told(Project.objects.create(workspace=request.auth.workspace, name=body.name.strip()))


@router.get(
    "/projects/{id}", auth=READ, response={200: ToldProject} | READING, operation_id="get_project", summary="A film"
)
def get_project(request, id: str):
    return told(found(projects_of(request.auth), id))


@router.patch(
    "/projects/{id}",
    auth=GENERATE,
    response={200: ToldProject} | ERRORS,
    operation_id="rename_project",
    summary="Rename a film",
)
def rename_project(request, id: str, body: Named):
    project = found(projects_of(request.auth), id)
    project.rename(body.name.strip())
    return told(project)


@router.delete(
    "/projects/{id}",
    auth=GENERATE,
    response={204: None} | READING,
    operation_id="delete_project",
    summary="Delete a film",
)
def delete_project(request, id: str):
    """What it has in progress is cancelled, and its credits come back. In the studio it can be brought back."""
    found(projects_of(request.auth), id).delete_softly()
    return HttpResponse(status=204)


@router.get(
    "/projects/{id}/scenes",
    auth=READ,
    response={200: Scenes} | READING,
    operation_id="list_scenes",
    summary="The scenes of a film",
)
def list_scenes(request, id: str):
    return {"data": [told_scene(scene) for scene in found(projects_of(request.auth), id).scenes.all()]}


@router.post(
    "/projects/{id}/scenes",
    auth=GENERATE,
    response={200: ToldScene} | ERRORS,
    operation_id="create_scene",
    summary="A new scene",
)
def create_scene(request, id: str, body: Headed):
    """Behind the others."""
    project = found(projects_of(request.auth), id)
    return told_scene(Scene(project=project, heading=body.heading.strip()).add())


@router.post(
    "/projects/{id}/assembly",
    auth=GENERATE,
    response={200: Assembled, 409: Failure} | ERRORS,
    operation_id="assemble_project",
    summary="Lay the chosen takes into the cut",
)
def assemble(request, id: str):
    """Lay the chosen takes of its shots into the cut, in order, in place of what lay on the first video track."""
    timeline = Timeline.objects.of(found(projects_of(request.auth), id))
    try:
        clips = timeline.assemble(by=request.auth.user)
    except Conflict:
        raise ApiError(409, "The cut was changed meanwhile, so nothing was laid in. Try once more.") from None
    return {"clips": clips, "durationSeconds": timeline.cut.frames / timeline.cut.fps}

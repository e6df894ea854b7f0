"""What the studio knows of somebody, to be taken along: in JSON, and the files that are theirs."""

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q

from generation.models import Generation
from projects.export.bundle import told_film
from projects.models import Invocation, Project, Workflow
from runwayweb.accounts.models import Membership, Role
from runwayweb.assets.models import Asset

COLUMNS = ("id", "project", "model", "task", "request", "recipe", "status", "cost", "charged", "created_at", "asset")


def own_data(user):
    """([(name, JSON as bytes)], assets): everything about the person, the films they may see, and the files that are
    theirs.

    Theirs are the files of the workspaces they own, and whatever they brought or made elsewhere and may still see.
    """
    projects = Project.objects.visible_to(user).order_by("created_at")
    files = list(files_of(user))
    texts = [("account.json", _account(user)), ("workspaces.json", _workspaces(user))]
    texts += [(f"projects/{project.pk}.json", _project(project)) for project in projects]
    texts += [(f"workflows/{workflow.pk}.json", _workflow(workflow)) for workflow in Workflow.objects.visible_to(user)]
    texts += [("workflow_runs.json", _workflow_runs(user))]
    texts += [("generations.json", _generations(user)), ("files.json", _files(files))]
    return [(name, _written(told)) for name, told in texts], files


def files_of(user):
    """The files that are `user`'s own, the oldest first."""
    owned = Membership.objects.filter(user=user, role=Role.OWNER).values("workspace")
    mine = Q(workspace__in=owned) | Q(generations__requested_by=user) | Q(uploads__by=user)
    here = Asset.objects.visible_to(user).filter(state=Asset.State.READY)
    return here.filter(pk__in=Asset.objects.filter(mine).values("pk")).order_by("created_at")


def _account(user):
    return {
        "email": user.email,
        "addresses": list(user.emailaddress_set.values("email", "verified", "primary")),
        "name": user.name,
        "language": user.language,
        "time_zone": user.time_zone,
        "joined_at": user.date_joined,
        "accepted": list(user.acceptances.values("version__document", "version__number", "accepted_at")),
        "accounts_elsewhere": list(user.socialaccount_set.values("provider", "uid", "date_joined")),
        "signed_in": list(user.usersession_set.values("ip", "user_agent", "created_at", "last_seen_at")),
    }


def _workspaces(user):
    return [
        {"id": one.workspace_id, "name": one.workspace.name, "role": one.role, "since": one.created_at}
        for one in user.memberships.select_related("workspace")
    ]


def _project(project):
    return told_film(project) | {"workspace": project.workspace_id, "created_at": project.created_at}


def _workflow(workflow):
    columns = ("id", "name", "description", "workspace_id", "created_at")
    versions = list(workflow.versions.values("number", "graph", "created_at"))
    return {name: getattr(workflow, name) for name in columns} | {"graph": workflow.draft, "versions": versions}


def _workflow_runs(user):
    mine = Invocation.objects.visible_to(user).filter(requested_by=user).order_by("created_at")
    nodes = ("node", "kind", "status", "generation_id", "reused", "output")
    columns = ("id", "version_id", "project_id", "overrides", "status", "quoted", "created_at")
    return [
        {name: getattr(run, name) for name in columns} | {"nodes": list(run.nodes.values(*nodes))}
        for run in mine.prefetch_related("nodes")
    ]


def _generations(user):
    mine = Generation.objects.visible_to(user).filter(requested_by=user)
    return list(mine.order_by("created_at").values(*COLUMNS))


def _files(files):
    columns = ("id", "name", "media_type", "sha256", "size_bytes", "workspace_id", "origin", "created_at")
    return [{name: getattr(one, name) for name in columns} for one in files]


def _written(told):
    return json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode()

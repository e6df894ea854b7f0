"""Who may come through which door: every route of the site × everybody there is.

TABLE says it, a row a route. A route without a row fails here, and says what to write.
"""

import re
import uuid
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase

import pytest
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone

from runwayweb.accounts.models import Right, Role

TABLE = {
    # Of no workspace
    "healthz": "GET anybody",
    "metrics": "GET anybody",  # on this machine, and with a token elsewhere: tests/house/test_metrics.py
    "projects:home": "GET anybody",
    "projects:verify": "GET anybody, POST anybody",
    "projects:abilities": "GET signed-in",
    "projects:studio-status": "GET signed-in",
    "accounts:settings": "GET signed-in",
    "accounts:workspace": "GET signed-in, POST settings",
    "accounts:workspace-new": "GET signed-in, POST signed-in",
    "accounts:account": "GET signed-in, POST signed-in",
    "accounts:closing": "GET signed-in, POST signed-in",
    "projects:own-data": "GET signed-in",
    "accounts:language": "POST anybody",
    "accounts:impersonation-end": "POST signed-in",
    "accounts:terms": "GET anybody",
    "accounts:privacy": "GET anybody",
    "accounts:terms-acceptance": "GET signed-in, POST signed-in",
    "accounts:security": "GET signed-in",
    "accounts:session-end": "POST own",
    "accounts:other-sessions-end": "POST signed-in",
    "accounts:invitation": "GET anybody, POST anybody",
    # Of a workspace: who is in it
    "accounts:members": "GET signed-in",
    "accounts:member-role": "POST members",
    "accounts:member-removal": "GET members, POST members",
    "accounts:handing-over": "GET transfer, POST transfer",
    "accounts:departure": "GET member, POST member",
    "accounts:invitation-new": "POST members",
    "accounts:invitation-mail": "POST members",
    "accounts:invitation-revocation": "POST members",
    "api:keys": "GET settings, POST settings",
    "api:key-revocation": "POST settings",
    "accounts:audit": "GET settings",
    "accounts:audit-table": "GET settings",
    "accounts:workspace-switch": "POST member",
    # Who is told elsewhere
    "api:webhooks": "GET settings, POST settings",
    "api:webhook": "GET settings, POST settings",
    "api:webhook-rotation": "POST settings",
    "api:webhook-switch": "POST settings",
    "api:webhook-test": "POST settings",
    "api:webhook-replay": "POST settings",
    "api:webhook-deletion": "POST settings",
    "api:delivery-replay": "POST settings",
    # Its plan
    "billing:billing": "GET billing",
    "billing:next-invoice": "GET billing",
    "billing:checkout": "POST billing",
    "billing:checkout-done": "GET billing",
    "billing:pack": "POST billing",
    "billing:portal": "POST billing",
    "billing:change": "GET billing, POST billing",
    "billing:cancellation": "POST billing",
    "billing:resumption": "POST billing",
    "billing:webhook": "POST anybody",
    "subscriptions:announcement-dismissal": "POST signed-in",
    "subscriptions:pricing": "GET anybody",
    "projects:plan": "GET billing",
    "projects:usage": "GET billing",
    "projects:usage-csv": "GET billing",
    "projects:voices": "GET make, POST make",
    "projects:voice-deletion": "POST make",
    "projects:project-budget": "POST settings",
    # Films
    "projects:project-list": "GET signed-in",  # Billing is sent on to its settings
    "projects:project-new": "GET make, POST make",
    "projects:sample": "POST make",
    "projects:project": "GET see",
    "projects:project-name": "GET make, POST make",
    "projects:project-prompts": "POST make",
    "projects:project-copy": "POST make",
    "projects:project-archive": "POST make",
    "projects:project-deletion": "POST make",
    "projects:project-restoration": "POST make",
    "projects:feed": "GET see",
    "projects:quote": "GET see",
    "projects:generation-new": "POST make",
    "projects:picture-new": "POST make",
    "projects:sound": "GET see",
    "projects:footage": "GET see",
    "projects:work-new": "POST make",
    "projects:work-quote": "GET see",
    "projects:sharing": "GET make, POST make",
    "projects:share-revocation": "POST make",
    "projects:shared": "GET anybody, POST anybody",
    "projects:shared-report": "GET anybody, POST anybody",
    "projects:shared-file": "GET anybody, HEAD anybody",
    # The world
    "projects:world": "GET see",
    "projects:entity-new": "GET make, POST make",
    "projects:entity-order": "POST make",
    "projects:entity": "GET see, POST make",
    "projects:entity-deletion": "POST make",
    "projects:entity-restoration": "POST make",
    "projects:entity-sheet": "GET see, POST make",
    "projects:entity-sheet-drawing": "POST make",
    "projects:entity-view-order": "POST make",
    "projects:entity-view-choice": "GET make, POST make",
    "projects:entity-view-label": "POST make",
    "projects:entity-view-deletion": "POST make",
    "projects:entity-renewal": "POST make",
    "projects:entity-line": "POST make",
    "projects:entity-spoken-line": "GET see",
    # The script and the storyboard
    "projects:script": "GET see, POST make",
    "projects:script-suggestions": "POST make",
    "projects:script-cast": "POST make",
    "projects:shot-script": "POST make",
    "projects:shots": "GET see",
    "projects:animatics": "POST make",
    "projects:scene-new": "POST make",
    "projects:scene-name": "POST make",
    "projects:scene-move": "POST make",
    "projects:scene-deletion": "POST make",
    "projects:shot-new": "POST make",
    "projects:shot-order": "POST make",
    "projects:shot": "GET see",
    "projects:takes": "GET see",
    "projects:shot-sheet": "GET see, POST make",
    "projects:shot-title": "POST make",
    "projects:shot-copy": "POST make",
    "projects:shot-move": "POST make",
    "projects:shot-deletion": "POST make",
    "projects:shot-restoration": "POST make",
    "projects:take-tile": "GET see",
    "projects:take-choice": "POST make",
    "projects:take-rating": "POST make",
    "projects:take-again": "POST make",
    "projects:take-followed": "POST make",
    "projects:take-comparison": "GET see",
    "projects:take-scores": "GET see",
    "projects:take-pursuit": "POST make",
    "projects:pursuit-cancellation": "POST make",
    # The cut, and what leaves
    "projects:timeline": "GET see",
    "projects:timeline-material": "GET see",
    "projects:timeline-takes": "GET see",
    "projects:timeline-files": "GET see",
    "projects:timeline-cut": "POST make",
    "projects:timeline-gap": "POST make",
    "projects:timeline-captions": "POST make",
    "projects:exports": "GET see, POST make",
    "projects:assembly": "POST make",
    "projects:subtitles": "GET see",
    "projects:export": "GET see",
    "projects:export-poster": "GET see",
    "projects:export-cancellation": "POST make",
    "projects:comeback": "GET make, POST make",
    "projects:comeback-taken": "POST make",
    # Workflows
    "projects:workflow-list": "GET see",
    "projects:workflow-new": "POST make",
    "projects:workflow": "GET see",
    "projects:workflow-name": "GET make, POST make",
    "projects:workflow-node-new": "POST make",
    "projects:workflow-node": "POST make",
    "projects:workflow-node-deletion": "POST make",
    "projects:workflow-edge-new": "POST make",
    "projects:workflow-places": "POST make",
    "projects:workflow-publication": "POST make",
    "projects:workflow-copy": "POST make",
    "projects:workflow-deletion": "POST make",
    "projects:workflow-restoration": "POST make",
    "projects:workflow-graph": "GET see",
    "projects:workflow-quote": "GET see",
    "projects:workflow-run-new": "POST make",
    "projects:workflow-run": "GET see",
    "projects:workflow-run-cancellation": "POST make",
    # Clips
    "projects:generation": "GET see",
    "projects:generation-preview": "GET see",
    "projects:generation-cancellation": "POST make",
    "projects:generation-deletion": "POST make",
    "projects:generation-restoration": "POST make",
    "projects:generation-retry": "POST make",
    "projects:generation-appeal": "POST make",
    "projects:generation-continuation": "POST make",
    "projects:generation-lead-up": "POST make",
    "projects:generation-reference": "POST make",
    "projects:generation-cast-reference": "POST make",
    "projects:generation-edit": "GET make, POST make",
    "projects:generation-widening": "GET make, POST make",
    "projects:generation-finish": "POST make",
    "projects:generation-share": "POST make",
    # The library
    "projects:library": "GET see",
    "projects:library-selection": "POST make",
    "projects:library-archive": "POST see",
    "projects:library-undo": "POST make",
    "projects:folder-new": "POST make",
    "projects:folder-name": "POST make",
    "projects:folder-parent": "POST make",
    "projects:folder-deletion": "POST make",
    "projects:recipe": "GET signed-in, POST signed-in",
    "projects:recipe-use": "POST make",
    "projects:library-asset": "GET see",
    "projects:library-name": "POST make",
    "projects:library-tags": "POST make",
    "projects:library-favourite": "POST make",
    # Files
    "assets:file": "GET see, HEAD see",
    "assets:state": "GET see",
    "assets:uploads": "POST make",
    "assets:upload": "HEAD own, PATCH own, DELETE own",
    "assets:arrival": "GET own",
    "assets:direct-uploads": "bucket",
    "assets:upload-parts": "bucket",
    "assets:upload-completion": "bucket",
    "assets:upload-cancellation": "POST own",
    "assets:upload-new": "GET make",
    "assets:arrivals": "GET signed-in",
    "assets:upload-form": "POST make",
    "assets:import": "POST make",
    # The operator's console
    "console:overview": "GET operator",
    "console:log": "GET operator",
    "console:queue": "GET operator",
    "console:queue-move": "POST operator",
    "console:generations": "GET operator",
    "console:generation": "GET operator",
    "console:generation-prompt": "POST operator",
    "console:generation-cancellation": "POST operator",
    "console:generation-retry": "POST operator",
    "console:generation-refund": "POST operator",
    "console:flags": "GET operator",
    "console:flag": "POST operator",
    "console:storage": "GET operator",
    "console:storage-survey": "POST operator",
    "console:storage-retention": "POST operator",
    "console:webhooks": "GET operator",
    "console:webhook-switch": "POST operator",
    "console:models": "GET operator",
    "console:model-offer": "POST operator",
    "console:model-first": "POST operator",
    "console:plan-models": "POST operator",
    "console:workers": "GET operator",
    "console:worker-wish": "POST operator",
    "console:moderation": "GET operator",
    "console:moderation-still": "GET operator",
    "console:moderation-decision": "POST operator",
    "console:reports": "GET operator",
    "console:report-decision": "POST operator",
    "console:terms": "GET operator, POST operator",
    "console:announcements": "GET operator, POST operator",
    "console:announcement-withdrawal": "POST operator",
    "console:users": "GET operator",
    "console:user": "GET operator",
    "console:user-suspension": "POST operator",
    "console:user-readmission": "POST operator",
    "console:user-signing-out": "POST operator",
    "console:user-second-step": "POST operator",
    "console:user-looking": "POST operator",
    "console:workspaces": "GET operator",
    "console:workspace": "GET operator",
    "console:workspace-suspension": "POST operator",
    "console:workspace-readmission": "POST operator",
    "console:workspace-grant": "POST operator",
    "console:workspace-plan": "POST operator",
    # Of allauth and of Django's admin, which keep their own doors
    "account_*": "account",
    "mfa_*": "account",
    "socialaccount_*": "account",
    "usersessions_*": "account",
    "accounts:elsewhere": "account",
    "accounts/*": "account",
    "social/*": "account",
    "admin:login": "account",
    "admin:logout": "account",
    "admin:*": "staff",
    "v1:*": "key",
    "api-upload": "key",
    "public:api-root": "GET anybody",
    "public:list_models": "GET anybody",
    "openapi": "GET anybody, HEAD anybody",
    "developers": "GET anybody, HEAD anybody",
    "api-missing": "key",
}
WORDS = {
    "anybody": "also who is not signed in",
    "signed-in": "whoever is signed in, for themselves: of no workspace, or of the one in use whatever the role",
    "member": "whoever is in the workspace, in whatever role",
    "own": "only who began it (of the cast below: the editor)",
    **{right.value: f"roles with Right.{right.name}" for right in Right},
    "operator": "staff; for everybody else, signed in or not, there is nothing at the address",
    "account": "instead of all methods: pages of allauth about one's own account, test_doors_of_others.py",
    "staff": "instead of all methods: Django's admin, test_doors_of_others.py; all but staff are sent to its sign-in",
    "key": "instead of all methods: opened by API keys, tests/api/test_doors.py; being signed in opens nothing",
    "bucket": "instead of all methods: closed to everybody where files lie on a disk; else tests/assets/test_direct.py",
}

# What the noun before an id in an address means: the attribute of the World below that has it.
NOUNS = {
    "projects": "project",
    "entities": "entity",
    "takes": "take",
    "shots": "shot",
    "scenes": "scene",
    "pursuits": "pursuit",
    "workflows": "workflow",
    "workflow-runs": "invocation",
    "exports": "export",
    "generations": "generation",
    "queue": "generation",
    "library": "clip",
    "folders": "folder",
    "media": "clip",
    "assets": "clip",
    "uploads": "upload",
    "shares": "share",
    "workspaces": "workspace",
    "users": "user",
    "announcements": "announcement",
    "reports": "report",
    "moderation": "review",
    "members": "membership",
    "invitations": "invitation",
    "sessions": "session",
    "keys": "key",
    "workers": "worker",
    "voices": "voice",
    "webhooks": "webhook",
    "deliveries": "delivery",
}
# Parts of addresses that are no such id, by route or for all: {route: {part: value or attribute of the World}}.
PARTS = {
    "": {"view": "view", "room": "sound", "kind": "srt", "number": 1},
    "projects:timeline-takes": {"shot": "shot"},
    "projects:entity-spoken-line": {"generation": "line"},
    "projects:picture-new": {"name": "first_frame"},
    "projects:generation-finish": {"task": "interpolation"},
    "projects:workflow-node": {"node": "text"},
    "projects:workflow-node-deletion": {"node": "text"},
    "assets:file": {"name": "clip.mp4"},
    "console:flag": {"name": "api"},
    "console:model-offer": {"model": "foley"},
    "console:model-first": {"model": "animatic"},
    "console:plan-models": {"plan": "house"},
    "console:storage-retention": {"name": "trash"},
    "accounts:invitation": {"token": "nonsense"},
    "projects:shared": {"token": "token"},
    "projects:shared-report": {"token": "token"},
    "projects:shared-file": {"token": "token", "id": "clip", "name": "clip.mp4"},
}
# What a form needs before it can be refused or done for its own sake, where nothing at all is not enough.
SENT = {
    "projects:recipe-use": lambda world: {"project": world.project.pk, "original": world.generation.pk},
    "projects:library-archive": lambda world: {"asset": world.clip.pk},
    "projects:library-undo": lambda world: {"at": "2026-11-30T12:00:00+00:00"},
    "projects:entity-sheet-drawing": lambda world: {"source": "words"},
    "projects:timeline-captions": lambda world: {"asset": uuid.UUID(int=0)},
}
HEADERS = {"assets:uploads": {"Tus-Resumable": "1.0.0"}, "assets:upload": {"Tus-Resumable": "1.0.0"}}
# Doors behind which there is nothing just now: to whoever may come in they answer 404 as well.
EMPTY = {
    "console:moderation-still",
    *(f"billing:{act}" for act in ("next-invoice", "checkout", "checkout-done", "pack", "portal", "change")),
    *(f"billing:{act}" for act in ("cancellation", "resumption", "webhook")),  # without Stripe
    "projects:entity-line",
    "projects:generation-cast-reference",
    "projects:generation-finish",
    "projects:generation-preview",
    "projects:generation-widening",
    "projects:timeline-captions",
    "public:api-root",
}
# Doors whose form, not their address, names what somebody else may have.
NAMED_IN_FORMS = {"projects:library-archive", "projects:recipe-use"}

TAG = re.compile(r"<([a-z-]+)((?:\s+[\w-]+(?:=\"[^\"]*\")?)*)\s*/?>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
METHODS = ("GET", "POST", "PATCH", "DELETE")
MEMBERS = {role.value: role for role in Role}
STAFF = ("staff", "clerk")  # a superuser; and one of the staff whom nothing is allowed in Django's admin
PEOPLE = ("anonymous", "stranger", *sorted(MEMBERS), "suspended", *STAFF)


@dataclass(frozen=True)
class Route:
    """One door of the site. `pattern`: its address with the parts in it, `parts` their names."""

    name: str
    pattern: str
    parts: tuple = field(default=())

    def __str__(self):
        return self.name

    @property
    def row(self):
        if self.name in TABLE:
            return TABLE[self.name]
        return next((row for name, row in TABLE.items() if "*" in name and fnmatchcase(self.name, name)), None)

    @property
    def needs(self):
        """{method: word}."""
        return dict(part.split() for part in self.row.split(", "))

    def address(self, world, *, nowhere=False):
        """Where it is in the world; `nowhere`: for ids that do not exist."""
        given = PARTS[""] | PARTS.get(self.name, {})
        values = {}
        for part in self.parts:
            noun = re.search(rf"([\w-]+)/<(?:\w+:)?{part}>", self.pattern)
            if part in given:
                value = given[part]
            elif noun and noun[1] in NOUNS:
                value = NOUNS[noun[1]]
            else:
                pytest.fail(f"{self.name}: say in NOUNS or PARTS what “{part}” of {self.pattern} is")
            known = getattr(world, value, None) if isinstance(value, str) else None
            if isinstance(known, str):
                value, known = known, None
            values[part] = known.pk if known is not None else value
            if nowhere and known is not None:
                values[part] = uuid.uuid4() if isinstance(known.pk, uuid.UUID) else 999_999
        return reverse(self.name, kwargs=values)

    @property
    def is_of_a_workspace(self):
        """Whether it names something that belongs to somebody."""
        return re.search("<(uuid|int):", self.pattern) or self.name in NAMED_IN_FORMS


def routes(resolver=None, prefix="", namespaces=()):
    """Every route of the site, from its URL configuration."""
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from routes(entry, pattern, inner)
        elif isinstance(entry, URLPattern):
            name = ":".join((*namespaces, entry.name or str(entry.pattern)))
            yield Route(name, pattern, tuple(entry.pattern.regex.groupindex))


ROUTES = list(routes())
OURS = [route for route in ROUTES if route.row and route.row not in ("account", "staff", "key", "bucket")]
OF_PROGRAMS = [route for route in ROUTES if route.row == "key" and route.name != "v1:api-root"]
THEIRS = [route for route in ROUTES if route.row in ("account", "staff")]


class World:
    """A film with one of everything, whoever is in its workspace, and who is not; each with a browser of their own."""

    def __init__(self):
        from allauth.usersessions.models import UserSession

        from generation.models import Generation, Review, Worker
        from projects.models import Export, Pursuit, Share, Workflow
        from projects.workflows import running
        from projects.workflows.examples import EXAMPLES
        from runwayweb.api.models import Key
        from runwayweb.assets.models import Folder, Upload
        from runwayweb.subscriptions.models import Announcement
        from tests.factories import (
            finish_generation,
            make_asset,
            make_entity,
            make_generation,
            make_member,
            make_picture,
            make_project,
            make_shot,
            make_take,
            make_user,
        )

        self.people = {"owner": make_user("ada"), "stranger": make_user("mallory")}
        self.user = self.people["owner"]
        self.workspace = self.people["owner"].open_workspace()
        for name, role in MEMBERS.items():
            if role is not Role.OWNER:
                self.people[name] = make_member(self.workspace, role, make_user(name))
        self.people["suspended"] = make_member(self.workspace, Role.EDITOR, make_user("suspended"))
        self.people["staff"] = make_user("staff", is_staff=True, is_superuser=True)
        self.people["clerk"] = make_user("clerk", is_staff=True)
        ada, editor = self.people["owner"], self.people["editor"]
        self.project = make_project(ada)
        self.entity = make_entity(self.project, "fox", description="a red fox")
        self.view = self.entity.add_view(make_picture(self.workspace))
        self.shot = make_shot(self.project)
        self.scene = self.shot.scene
        self.take = make_take(self.shot, ada, "animatic", finished=True)
        self.generation = self.take.generation
        self.clip = self.generation.asset
        self.review = Review.objects.create(generation=self.generation, workspace=self.workspace, code="SAFETY.X")
        self.line = make_generation(self.project, ada)
        Generation.objects.filter(pk=self.line.pk).update(task="text_to_speech")
        finish_generation(self.line)
        self.pursuit = Pursuit.objects.create(
            shot=self.shot, goal=0.9, most_takes=2, most_credits=100, began_with=self.take, requested_by=ada
        )
        self.export = Export.objects.create(
            project=self.project,
            requested_by=ada,
            format="mp4",
            document={},
            sources={},
            asset=make_asset(self.workspace),
        )
        graph = EXAMPLES[0].graph
        self.workflow = Workflow.objects.make(self.workspace, name="Fox, heard", by=ada, graph=graph)
        self.invocation = running.begin(self.workflow.publish(by=ada), project=self.project, by=ada)
        self.membership = self.workspace.memberships.get(user=self.people["viewer"])
        self.invitation = self.workspace.invite("lin@example.org", Role.EDITOR, by=ada)
        self.shot.choose(self.take)
        expires_at = timezone.now() + timedelta(days=1)
        self.share = Share.objects.make(self.project, by=ada, expires_at=expires_at)
        self.token = self.share.token
        self.announcement = Announcement.objects.create(words="News", audience="staff")
        self.report = self.share.reports.create(category="other", words="It is me.")
        self.key = Key.objects.issue(self.workspace, by=ada, name="Render farm")[0]
        self.worker = Worker.objects.create(kind="gpu", slot="gpu", name="gpu here", host="here", pid=7)
        self.folder = Folder.objects.make("Harbour", workspace=self.workspace)
        self.voice = self.workspace.voices.create(name="Nova", model="hibari")
        self.webhook = self.workspace.webhooks.create(url="https://example.org/hook", event_types=["*"])
        self.delivery = self.webhook.deliveries.create(event_type="task.failed", payload={"data": {}})
        self.upload = Upload.objects.begin(workspace=self.workspace, by=editor, name="harbour.mp4", size_bytes=10)
        self.browsers = {"anonymous": Client()}
        for name, person in self.people.items():
            self.browsers[name] = Client()
            self.browsers[name].force_login(person)
        self.session = UserSession.objects.create(
            user=editor, ip="127.0.0.1", user_agent="", session_key=self.browsers["stranger"].session.session_key
        )
        # Whoever is suspended keeps the session of before.
        type(ada).objects.filter(pk=self.people["suspended"].pk).update(is_active=False)


def ask(world, who, route, method, address=None, data=None):
    """The answer to one request, of which nothing stays."""
    if data is None:
        data = SENT.get(route.name, lambda world: {})(world) if method == "POST" else {}
    browser = world.browsers[who]
    cookies = deepcopy(browser.cookies)
    with transaction.atomic():
        answer = getattr(browser, method.lower())(
            address or route.address(world), data, headers=HEADERS.get(route.name, {})
        )
        if not answer.streaming:
            answer.content  # noqa: B018
        transaction.set_rollback(True)
    browser.cookies = cookies  # of whoever signed out, too
    return answer


def expected(who, word, route):
    """ "open", "login", "refused" (a member without the right) or "unknown" (as if it did not exist)."""
    if word == "anybody":
        return "open"
    if word == "operator":
        return "open" if who in STAFF else "unknown"
    if who in ("anonymous", "suspended"):
        return "login"
    if word == "signed-in":
        return "open"
    if word == "own":
        return "open" if who == "editor" else "unknown"
    if who in ("stranger", *STAFF):
        return "unknown" if route.is_of_a_workspace else "open"
    if word == "member" or Right(word) in MEMBERS[who].rights:
        return "open"
    return "refused"


def came(answer, route):
    """Which of these an answer is; else what it was."""
    location = answer.headers.get("Location", "")
    if answer.status_code == 401 or (answer.status_code == 302 and "/login/" in location):
        return "login"
    if answer.status_code == 404:
        return "unknown"
    if answer.status_code == 403:
        said = answer.content.decode()
        told = any(str(role.label) in said for role in Role) or answer.request["REQUEST_METHOD"] == "HEAD"
        return "refused" if told else "refused without a sentence"
    if answer.status_code in (405, 500):
        return str(answer.status_code)
    return "open"


@pytest.mark.django_db  # has the database made, in which the World of the others stands
def test_every_route_has_its_row():
    missing = sorted({route.name: route for route in ROUTES if route.row is None}.items())
    words = "\n".join(f"  {word}: {meaning}" for word, meaning in WORDS.items())
    lines = "\n".join(f'    "{name}": "GET see, POST make",    # {route.pattern}' for name, route in missing)
    assert not missing, f"Add to TABLE of {__file__}, each with its methods and who may:\n{lines}\n\n{words}"


def test_every_row_has_its_route():
    names = {route.name for route in ROUTES}
    gone = [name for name in TABLE if not any(fnmatchcase(one, name) for one in names)]
    assert not gone, f"Rows of TABLE whose routes are gone: {gone}"
    strange = [name for route in OURS for name, word in route.needs.items() if word not in WORDS]
    assert not strange


@pytest.mark.parametrize("route", OURS, ids=str)
def test_the_door(world, route):
    """Everybody × every method: who comes in, who is asked to sign in, who is told what their role lacks; and a
    stranger is told what is told of nothing at all."""
    wrong = []
    for method, word in route.needs.items():
        for who in PEOPLE:
            answer = ask(world, who, route, method)
            told, wanted = came(answer, route), expected(who, word, route)
            if wanted == "login" and told == "unknown" and route.name == "assets:file":
                continue  # what shows a picture cannot sign in
            if wanted == "open" and told == "unknown" and route.name in EMPTY:
                continue
            if told != wanted:
                wrong.append(f"{method} by {who}: {told} ({answer.status_code}), not {wanted}")
            if wanted == "unknown" and method != "HEAD":
                nothing = ask(world, who, route, method, route.address(world, nowhere=True))
                if (nothing.status_code, nothing.content) != (answer.status_code, answer.content):
                    wrong.append(f"{method} by {who}: is told otherwise of what exists")
    for method in METHODS:
        if method in route.needs:
            continue
        answer = ask(world, "staff" if "operator" in route.needs.values() else "owner", route, method)
        if answer.status_code != 405 and not (answer.status_code == 404 and route.name in EMPTY):
            wrong.append(f"{method}: is answered ({answer.status_code}), and TABLE says nothing of it")
    assert not wrong, f"{route.name}, {route.pattern}\n  " + "\n  ".join(wrong)


@pytest.mark.parametrize("route", [route for route in OURS if "operator" in route.needs.values()], ids=str)
def test_staff_with_a_password_alone_do_nothing_in_the_console(world, route, settings):
    """Where OPERATOR_SECOND_STEP asks for more, as it does unless DEBUG is on."""
    settings.OPERATOR_SECOND_STEP = True
    for method in route.needs:
        for who in STAFF:
            answer = ask(world, who, route, method)
            assert (answer.status_code, answer.headers.get("Location")) == (302, reverse("accounts:security")), method


@pytest.mark.slow
@pytest.mark.parametrize("route", [route for route in OURS if "GET" in route.needs], ids=str)
def test_pages_offer_nothing_that_would_be_refused(world, route):
    """No form, button or link leads a viewer or somebody of Billing to a door that is closed to them."""
    wrong = []
    for who in ("viewer", "billing"):
        answer = ask(world, who, route, "GET")
        if answer.status_code != 200 or answer.streaming or "html" not in answer["Content-Type"]:
            continue
        for method, address in offered(answer.content.decode(), route.address(world)):
            try:
                name = resolve(address).view_name
            except Resolver404:
                continue
            to = next((one for one in OURS if one.name == name), None)
            word = to and to.needs.get(method)
            if word and expected(who, word, to) == "refused":
                wrong.append(f"{who}: {method} {name}")
    assert not wrong, f'{route.name}: leave out what is not theirs, {{% if "make" in rights %}}\n  ' + "\n  ".join(
        wrong
    )


def offered(page, here):
    """(method, address) of whatever can be pressed on a page."""
    for tag, attributes in TAG.findall(page):
        given = dict(ATTRIBUTE.findall(attributes))
        if tag == "form":
            yield given.get("method", "get").upper(), given.get("action", here).partition("?")[0]
        for name, method in (("hx-post", "POST"), ("formaction", "POST"), ("hx-get", "GET"), ("href", "GET")):
            if given.get(name, "").startswith("/"):
                yield method, given[name].partition("?")[0].partition("#")[0]


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.row == "key" and route.name != "v1:api-root"], ids=str
)
def test_the_doors_of_programs_are_closed_to_people(world, route):
    """Whoever is signed in has no more right there than anybody: no page of another site can make a browser call."""
    address = "/v1/nothing" if route.pattern.startswith("^") else f"/{re.sub('<.*?>', 'nothing', route.pattern)}"
    for who in PEOPLE:
        for method in ("GET", "POST", "DELETE"):
            assert ask(world, who, route, method, address).status_code in (401, 405), (who, method)

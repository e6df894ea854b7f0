"""Every method of Runway's clients, found by looking at them, and those of which our contract has nothing, and why."""

import ast
import inspect
import json
import re
import subprocess
from pathlib import Path

from runwayml import RunwayML
from runwayml._resource import SyncAPIResource

from tests import node

FOLDER = Path(__file__).parent
AVATARS = "Avatars, who answer live, are planned for later; nothing here draws one yet."
RECIPES = "Of Runway's recipes the film of several shots is here; the others are planned for later."
WEBAPP = "Tells of Runway's own web app. Ours has its usage and its audit log on its pages."
# The beginning of a method's name → why no story has it.
LATER = {
    "avatars.": AVATARS,
    "avatar_videos.": AVATARS,
    "avatar_conversations.": AVATARS,
    "realtime_sessions.": AVATARS,
    "documents.": AVATARS,
    "organization.webapp.": WEBAPP,
    "recipes.ad_localization": RECIPES,
    "recipes.marketing_stock_image": RECIPES,
    "recipes.product_": RECIPES,
    "video_to_hdr.": "Nothing in the catalogue makes HDR of a clip.",
}
# What Node says of its client: the names of its methods, in its own spelling.
LOOK = """
import RunwayML from "@runwayml/sdk"
const found = []
const client = new RunwayML({ apiKey: "none" })
const resources = (owner) => Object.entries(owner).filter(([, one]) => one?._client === client)
function look(resource, path) {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(resource))
  found.push(...names.filter((name) => name !== "constructor" && !name.startsWith("_")).map((name) => path + name))
  for (const [name, one] of resources(resource)) look(one, `${path}${name}.`)
}
for (const [name, one] of resources(client)) look(one, `${name}.`)
console.log(JSON.stringify(found))
"""


def is_later(method):
    return any(method.startswith(beginning) for beginning in LATER)


def of_python():
    """{"generate.video.create": the method}, of a client that calls one after the other; the other has the same."""
    found = {}

    def look(resource, path):
        for name, one in inspect.getmembers(type(resource), inspect.isfunction):
            if not name.startswith("_"):
                found[path + name] = one
        for name, kept in vars(type(resource)).items():
            if hasattr(kept, "__get__") and not (name.startswith(("_", "with_")) or inspect.isfunction(kept)):
                part = getattr(resource, name)
                if isinstance(part, SyncAPIResource):
                    look(part, f"{path}{name}.")

    client = RunwayML(api_key="none")
    for name in vars(type(client)):
        if not name.startswith(("_", "with_")) and isinstance(part := getattr(client, name), SyncAPIResource):
            look(part, f"{name}.")
    return found


def of_node():
    """The same of the client for JavaScript: a list, in our spelling."""
    ran = subprocess.run(
        [node.NODE, "--input-type=module", "-e", LOOK], cwd=node.EXAMPLES, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    return sorted({snake(name) for name in json.loads(ran.stdout)})


def told_in_python(root):
    """The methods that the stories in Python name of the client called `root`: runway, async_runway, or either of them,
    as the calls in calls.py are asked for by both."""
    found = set()
    for path in [*FOLDER.glob("test_python_sdk*.py"), FOLDER / "calls.py"]:
        both = "runway" if path.name == "calls.py" else "either"
        for one in ast.walk(ast.parse(path.read_text())):
            name = _dotted(one)
            if name.startswith((f"{root}.", f"{both}.")):
                found.add(name.partition(".")[2])
    return found


def told_in_node():
    """The methods that the stories in JavaScript call, in our spelling."""
    words = "".join(path.read_text() for path in (FOLDER / "node").glob("*.mjs"))
    return {snake(name) for name in re.findall(r"\brunway\.([A-Za-z.]+)\(", words)}


def snake(name):
    return re.sub(r"(?<=[a-z])[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def _dotted(one):
    """“runway.tasks.delete” of the syntax that says so; "" of any other."""
    if isinstance(one, ast.Attribute):
        before = _dotted(one.value)
        return f"{before}.{one.attr}" if before else ""
    return one.id if isinstance(one, ast.Name) else ""

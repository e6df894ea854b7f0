"""Run as a process of its own: what the Content Credentials of a file from outside say.

    python credentials_reading.py PATH MEDIA_TYPE

It takes little memory and time and asks no address: credentials that lie elsewhere are not fetched. On its last line it
prints JSON: {"state", "codes", "manifests": [{"title", "generator", "signer", "when", "actions", "from"}]}, the file's
own manifest first and then those of what it was made from, each named in "from" by its place in the list.
"""

import json
import resource
import sys

MEMORY_BYTES = 3 * 1024**3
PROCESSOR_SECONDS = 50
MANIFESTS = 200
ACTIONS = 50
TEXT = 200


def main(path, media_type):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    import c2pa

    from runwayweb.assets.credentials_gathering import SETTINGS

    context = c2pa.Context(c2pa.Settings.from_dict(SETTINGS))
    try:
        with open(path, "rb") as file:
            reader = c2pa.Reader.try_create(media_type, file, context=context)
            if reader is None:
                return {"state": "none", "manifests": []}
            state, store = reader.get_validation_state(), json.loads(reader.json())
    except c2pa.C2paError as error:
        if str(error).startswith("Remote: "):
            return {"state": "elsewhere", "manifests": []}
        return {"refused": str(error)[:TEXT]}
    told, places = [], {}
    follow(store, store.get("active_manifest"), told, places)
    states = {"Valid": "valid", "Trusted": "trusted"}
    codes = [str(one.get("code", ""))[:TEXT] for one in store.get("validation_status") or []]
    return {"state": states.get(state, "changed"), "codes": codes[:ACTIONS], "manifests": told}


def follow(store, label, told, places):
    """Append a manifest and those it stands on; its place among them, or None."""
    if label in places:
        return places[label]
    manifest = (store.get("manifests") or {}).get(label)
    if manifest is None or len(told) >= MANIFESTS:
        return None
    place = places[label] = len(told)
    actions = []
    for assertion in manifest.get("assertions") or []:
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            actions += (assertion.get("data") or {}).get("actions") or []
    generator = (manifest.get("claim_generator_info") or [{}])[0]
    signature = manifest.get("signature_info") or {}
    one = {
        "title": text(manifest.get("title")),
        "generator": text(generator.get("name") or manifest.get("claim_generator")),
        "signer": text(signature.get("common_name") or signature.get("issuer")),
        "when": text(signature.get("time") or next((act["when"] for act in actions if act.get("when")), "")),
        "actions": [told_action(action) for action in actions[:ACTIONS]],
        "from": [],
    }
    told.append(one)
    for ingredient in manifest.get("ingredients") or []:
        before = follow(store, ingredient.get("active_manifest"), told, places)
        one["from"].append(
            {"title": text(ingredient.get("title")), "relation": text(ingredient.get("relationship")), "place": before}
        )
    return place


def told_action(action):
    agent = action.get("softwareAgent")
    name = agent.get("name") if isinstance(agent, dict) else agent
    source = text(action.get("digitalSourceType")).rpartition("/")[2]
    return {"action": text(action.get("action")), "agent": text(name), "source": source}


def text(value):
    return str(value)[:TEXT] if value else ""


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:3])))

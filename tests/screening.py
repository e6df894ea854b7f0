"""What a film shows, how loud it is and what it says of itself, read by others than the studio."""

import json
import subprocess
import sys

import av
import numpy as np

from projects.export.sound import RATE, Loudness

# In a process of its own that knows nothing of the studio, as anybody who gets the film would.
READER = """
import json, sys
import c2pa
with open(sys.argv[1], "rb") as file, c2pa.Reader("video/mp4", file) as reader:
    store = json.loads(reader.json())
    film = store["manifests"][store["active_manifest"]]
    agents = {
        name: assertion["data"]["actions"][0].get("softwareAgent", {}).get("name")
        for name, manifest in store["manifests"].items()
        for assertion in manifest["assertions"] if assertion["label"].startswith("c2pa.actions")
    }
    print(json.dumps({
        "state": reader.get_validation_state(),
        "codes": [one["code"] for one in store.get("validation_status", [])],
        "agent": agents[store["active_manifest"]],
        "from": [[one["relationship"], agents.get(one.get("active_manifest"))] for one in film["ingredients"]],
        "ingredients": [len(one.get("ingredients", [])) for one in store["manifests"].values()],
        "ours": [name for name in sys.modules if name.split(".")[0] in ("runwayweb", "projects", "generation")],
    }))
"""


def decoded(path):
    """Every frame: uint8 (F, H, W, 3)."""
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def loudness_of(path):
    heard = Loudness()
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", "stereo", RATE)
        for frame in container.decode(audio=0):
            for piece in resampler.resample(frame):
                heard.hear(piece.to_ndarray().T)
    return heard


def read_elsewhere(path):
    """What C2PA's own reader makes of an MP4."""
    told = subprocess.run([sys.executable, "-I", "-c", READER, str(path)], capture_output=True, text=True, check=True)
    return json.loads(told.stdout)

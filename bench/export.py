"""How long a film takes to render, and how much memory: as H.264 with 1080 lines, of the sample's takes.

Each length is a process of its own, which renders a cut with dissolves, titles, captions and music and says its peak.
Goals: at most 1.5 seconds for a second of film on two cores, and at most 1 GB whatever the length.
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "runwayweb.settings"

LENGTHS = [int(seconds) for seconds in os.environ.get("SECONDS", "60,300").split(",")]  # of the films
HEIGHT, FPS = 1080, 24
CLIP_SECONDS, DISSOLVE_FRAMES = 3, 12  # every third clip begins with one
TITLE_EVERY, TITLE_SECONDS = 20, 2
CAPTION_EVERY, CAPTION_SECONDS = 5, 3
GOALS = {"seconds_a_second": 1.5, "peak_gb": 1.0}


def main():
    figures = {
        "what": f"rendering films as H.264 with {HEIGHT} lines and {FPS} frames a second, each in a process of its own",
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "goals": GOALS,
        "films": [rendered_apart(seconds) for seconds in LENGTHS],
    }
    (ROOT / "bench" / "export.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


def rendered_apart(seconds):
    told = subprocess.run([sys.executable, __file__, str(seconds)], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(told.stdout.splitlines()[-1])


def rendered(seconds):
    """Render a film of this length and say what it took."""
    from projects.export.render import Order, render

    with tempfile.TemporaryDirectory() as folder:
        footage = sample_footage(Path(folder))
        order = Order("mp4", HEIGHT, FPS, loudness=-14.0, captions=True)
        began = time.perf_counter()
        film = render(cut_of(seconds, footage), footage, order, Path(folder) / "film", lambda done, total: None)
        took = time.perf_counter() - began
        return {
            "film_seconds": seconds,
            "seconds": round(took, 1),
            "seconds_a_second": round(took / seconds, 2),
            "peak_gb": round(peak_bytes() / 1e9, 2),
            "file_mb": round(film.stat().st_size / 1e6, 1),
        }


def sample_footage(folder):
    """{Source: Footage} of the sample's chosen takes and its sound, unpacked into a folder."""
    from projects.cut import Source
    from projects.export.pictures import Footage
    from projects.sample import BUNDLE

    with zipfile.ZipFile(BUNDLE) as bundle:
        film = json.loads(bundle.read("film.json"))["rows"]
        bundle.extractall(folder)
    assets = {asset["id"]: asset for asset in film["assets.Asset"]}
    made = {run["id"]: assets[run["asset"]] for run in film["generation.Generation"]}
    takes = {take["id"]: made[take["generation"]] for take in film["projects.Take"]}
    shown = [takes[shot["chosen"]] for shot in film["projects.Shot"]]
    heard = [asset for asset in assets.values() if asset["media_type"].startswith("audio/")]
    return {
        Source("asset", asset["id"]): Footage(
            folder / "media" / asset["sha256"], "mp4", asset["fps"], asset["has_sound"], asset in shown
        )
        for asset in (*shown, *heard)
    }


def cut_of(seconds, footage):
    """The sample's takes one after the other, over and over, under words and music."""
    from projects.cut import Clip, Cut, Track, Transition

    total = seconds * FPS
    takes = itertools.cycle(source for source, one in footage.items() if one.has_picture)
    (sound,) = (source for source, one in footage.items() if not one.has_picture)
    dissolve = Transition("dissolve", DISSOLVE_FRAMES)
    pictures = [
        Clip(f"v{n}", at, frames, next(takes), transition=dissolve if n and n % 3 == 0 else None)
        for n, (at, frames) in enumerate(every(CLIP_SECONDS, CLIP_SECONDS, total))
    ]
    music = [
        Clip(f"a{n}", at, frames, sound, volume_db=-8, fade_in=FPS, fade_out=FPS)
        for n, (at, frames) in enumerate(every(15, 15, total))
    ]
    titles = [
        Clip(f"t{n}", at, frames, text=f"Chapter {n + 1}")
        for n, (at, frames) in enumerate(every(TITLE_EVERY, TITLE_SECONDS, total))
    ]
    captions = [
        Clip(f"c{n}", at, frames, text=f"She had waited all winter, and then one more: {n}.")
        for n, (at, frames) in enumerate(every(CAPTION_EVERY, CAPTION_SECONDS, total))
    ]
    tracks = (("video", pictures), ("audio", music), ("title", titles), ("caption", captions))
    return Cut(FPS, 1280, 720, tuple(Track(f"{kind[0]}1", kind, clips=tuple(clips)) for kind, clips in tracks))


def every(seconds, lasting, total):
    """(first frame, frames) of what begins every so many seconds and lasts so many, up to the end."""
    return [(at, min(lasting * FPS, total - at)) for at in range(0, total, seconds * FPS)]


def peak_bytes():
    """The most memory that this process had at once. Of it alone: getrusage counts what the one before exec had too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    if len(sys.argv) > 1:
        import django

        django.setup()
        print(json.dumps(rendered(int(sys.argv[1]))))
    else:
        main()

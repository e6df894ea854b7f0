"""From pressing Generate to a clip that plays in Chromium, in a studio of its own. Goal: 15 s on 2 cores."""

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "runwayweb.settings"

from playwright.sync_api import expect, sync_playwright  # noqa: E402

from tests.browser import desk  # noqa: E402
from tests.servers.studio import Studio  # noqa: E402

PROMPTS = [
    "a red fox with a blue scarf walks through a pine forest at dusk, orbit left",
    "a small penguin waves on a snowy mountain in the morning, dolly in",
    "a violet rabbit jumps on the beach at noon beside a yellow balloon",
    "a knight bows in a castle courtyard, pan right",
    "a robot dances in the city at night in the rain",
]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PLAYING = "video => video.play().then(() => new Promise(seen => video.requestVideoFrameCallback(seen)))"


def main():
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        studio = Studio(Path(folder) / "data")
        studio.url = f"http://127.0.0.1:{studio.port}"
        studio.start().ready()
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            desk.sign_up(page, studio)
            desk.open_project(page)
            seconds = [measured(page, prompt, number) for number, prompt in enumerate(PROMPTS, 1)]
            browser.close()
        finally:
            studio.stop()
    figures = {
        "what": "seconds from Generate to the first frame playing, 2 s at 512x288",
        "cores": os.cpu_count(),
        "goal": 15,
        "median": round(statistics.median(seconds), 2),
        "worst": round(max(seconds), 2),
        "n": len(seconds),
    }
    (ROOT / "bench" / "prompt_to_clip.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures))


def measured(page, prompt, number):
    began = time.monotonic()
    desk.generate(page, prompt, Seed=str(number))
    card = desk.cards(page, "succeeded")
    expect(card).to_have_count(number, timeout=120_000)
    card.first.locator("video").evaluate(PLAYING)
    return time.monotonic() - began


if __name__ == "__main__":
    main()

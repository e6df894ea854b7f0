"""Draws the pictures of docs/guide (`make guide`): a studio of its own makes its film, and is looked at on the way.

Takes about five minutes on two quiet cores. `NARROW=folder` keeps the same pages at 390 pixels there, to be looked at.
"""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "runwayweb.settings")

from PIL import Image
from playwright.sync_api import sync_playwright

from bench.prompt_to_clip import FLAGS
from tests.browser.filming import Filming
from tests.browser.music import lullaby
from tests.servers.studio import QUICK, Studio

ROOT = Path(__file__).parent.parent.parent
PICTURES = ROOT / "docs" / "guide" / "pictures"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
KEPT = (1152, 720)
QUALITY = 82


def main():
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        studio = Studio(Path(folder) / "data")
        for name in QUICK:
            studio.env.pop(name)
        studio.url = f"http://127.0.0.1:{studio.port}"
        studio.start().ready()
        try:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            page = browser.new_page(viewport=WIDE, reduced_motion="reduce")
            film(Filming(page, studio, lambda name: look(page, name)), Path(folder))
            browser.close()
        finally:
            studio.stop()


def film(filming, folder):
    filming.begin()
    filming.write()
    filming.cast("Mira", "Bruno")
    filming.shoot()
    filming.take_more(2)
    filming.bring(lullaby(folder / "lullaby.wav", seconds=16))
    filming.cut("lullaby")
    filming.leave_as("mp4")
    filming.leave_as("otio")
    filming.change("Mira", "a white rabbit with a green scarf")


def look(page, name):
    """Keep what is to be seen, as a WebP of 1152 x 720; of a page that scrolls, its beginning."""
    page.wait_for_timeout(800)  # for pictures that come in softly
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        page.screenshot(path=file.name)
        PICTURES.mkdir(parents=True, exist_ok=True)
        Image.open(file.name).convert("RGB").resize(KEPT, Image.LANCZOS).save(
            PICTURES / f"{name}.webp", quality=QUALITY
        )
    if narrow := os.environ.get("NARROW"):
        page.set_viewport_size(NARROW)
        page.wait_for_timeout(400)
        page.screenshot(path=str(Path(narrow) / f"{name}.png"))
        page.set_viewport_size(WIDE)
        page.wait_for_timeout(200)
    print(name, flush=True)


if __name__ == "__main__":
    main()

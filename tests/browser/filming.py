"""A film of six shots, made by the studio's pages alone: what a creator does from a page of script to the finished cut.

The journey of tests/browser/test_film.py walks it, and so does tests/browser/guide.py for the pictures of the guide.
"""

from playwright.sync_api import expect

from tests.browser.desk import open_project, sign_up

NAME = "A Light for Bruno"
SCRIPT = """\
Title: A Light for Bruno
Author: Ada

EXT. BEACH - DUSK

MIRA, a white rabbit with a red scarf, walks beside a lantern.

MIRA
There you are.

EXT. PINE FOREST - NIGHT

BRUNO, a brown bear, sits beside a campfire.

Bruno walks between the trees.

EXT. BEACH - NIGHT

Mira and Bruno dance beside the lantern.

Bruno sleeps on the sand under the stars.
"""
SHOTS = 6
MADE = 300_000  # milliseconds within which one clip is there, on the busiest machine
TITLE, CAPTION = "A Light for Bruno", "There you are."
TITLE_AT = 12  # frame of the film


class Filming:
    """The steps, in their order. `look(name)` is called where there is something to see."""

    def __init__(self, page, studio, look=lambda name: None):
        self.page, self.studio, self.look = page, studio, look

    def begin(self, email="ada@example.org"):
        sign_up(self.page, self.studio, email)
        expect(self.page.get_by_role("link", name="New project").first).to_be_visible()
        self.look("projects")
        open_project(self.page, NAME)
        self.film = self.page.url
        self.look("workbench")

    def room(self, name):
        self.page.get_by_role("navigation", name="Rooms of this film").get_by_role("link", name=name).click()
        self.page.wait_for_load_state()

    def write(self):
        """A page of script; who and where is in it comes into the world, and its shots onto the storyboard."""
        self.room("Script")
        self.page.get_by_label("Script", exact=True).fill(SCRIPT)
        self.page.get_by_role("button", name="Save the script").click()
        expect(self.page.get_by_text("Found in your script")).to_be_visible()
        self.look("script")
        self.page.get_by_role("button", name="All of them into the world").click()
        expect(self.page.get_by_text("Found in your script")).to_be_hidden()
        self.page.get_by_role("button", name="Plan them all").click()
        expect(self.page.locator(".shot-card[data-id]")).to_have_count(SHOTS)
        self.look("storyboard-planned")

    def cast(self, *names):
        """Reference sheets, drawn from what the script says of everybody."""
        for name in names:
            self.room("World")
            self.page.get_by_role("link", name=f"@{name.lower()}").first.click()
            self.page.get_by_role("button", name="Draw it from the words").click()
            expect(self.page.locator(".view[data-id] img")).to_have_count(4, timeout=MADE)
            self.page.wait_for_load_state("networkidle")
            self.look(f"sheet-{name.lower()}")
        self.room("World")
        self.look("world")

    def shoot(self):
        """One take of every shot."""
        for number in range(SHOTS):
            self.room("Shots")
            self.page.locator(".shot-card[data-id] h3 a").nth(number).click()
            if not number:
                self.look("shot-planned")
            self.page.get_by_role("button", name="Generate").click()
            expect(self.page.locator("article[data-status=succeeded]")).to_have_count(1, timeout=MADE)
            if not number:
                self.look("shot")
        self.room("Shots")
        expect(self.page.locator(".shot-card__picture img")).to_have_count(SHOTS, timeout=MADE)
        self.page.wait_for_load_state("networkidle")
        self.look("storyboard")

    def take_more(self, number):
        """Four seeds of a shot side by side, two of them compared, one chosen."""
        page = self.page
        self.room("Shots")
        page.locator(".shot-card[data-id] h3 a").nth(number).click()
        page.get_by_role("link", name="Contact sheet").click()
        page.get_by_role("button", name="4 ·").click()
        expect(page.locator(".seed[data-status=succeeded]")).to_have_count(5, timeout=5 * MADE)
        page.wait_for_load_state("networkidle")
        self.look("contact-sheet")
        page.get_by_role("link", name="Compare").nth(2).click()
        page.wait_for_load_state("networkidle")
        self.look("comparison")

    def change(self, name, description):
        """Somebody looks otherwise from now on; who shows them as they were is stale."""
        self.room("World")
        self.page.get_by_role("link", name=f"@{name.lower()}").first.click()
        self.page.get_by_label("Description").fill(description)
        self.page.get_by_role("button", name="Save").click()
        expect(self.page.get_by_text("show the old").first).to_be_visible()
        self.look("stale")

    def bring(self, path):
        """A piece of music of one's own into the library."""
        self.page.goto(f"{self.studio.url}/uploads/new/")
        self.page.get_by_label("Drop files here, or choose them").set_input_files([path])
        expect(self.page.locator(".arrival", has_text=path.name)).to_contain_text("Ready", timeout=60_000)
        self.look("upload")

    def cut(self, music):
        """The chosen takes in order, the music beneath, a title and a caption."""
        page = self.page
        page.goto(self.film)
        self.room("Timeline")
        page.get_by_role("button", name="Lay all chosen takes in, in order").click()
        expect(page.locator(".clip[data-kind=video]")).to_have_count(SHOTS)
        page.get_by_role("tab", name="Library").click()
        page.keyboard.press("Home")
        page.get_by_role("button", name=music).first.click()
        expect(page.locator(".clip[data-kind=audio]")).to_have_count(1)
        page.keyboard.press("Home")
        for _ in range(TITLE_AT):
            page.keyboard.press("ArrowRight")
        self._write("t", TITLE)
        page.keyboard.press("ArrowDown")
        self._write("c", CAPTION)
        expect(page.get_by_text("Saved", exact=True)).to_be_visible()
        page.keyboard.press("z")
        page.wait_for_load_state("networkidle")
        self.look("timeline")

    def _write(self, key, words):
        self.page.keyboard.press(key)
        self.page.get_by_label("Words").fill(words)
        self.page.keyboard.press("Escape")  # out of the words
        self.page.keyboard.press("Escape")  # and out of the clip

    def leave_as(self, kind, size=None):
        """The finished file, made by the media worker and fetched: bytes. `size`: such as "288p"."""
        self.room("Export")
        self.page.get_by_label("Format", exact=True).select_option(kind)
        if size:
            self.page.get_by_label("Size", exact=True).select_option(size)
        self.look(f"export-{kind}")
        rows = self.page.get_by_role("link", name="Download")
        before = rows.count()
        self.page.locator(".export__form button.button--big").click()
        expect(rows).to_have_count(before + 1, timeout=MADE)
        self.look(f"exported-{kind}")
        answer = self.page.request.get(self.studio.url + rows.first.get_attribute("href"))
        assert answer.ok
        return answer.body()

    def bring_back(self, path):
        """A cut that was edited elsewhere."""
        self.room("Export")
        self.page.get_by_role("link", name="Bring an edited cut back").click()
        self.page.locator("input[type=file]").set_input_files([path])
        self.page.get_by_role("button", name="Look at it").click()
        expect(self.page.get_by_role("heading", name="This is what came back")).to_be_visible()
        self.look("comeback")
        self.page.get_by_role("button", name="Use this cut").click()
        expect(self.page.get_by_text("The cut came back.")).to_be_visible()

"""The storyboard is put in order by hand and by keyboard, across its scenes, and says the numbers that come of it."""

import pytest
from playwright.sync_api import expect

from projects.models import Scene, Shot
from tests.browser.desk import fits, sign_in
from tests.factories import make_project


def board(page):
    """What each scene shows: the names of its shots, with their numbers."""
    scenes = page.locator("section.scene")
    return [scene.locator(".shot-card[data-id] h3").all_inner_texts() for scene in scenes.all()]


def kept(project):
    return [
        [f"{shot.number} {shot.title}" for shot in scene.shots.live().select_related("scene")]
        for scene in project.scenes.all()
    ]


def expect_board(page, project, *scenes):
    """The page shows it, and so it is kept."""
    for place, shots in enumerate(scenes):
        cards = page.locator("section.scene").nth(place).locator(".shot-card[data-id] h3")
        expect(cards).to_have_text(list(shots), timeout=15_000)  # a step is kept, and the whole board comes back
    assert board(page) == kept(project) == [list(shots) for shots in scenes]


def card(page, name):
    return page.locator(".shot-card[data-id]", has_text=name)


def drag(page, what, to):
    to.scroll_into_view_if_needed()
    what.hover()
    page.mouse.down()
    box = to.bounding_box()
    for nearer in (0.4, 0.45, 0.5):  # a page is told on the way
        page.mouse.move(box["x"] + box["width"] * nearer, box["y"] + box["height"] * nearer)
    page.mouse.up()


@pytest.mark.slow
def test_a_storyboard_is_put_in_order(page, studio, ada, complaints):
    project = make_project(ada)
    wood, den, shore = (
        Scene.objects.create(project=project, position=position, heading=heading)
        for position, heading in enumerate(["EXT. WOOD - DAY", "INT. DEN - NIGHT", "EXT. SHORE - DUSK"])
    )
    for scene, title in ((wood, "Snow"), (wood, "Tracks"), (den, "Fire")):
        Shot(scene=scene, title=title).add()
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/shots/")
    expect_board(page, project, ["1.1 Snow", "1.2 Tracks"], ["2.1 Fire"], [])

    # By mouse: into another scene, into an empty one, and back into order within one.
    drag(page, card(page, "Tracks"), card(page, "Fire"))
    expect_board(page, project, ["1.1 Snow"], ["2.1 Tracks", "2.2 Fire"], [])
    drag(page, card(page, "Fire"), page.locator("section.scene").nth(2).locator(".shot-card--add"))
    expect_board(page, project, ["1.1 Snow"], ["2.1 Tracks"], ["3.1 Fire"])
    drag(page, card(page, "Snow"), card(page, "Tracks"))
    expect_board(page, project, [], ["2.1 Snow", "2.2 Tracks"], ["3.1 Fire"])
    drag(page, card(page, "Snow"), card(page, "Tracks"))
    expect_board(page, project, [], ["2.1 Tracks", "2.2 Snow"], ["3.1 Fire"])

    # By keyboard: one place at a time, beyond the edge of a scene into the next; the button keeps the focus.
    card(page, "Tracks").get_by_role("button", name="Later").focus()
    page.keyboard.press("Enter")
    expect_board(page, project, [], ["2.1 Snow", "2.2 Tracks"], ["3.1 Fire"])
    page.keyboard.press("Enter")
    expect_board(page, project, [], ["2.1 Snow"], ["3.1 Tracks", "3.2 Fire"])
    page.keyboard.press("Enter")
    expect_board(page, project, [], ["2.1 Snow"], ["3.1 Fire", "3.2 Tracks"])
    card(page, "Snow").get_by_role("button", name="Earlier").focus()
    page.keyboard.press("Enter")
    expect_board(page, project, ["1.1 Snow"], [], ["3.1 Fire", "3.2 Tracks"])
    page.keyboard.press("Enter")
    expect_board(page, project, ["1.1 Snow"], [], ["3.1 Fire", "3.2 Tracks"])

    # A whole scene, from its menu.
    page.set_viewport_size({"width": 390, "height": 844})
    scene = page.locator("section.scene", has_text="EXT. SHORE")
    scene.locator("summary", has_text="More to do with this scene").click()
    scene.get_by_role("button", name="Move the scene up").click()
    page.wait_for_url(f"**/shots/#scene-{shore.pk}")
    expect_board(page, project, ["1.1 Snow"], ["2.1 Fire", "2.2 Tracks"], [])
    assert fits(page) and not complaints

"""The main job, as a newcomer does it: sign up, make a project, write a prompt, watch it being made, play the clip."""

import re
import time

import av
import pytest
from playwright.sync_api import expect

from tests.browser.desk import cards, fits, generate, open_menu, open_project, sign_in, sign_up
from tests.factories import make_generation, make_project

# Run in every page, since a form sent before the scripts are there is a plain one, and leads to a new page.
WATCH = """
    window.seen = []
    new MutationObserver(() => {
        const bar = document.querySelector("article progress")
        if (bar && bar.value > 0 && window.seen.at(-1) !== bar.value) window.seen.push(bar.value)
    }).observe(document, { subtree: true, childList: true, attributes: true })
"""
CLIP = re.compile("/media/.+/clip.mp4")
SHOWN = "video => video.play().then(() => new Promise(seen => video.requestVideoFrameCallback(() => seen())))"
PLAYED = "video => video.play().then(() => new Promise(done => setTimeout(() => done(video.currentTime), 700)))"


@pytest.mark.parametrize("width", [1440, 390])
def test_from_a_prompt_to_a_playing_shot(page, studio, complaints, tmp_path, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(WATCH)
    sign_up(page, studio)
    open_project(page)
    assert fits(page)
    began = time.monotonic()
    generate(page, Seed="7")
    expect(cards(page)).to_have_count(1)
    expect(cards(page, "succeeded")).to_have_count(1, timeout=30_000)
    video = cards(page, "succeeded").locator("video")
    assert video.evaluate(PLAYED) > 0.2
    assert time.monotonic() - began < 30
    assert len(page.evaluate("window.seen")) >= 4, "the bar moves on the way"
    expect(cards(page)).to_contain_text("red fox")
    with page.expect_download() as download:
        cards(page).get_by_role("link", name="Download").click()
    download.value.save_as(tmp_path / "clip.mp4")
    with av.open(str(tmp_path / "clip.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.frames) == (512, 288, 24)
    assert fits(page)
    assert complaints == []


@pytest.mark.slow
def test_the_built_in_model_paints_a_shot(page, studio, ada, complaints):
    project = make_project(ada)
    page.add_init_script(WATCH)
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/")
    page.get_by_label("Engine", exact=True).select_option("Built-in model")
    generate(page, "a violet fox waves in a meadow beside a red balloon, orbit left", Seed="7")
    card = cards(page, "succeeded")
    expect(card).to_have_count(1, timeout=60_000)
    expect(card).to_contain_text("Built-in model")
    assert card.locator("video").evaluate(PLAYED) > 0.2
    assert len(page.evaluate("window.seen")) >= 3, "the bar moves while the animatic is drawn"
    assert complaints == []


@pytest.mark.slow
def test_without_javascript_everything_but_liveliness_works(browser, studio):
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_up(page, studio)
    open_project(page)
    generate(page, Length="0.5")
    expect(cards(page)).to_have_count(1)
    for _ in range(60):
        page.reload()
        if cards(page, "succeeded").count():
            break
        time.sleep(0.5)
    expect(cards(page, "succeeded").locator("video")).to_have_attribute("src", CLIP)
    page.context.close()


@pytest.mark.slow
def test_with_the_keyboard_alone(page, studio, ada):
    project = make_project(ada)
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/")
    page.get_by_label("Prompt", exact=True).focus()
    page.keyboard.type("a blue robot waves on the beach")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Generate":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "focus is always drawn"
    page.keyboard.press("Enter")
    expect(cards(page, "succeeded")).to_have_count(1, timeout=30_000)


@pytest.mark.slow
def test_a_run_can_be_cancelled_and_costs_nothing(page, studio, ada, complaints):
    project = make_project(ada)
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/")
    generate(page, Length="10")
    cards(page).get_by_role("button", name="Cancel").click()
    expect(cards(page, "cancelled")).to_have_count(1, timeout=10_000)
    expect(cards(page)).to_contain_text("credits returned")
    assert complaints == []


@pytest.mark.slow
def test_a_button_is_not_renewed_while_it_is_pressed(page, studio, ada):
    project = make_project(ada)
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/")
    generate(page, Length="10")
    button = cards(page).get_by_role("button", name="Cancel")
    button.hover()
    page.mouse.down()
    page.evaluate("window.pressed = document.querySelector('article button:active')")
    with page.expect_response(re.compile("/generations/")):
        page.evaluate("document.querySelector('article').dispatchEvent(new CustomEvent('status-changed'))")
    page.wait_for_timeout(200)
    assert page.evaluate("window.pressed.isConnected")
    page.mouse.up()
    expect(cards(page, "cancelled")).to_have_count(1, timeout=10_000)


@pytest.fixture
def failed(page, studio, ada, backstage):
    """A project open in the studio, with a card that failed in it."""
    project = make_project(ada)
    generation = backstage(make_generation, project)
    type(generation).objects.filter(pk=generation.pk).update(model="sora-2")
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/")
    expect(cards(page, "failed")).to_have_count(1, timeout=20_000)


@pytest.mark.slow
def test_an_answer_comes_to_a_card_that_is_pressed_again(page, failed):
    held = []
    page.route("**/deletion/", lambda route: held.append(route))
    open_menu(page, "More to do")
    with page.expect_request("**/deletion/"):
        cards(page).get_by_role("button", name="Delete").click()
    page.mouse.down()
    held[0].continue_()
    expect(page.get_by_text("Deleted.")).to_be_visible()
    page.mouse.up()
    page.get_by_role("button", name="Undo").click()
    expect(cards(page, "failed")).to_have_count(1)


def test_a_failure_says_why_where_it_happens(page, failed):
    expect(cards(page)).to_contain_text("sora-2")
    expect(cards(page)).to_contain_text("credit returned")


@pytest.mark.slow
def test_a_second_tab_shows_the_same_without_being_touched(page, context, studio, ada):
    project = make_project(ada)
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/")
    other = context.new_page()
    other.goto(f"{studio.url}/projects/{project.pk}/")
    generate(page, Length="1")
    expect(cards(other)).to_have_count(1, timeout=5_000)
    expect(cards(other, "succeeded")).to_have_count(1, timeout=30_000)
    expect(cards(page)).to_have_count(1)


@pytest.mark.slow
def test_what_was_missed_while_the_server_was_away_is_there_within_five_seconds_of_its_return(
    page, studio, ada, backstage
):
    project = make_project(ada)
    generation = backstage(make_generation, project, num_frames=120, width=512, height=288)
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/")
    web = next(
        process for process in studio.processes if "uvicorn" in " ".join(process.args) and process.poll() is None
    )
    web.kill()
    web.wait()
    backstage(generation.cancel)
    studio.start("web")
    expect(cards(page, "cancelled")).to_have_count(1, timeout=5_000)


@pytest.mark.slow
def test_four_variations_and_the_settings_of_one_of_them_again(page, studio, ada):
    project = make_project(ada)
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/")
    page.get_by_role("group", name="Variations").get_by_text("4").click()
    expect(page.locator("#quote")).to_contain_text("4 credits")
    generate(page, Length="0.5", Seed="40")
    expect(cards(page)).to_have_count(4)
    expect(cards(page, "succeeded")).to_have_count(4, timeout=60_000)
    page.get_by_role("link", name="Reuse settings").first.click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("a red fox walks in a forest at dusk")


@pytest.mark.slow
def test_bad_input_is_said_beside_the_field_and_keeps_what_was_written(page, studio, ada):
    project = make_project(ada)
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/")
    generate(page, "x" * 1001, Seed="5")
    expect(page.get_by_text("1,001 characters long; 1,000 are allowed")).to_be_visible()
    expect(page.get_by_label("Seed", exact=True)).to_have_value("5")
    expect(cards(page)).to_have_count(0)


@pytest.mark.slow
def test_a_saved_diffusers_pipeline_draws_a_clip_through_a_real_worker(page, studio, ada):
    project = make_project(ada)
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{project.pk}/")
    page.get_by_label("Engine", exact=True).select_option("tiny-wan")
    page.get_by_label("Size", exact=True).select_option("384x384")
    page.get_by_text("More settings").click()
    generate(page, "noise, mostly", Length="0.5", Steps="2")
    expect(cards(page, "succeeded")).to_have_count(1, timeout=60_000)
    cards(page).locator("video").evaluate(SHOWN)
    expect(cards(page)).to_contain_text("tiny-wan")


def test_a_line_that_ends_is_opened_again_unless_it_is_over(page, studio, ada):
    """The server's codes: a restart, a fault, too busy, gone for a moment; signed out, no member any more."""
    lines = []

    def opened(line):
        lines.append(line)
        line.send('{"type": "ready", "sequence": 0}')

    page.route_web_socket(re.compile("/ws/workspaces/"), opened)
    sign_in(page, studio)
    page.goto(f"{studio.url}/projects/{make_project(ada).pk}/")
    wait_until(page, lambda: lines)
    page.wait_for_timeout(500)
    for code in (1001, 1011, 1012, 1013):
        before = len(lines)
        lines[-1].close(code=code)
        wait_until(page, lambda before=before: len(lines) == before + 1)
    for code in (4401, 4403):
        before = len(lines)
        lines[-1].close(code=code)
        page.wait_for_timeout(6_000)
        assert len(lines) == before, f"{code} is the end"
        page.reload()
        wait_until(page, lambda before=before: len(lines) == before + 1)


def wait_until(page, condition, seconds=10):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        page.wait_for_timeout(50)

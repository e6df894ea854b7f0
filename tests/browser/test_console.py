"""An operator's day: looks after workers, runs and people in the console; wide, on a phone, and by keyboard alone."""

import os
import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from generation.models import Generation, Review
from projects.models import Report, Share
from runwayweb.accounts.models import Flag
from runwayweb.subscriptions.models import Wallet
from tests.browser.desk import fits, sign_in
from tests.factories import make_generation, make_project, make_shot, make_take, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SOON = 60_000
STICKS_OUT = """[...document.querySelectorAll("main :not(nav, nav *)")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth)
  .map((one) => one.outerHTML.slice(0, 120)).slice(0, 8)"""


@pytest.fixture
def film(ada, backstage):
    """With a run that broke, one that was blocked, and a clip that somebody reported."""
    return backstage(make_film, ada)


@transaction.atomic  # no worker sees a run before it has failed
def make_film(ada):
    project = make_project(ada)
    for code, message in (("INTERNAL.GPU", "The GPU stopped."), ("SAFETY.INPUT.TEXT", "This may not be made.")):
        run = make_generation(project, ada, prompt="a red fox in a forest", width=128, height=64, num_frames=4)
        Generation.objects.filter(pk=run.pk).update(status="running", attempt=1)
        Generation.objects.get(pk=run.pk).fail(1, code=code, message=message)
    Review.objects.get().say("It is only a fox.", by=ada)
    shot = make_shot(project)
    shot.choose(make_take(shot, ada, "animatic", finished=True))
    share = Share.objects.make(project, by=ada, expires_at=timezone.now() + timedelta(days=1))
    Report.objects.create(share=share, category="likeness", words="That is my face.", contact="eve@example.org")
    return project


@pytest.fixture
def console(page, studio, film, complaints):
    """The page of olga, the operator, at her overview; it looks at every page wide and narrow."""
    make_user("olga", is_staff=True)
    page.set_viewport_size(WIDE)
    sign_in(page, studio, "olga@example.org")
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    page.locator("summary", has_text="Your account").click()
    page.get_by_role("link", name="Operator's console").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    yield page
    assert complaints == []


def seen(page, name):
    """Nothing sticks out, wide or narrow. `LOOK=/tmp/look pytest …` leaves pictures of both."""
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)
        assert fits(page), f"{name} at {size['width']}: {page.evaluate(STICKS_OUT)}"
        if folder := os.environ.get("LOOK"):
            page.screenshot(path=f"{folder}/{name}-{size['width']}.png", full_page=True)


def go(page, door):
    page.get_by_role("navigation", name="Operator's console").get_by_role("link", name=door, exact=True).click()
    expect(page.get_by_role("heading", name=re.compile(f"^{door}"), level=1)).to_be_visible()


def test_workers_runs_and_people_are_looked_after(console, film):
    page = console
    for words in ("1 appeal waits for an answer.", "1 report of a film waits."):
        expect(page.get_by_text(words, exact=True)).to_be_visible()
    seen(page, "overview")

    go(page, "Workers")
    gpu = page.locator("tr", has=page.get_by_role("rowheader", name="gpu"))
    expect(gpu).to_contain_text("tiny-wan", timeout=SOON)  # it announces itself again to the empty database
    gpu.get_by_role("button", name="Drain").click()
    expect(gpu.get_by_text("Draining")).to_be_visible()
    seen(page, "workers")
    gpu.get_by_role("button", name="Resume").click()
    expect(gpu.get_by_role("button", name="Resume")).to_have_count(0)
    expect(gpu.get_by_text("Free")).to_be_visible(timeout=SOON)

    go(page, "Generations")
    seen(page, "generations")
    page.locator("tr", has_text="INTERNAL.GPU").get_by_role("link").first.click()
    expect(page.get_by_text("The GPU stopped.")).to_be_visible()
    seen(page, "generation")
    page.get_by_role("button", name="Run it again").click()
    expect(page.get_by_text("this is the new one")).to_be_visible()
    again = Generation.objects.latest("created_at")
    page.wait_for_url(f"**{reverse('console:generation', args=[again.pk])}")
    for _ in range(60):
        again.refresh_from_db()
        if not again.in_progress:
            break
        page.wait_for_timeout(500)
    assert again.status == "succeeded", again.failure
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Succeeded")

    go(page, "Workspaces")
    seen(page, "workspaces")
    page.get_by_role("link", name="Ada's studio").first.click()
    before = Wallet.objects.of(film.workspace).available
    grant = page.get_by_role("region", name="Grant credits")
    grant.get_by_label("Credits").fill("250")
    grant.get_by_label("Reason").fill("The GPU broke")
    grant.get_by_role("button", name="Grant").click()
    expect(page.get_by_text(f"{before + 250:,} to spend")).to_be_visible()
    seen(page, "workspace")
    page.get_by_label("Why, for them to read").fill("You sold credits that are not yours.")
    page.get_by_role("button", name="Suspend").click()
    expect(page.locator("blockquote")).to_contain_text("You sold credits")
    seen(page, "workspace-suspended")
    page.get_by_role("button", name="Lift the suspension").click()
    expect(page.get_by_role("button", name="Suspend")).to_be_visible()

    page.get_by_role("link", name="ada@example.org").first.click()
    seen(page, "user")
    look = page.get_by_role("region", name="Look at the studio as they do")
    look.get_by_label("Reason").fill("She cannot find her film")
    look.get_by_role("button", name="Look", exact=True).click()
    expect(page.locator(".impersonation")).to_contain_text("ada@example.org")
    page.get_by_role("link", name=film.name).first.click()
    expect(page.locator(".impersonation")).to_be_visible()
    seen(page, "impersonating")
    page.get_by_role("button", name="Be yourself again").click()
    expect(page.get_by_role("heading", name="ada@example.org")).to_be_visible()

    go(page, "Log")
    for told in ("drained the worker gpu", "looks at the studio as", "suspended the workspace"):
        expect(page.locator(".log__line", has_text=told).first).to_be_visible()
    seen(page, "log")


def test_every_page_fits(console):
    doors = page_doors(console)
    assert len(doors) >= 15
    for door in doors:
        go(console, door)
        seen(console, f"door-{door.lower()}")


def page_doors(page):
    return page.get_by_role("navigation", name="Operator's console").get_by_role("link").all_inner_texts()


def press(page, *names, role="button"):
    """Reach something by Tab alone, from where the page begins, and press Enter on it."""
    for name in names:
        reach(page, name, role)
        page.keyboard.press("Enter")


def reach(page, name, role):
    wanted = page.get_by_role(role, name=name).first
    expect(wanted).to_be_visible()
    for _ in range(150):
        if wanted.evaluate("element => element === document.activeElement"):
            return wanted
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {name}")


def test_what_people_ask_for_is_decided_by_keyboard_alone(console, film, ada):
    page, keys = console, console.keyboard
    press(page, "1 appeal waits for an answer.", role="link")
    expect(page.get_by_text("It is only a fox.")).to_be_visible()
    seen(page, "moderation")
    reach(page, "Words for its creator", "textbox")
    keys.type("A fox it is.")
    press(page, "Release")
    expect(page.get_by_text("Decided.")).to_be_visible()
    assert Review.objects.get().decision == "released"

    press(page, "Reports", role="link")
    expect(page.get_by_text("That is my face.")).to_be_visible()
    seen(page, "reports")
    reach(page, "Words for whoever made it", "textbox")
    keys.type("She asked us to.")
    press(page, "Take down")
    expect(page.get_by_text("Decided.")).to_be_visible()
    assert film.shots.get().chosen.generation.asset.taken_down_at

    press(page, "Announcements", role="link")
    reach(page, "Sentence", "textbox")
    keys.type("The studio rests on Sunday from 8 to 9.")
    press(page, "Announce")
    expect(page.locator(".person", has_text="The studio rests on Sunday")).to_contain_text("on")
    seen(page, "announcements")

    press(page, "Flags", role="link")
    press(page, "Switch off Sign-up")
    expect(page.get_by_role("button", name="Switch on Sign-up")).to_be_visible()
    assert Flag.objects.get().name == "sign-up"
    seen(page, "flags")
    press(page, "Switch on Sign-up")
    expect(page.get_by_role("button", name="Switch off Sign-up")).to_be_visible()

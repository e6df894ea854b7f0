"""Every page of the site in a browser, with real things behind its address: none asks for what its policy forbids, no
script on it fails, and the server has an answer to all that it asks for.

The walk is made of the URL configuration and of the World of the matrix. A new page is walked to by itself; of a route
that answers otherwise ELSE must say so. A second walk is by whoever pays, beside a practice Stripe. The admin of Django
has no policy (docs/security/asvs.md); its lists are walked to for their scripts.
"""

import re
from dataclasses import dataclass

import pytest
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import expect

from tests.accounts.test_matrix import OURS, THEIRS, World
from tests.browser.desk import sign_in
from tests.factories import make_user

TELL = """document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`POLICY ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`)
})"""
# What the owner of a film, who is an operator as well, finds where that is no page: "data"; a "part" of a page; a
# "file"; somewhere it "leads" on to; or "nothing" just now.
ELSE = {
    "healthz": "data",
    "metrics": "data",
    "openapi": "data",
    "public:api-root": "nothing",
    "public:list_models": "data",
    "projects:timeline-material": "data",
    "projects:workflow-graph": "data",
    "accounts:audit-table": "file",
    "accounts:invitation": "nothing",
    "accounts:settings": "leads",
    "assets:arrival": "nothing",
    "assets:arrivals": "part",
    "assets:file": "file",
    "assets:state": "part",
    "billing:change": "nothing",
    "billing:checkout-done": "nothing",
    "billing:next-invoice": "nothing",
    "console:moderation-still": "nothing",
    "projects:entity-sheet": "leads",
    "projects:entity-spoken-line": "part",
    "projects:export": "leads",
    "projects:export-poster": "leads",
    "projects:feed": "part",
    "projects:generation-preview": "nothing",
    "projects:home": "leads",
    "projects:own-data": "file",
    "projects:quote": "part",
    "projects:shared-file": "file",
    "projects:studio-status": "part",
    "projects:subtitles": "file",
    "projects:take-scores": "leads",
    "projects:take-tile": "part",
    "projects:takes": "part",
    "projects:timeline-files": "part",
    "projects:timeline-takes": "part",
    "projects:usage-csv": "file",
    "projects:work-quote": "part",
    "projects:workflow-quote": "part",
}
# What lies behind a payment, and is walked to once something was paid.
PAYING = {name for name in ELSE if name.startswith("billing:")}


@dataclass(frozen=True)
class Stop:
    """`word`: one of ELSE, or "page"; "theirs" where others keep the door and answer as they see fit."""

    name: str
    address: str
    word: str
    is_open: bool


def stops(world):
    for route in OURS:
        if "GET" in route.needs:
            is_open = route.needs["GET"] == "anybody"
            yield Stop(route.name, route.address(world), ELSE.get(route.name, "page"), is_open)
    for route in THEIRS:
        if route.name == "admin:logout":  # an empty answer, which a browser does not open
            continue
        if not route.parts and (route.row == "account" or route.name.endswith(("_changelist", ":index"))):
            try:
                yield Stop(route.name, reverse(route.name), "theirs", route.row == "account")
            except NoReverseMatch:  # of no name
                continue


def came(answer, address):
    """Which word an answer is."""
    kind = answer.headers.get("content-type", "")
    if not answer.url.endswith(address) or 300 <= answer.status < 400:
        return "leads"
    if answer.status in (404, 410):
        return "nothing"
    if not kind.startswith("text/html"):
        return "data" if "json" in kind or kind.startswith("text/plain") else "file"
    return "page" if "<html" in answer.text() else "part"


class Walk:
    """A browser that goes from stop to stop; `wrong`: what it complained of, by stop. `seen`: how many pages it saw."""

    def __init__(self, page, studio, complaints):
        self.page, self.studio, self.complaints = page, studio, complaints
        self.wrong, self.seen = {}, 0

    def go(self, stop):
        if stop.word in ("page", "part", "theirs"):
            answer = self.page.goto(f"{self.studio.url}{stop.address}", wait_until="load")
        else:
            answer = self.page.request.get(f"{self.studio.url}{stop.address}", max_redirects=0)
        word = came(answer, stop.address)
        if "/reauthenticate/" in answer.url:  # a page that asks for the password first is walked to as that
            word = stop.word
        self.seen += word == "page"
        wrong = [one for one in self.complaints if not (stop.word == "theirs" and one.startswith("Failed to load"))]
        self.complaints.clear()
        if stop.name == "healthz":  # no sender of webhooks runs here, and it says so
            return
        if stop.word not in (word, "theirs"):
            wrong.append(f"It is “{word}” ({answer.status}, {answer.url}), and ELSE says “{stop.word}”.")
        if answer.status >= 500:
            wrong.append(f"{answer.status}")
        if wrong:
            self.wrong[stop.name] = wrong


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.django_db(transaction=True)
def test_no_page_asks_for_what_its_policy_forbids(studio, page, backstage, complaints):
    page.add_init_script(TELL)
    world = backstage(World)
    people = type(world.user).objects.filter(pk=world.user.pk)
    backstage(lambda: people.update(is_staff=True, is_superuser=True))
    walk = Walk(page, studio, complaints)
    every = backstage(lambda: list(stops(world)))
    unknown = set(ELSE) - {stop.name for stop in every}
    assert not unknown, "routes that are gone"

    for stop in every:
        if stop.is_open:
            walk.go(Stop(stop.name, stop.address, "theirs", True))
    assert walk.seen >= 12 and walk.wrong == {}, "who is not signed in"

    sign_in(page, studio)
    page.wait_for_load_state("load")
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'https://elsewhere.example/x.png'}))")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.wait_for_timeout(300)
    assert {said.split()[1] for said in complaints if said.startswith("POLICY")} == {"img-src", "style-src-attr"}, (
        "what is refused is heard"
    )
    complaints.clear()
    for stop in every:
        walk.go(stop)
    assert walk.seen >= 80 and walk.wrong == {}


@pytest.mark.slow
@pytest.mark.timeout(500)
@pytest.mark.django_db(transaction=True)
def test_no_page_of_paying_does_either(selling, stripe, page, backstage, complaints):
    """Out to Stripe's pages and back: form-action lets nobody go elsewhere, so each way there is gone, too."""
    page.add_init_script(TELL)
    backstage(lambda: make_user("ada").open_workspace())
    clock, walk, walked = stripe.new_clock(), Walk(page, selling, complaints), set()

    def go(name, word="page", query=""):
        walk.go(Stop(name, reverse(name) + query, word, False))
        walked.add(name)

    def pay(button, card="4242 4242"):
        page.goto(f"{selling.url}{reverse('billing:billing')}")
        page.get_by_role("button", name=button).first.click()
        assert page.url.startswith(stripe.url)
        page.get_by_label(card).check()
        with page.expect_response(re.compile(re.escape(reverse("billing:checkout-done")))) as back:
            page.get_by_role("button", name=re.compile("^Pay")).click()
        walked.add("billing:checkout-done")
        assert back.value.status == 302
        expect(page.locator(".toasts")).to_contain_text("It is paid")

    sign_in(page, selling)
    go("subscriptions:pricing")
    go("billing:billing")
    go("billing:change", "nothing")
    pay("Pay for Pro")
    expect(page.locator("#next-invoice")).to_contain_text("on")
    pay(re.compile("^Buy"))
    for name in ("billing:billing", "subscriptions:pricing", "projects:plan", "projects:usage"):
        go(name)
    go("billing:billing", query="?interval=year")
    go("billing:next-invoice", "part")
    go("billing:change", query="?plan=unlimited&interval=month")
    page.get_by_role("button", name="Pay and change").click()
    expect(page.locator(".toasts")).to_contain_text("You are on Unlimited")
    page.get_by_role("button", name="Cancel the plan").click()
    expect(page.locator("main")).to_contain_text("Nothing more is charged.")
    page.get_by_role("button", name="Let it go on").click()
    go("billing:billing")
    page.get_by_role("button", name="Cards and invoices").click()
    page.get_by_label("0341").check()
    page.get_by_role("button", name="Save card").click()
    stripe.pass_days(clock, 32)
    selling.wait(lambda: page.goto(f"{selling.url}/settings/billing/") and page.get_by_role("alert").count(), every=0.3)
    go("billing:billing")

    assert {"billing:billing"} | PAYING <= walked and walk.seen >= 9
    assert walk.wrong == {} and complaints == []

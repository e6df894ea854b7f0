"""The live line of a page: who may listen, what comes, and what ends it."""

import asyncio
import time

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import OperationalError
from django.test import Client

from generation import hints
from generation.models import Event
from runwayweb.accounts.models import Role
from runwayweb.asgi import application
from tests.factories import make_generation, make_member, make_project, make_user

pytestmark = pytest.mark.django_db(transaction=True)
ORIGIN = (b"origin", b"http://localhost")


async def signed_in(user):
    client = Client()
    await sync_to_async(client.force_login)(user)
    return client


def line(client, workspace, query="", origin=ORIGIN):
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()) if client else ""
    headers = [(b"host", b"localhost"), origin, (b"cookie", cookies.encode())]
    return WebsocketCommunicator(application, f"/ws/workspaces/{workspace.pk}/{query}", headers=headers)


@sync_to_async
def a_studio(name="ada"):
    user = make_user(name)
    return user, make_project(user)


request = sync_to_async(make_generation)


async def closed_with(communicator, timeout=3):
    while True:
        message = await communicator.receive_output(timeout)
        if message["type"] == "websocket.close":
            return message["code"]


async def test_a_member_hears_what_happens_and_nothing_of_others():
    ada, film = await a_studio()
    _, other = await a_studio("grace")
    socket = line(await signed_in(ada), film.workspace)
    assert (await socket.connect())[0]
    assert await socket.receive_json_from() == {"type": "ready", "sequence": 0}
    await request(other)
    mine = await request(film)
    heard = await socket.receive_json_from(3)
    assert (heard["kind"], heard["generation"], heard["sequence"]) == ("generation.queued", str(mine.pk), 1)
    hint = {"type": "step", "generation": str(mine.pk), "step": 1, "steps": 8}
    await sync_to_async(hints.send)(film.workspace_id, hint)
    assert await socket.receive_json_from(3) == hint
    assert await socket.receive_nothing()
    await socket.disconnect()


async def test_a_browser_that_was_away_hears_what_it_missed():
    ada, film = await a_studio()
    for _ in range(3):
        await request(film)
    socket = line(await signed_in(ada), film.workspace, "?since=1")
    await socket.connect()
    heard = [await socket.receive_json_from(3) for _ in range(3)]
    assert [message.get("sequence") for message in heard] == [2, 3, 3]
    assert heard[-1]["type"] == "ready"
    await socket.disconnect()


@pytest.mark.parametrize("since", ["999", "0"])
async def test_too_much_news_or_a_number_from_another_database_asks_for_the_page(monkeypatch, since):
    monkeypatch.setattr("projects.consumers.REPLAY", 1)
    ada, film = await a_studio()
    for _ in range(3):
        await request(film)
    socket = line(await signed_in(ada), film.workspace, f"?since={since}")
    await socket.connect()
    assert await socket.receive_json_from(3) == {"type": "reload"}
    assert await socket.receive_json_from(3) == {"type": "ready", "sequence": 3}
    await socket.disconnect()


@pytest.mark.parametrize(
    "since", ["", "?since=", "?since=-1", "?since=abc", "?since=1e9", "?since=٣", "?since=" + "9" * 5000]
)
async def test_nonsense_for_a_sequence_is_as_good_as_none(since):
    ada, film = await a_studio()
    socket = line(await signed_in(ada), film.workspace, since)
    await socket.connect()
    assert (await socket.receive_json_from(3))["type"] in ("ready", "reload")
    await socket.disconnect()


async def test_a_foreign_workspace_and_a_visitor_are_turned_away():
    ada, film = await a_studio()
    mallory, _ = await a_studio("mallory")
    for client, code in ((await signed_in(mallory), 4403), (None, 4401)):
        socket = line(client, film.workspace)
        await socket.connect()
        assert await closed_with(socket) == code


async def test_a_page_of_another_site_gets_no_line():
    ada, film = await a_studio()
    socket = line(await signed_in(ada), film.workspace, origin=(b"origin", b"https://evil.example"))
    connected, code = await socket.connect()
    assert not connected


@pytest.mark.slow
async def test_signing_out_closes_the_line_within_five_seconds(monkeypatch):
    ada, film = await a_studio()
    client = await signed_in(ada)
    socket = line(client, film.workspace)
    await socket.connect()
    await socket.receive_json_from(3)
    await sync_to_async(client.logout)()
    assert await closed_with(socket, timeout=5) == 4401


@pytest.mark.slow
@pytest.mark.parametrize("act", ["taken out", "made Billing"])
async def test_who_may_not_see_the_films_any_more_hears_nothing_within_five_seconds(act):
    ada, film = await a_studio()
    grace = await sync_to_async(make_member)(film.workspace)
    member = await sync_to_async(grace.membership)()
    socket = line(await signed_in(grace), film.workspace)
    await socket.connect()
    await socket.receive_json_from(3)
    if act == "taken out":
        await sync_to_async(member.end)(by=ada)
    else:
        await sync_to_async(member.change_role)(Role.BILLING, by=ada)
    assert await closed_with(socket, timeout=5) == 4403


async def test_signing_out_while_the_database_is_away_closes_the_line_when_it_is_back(monkeypatch):
    monkeypatch.setattr("projects.consumers.RECHECK_SECONDS", 0.1)
    ada, film = await a_studio()
    client = await signed_in(ada)
    socket = line(client, film.workspace)
    await socket.connect()
    await socket.receive_json_from(3)
    with monkeypatch.context() as outage:
        outage.setattr("projects.standing.standings", database_is_away)
        await asyncio.sleep(1.5)
    await sync_to_async(client.logout)()
    assert await closed_with(socket) == 4401


async def test_an_event_whose_hint_was_lost_is_told_all_the_same(valkey, monkeypatch):
    monkeypatch.setattr("projects.consumers.RECHECK_SECONDS", 0.3)
    ada, film = await a_studio()
    socket = line(await signed_in(ada), film.workspace)
    await socket.connect()
    await socket.receive_json_from(3)
    valkey.kill()
    mine = await request(film)
    heard = await socket.receive_json_from(3)
    assert (heard["type"], heard["generation"], heard["sequence"]) == ("event", str(mine.pk), 1)
    assert await socket.receive_nothing(1), "once is enough"


def database_is_away(pairs):
    raise OperationalError("the connection is closed")


async def test_a_line_that_breaks_leaves_nobody_watching(monkeypatch):
    ada, film = await a_studio()
    socket = line(await signed_in(ada), film.workspace)
    await socket.connect()
    await socket.receive_json_from(3)
    await socket.send_json_to({"type": "ping"})
    await socket.receive_json_from(3)
    assert watching()
    monkeypatch.setattr("projects.consumers.SEND_SECONDS", 0)  # as if the browser had stopped reading
    await socket.send_json_to({"type": "ping"})
    await asyncio.wait({socket.future}, timeout=3)
    await asyncio.sleep(0)
    assert not watching()


def watching():
    return [task for task in asyncio.all_tasks() if "_recheck" in repr(task)]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"text_data": "x" * 1025}, 1009),
        ({"text_data": "not json"}, 1003),
        ({"text_data": "[]"}, 1003),
        ({"text_data": '{"type": "subscribe"}'}, 1003),
        ({"bytes_data": b"\x00\xff"}, 1003),
    ],
)
async def test_garbage_ends_the_line_with_its_reason(sent, code):
    ada, film = await a_studio()
    socket = line(await signed_in(ada), film.workspace)
    await socket.connect()
    await socket.send_to(**sent)
    assert await closed_with(socket) == code


async def test_a_flood_ends_the_line_and_a_ping_is_answered():
    ada, film = await a_studio()
    socket = line(await signed_in(ada), film.workspace)
    await socket.connect()
    await socket.receive_json_from(3)
    await socket.send_json_to({"type": "ping"})
    assert await socket.receive_json_from(3) == {"type": "pong"}
    for _ in range(30):
        await socket.send_json_to({"type": "ping"})
    assert await closed_with(socket) == 1008


async def test_with_valkey_frozen_a_request_waits_for_it_once(valkey):
    _, film = await a_studio()
    valkey.freeze()
    began = time.monotonic()
    made = [await request(film, seed=seed) for seed in range(4)]
    assert time.monotonic() - began < 6
    assert [generation.status for generation in made] == ["queued"] * 4


async def test_with_valkey_away_asking_still_works_and_the_event_is_kept(valkey):
    _, film = await a_studio()
    valkey.kill()
    generation = await request(film)
    assert generation.status == "queued"
    assert await sync_to_async(Event.objects.count)() == 1

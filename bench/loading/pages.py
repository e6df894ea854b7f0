"""Rows of the load table about open pages. Each gives the figures of one round after the other."""

import asyncio
import itertools
import os
import random
import signal
import time

import httpx

from bench.api import at_rate
from bench.loading.asking import calling, centiles, visiting, warm_up
from bench.loading.crowd import Crowd
from bench.loading.machine import memory_kb
from bench.loading.people import key_of, people

GETS = int(os.environ.get("GETS", "40"))  # a second
LONG = {"model": "animatic", "promptText": "a red fox in a forest", "ratio": "1280:720", "duration": 10}


def sockets(studio, sockets, seconds, rounds):

    guests = people(sockets)
    os.nice(10)
    web = studio.pid_of("uvicorn")

    async def round_of():
        few = Crowd(studio.port, guests[:20])  # code that is read when it is first needed is no socket's
        await few.come()
        await few.hear(2)
        await few.go()
        await asyncio.sleep(2)
        before = memory_kb(web)
        crowd = Crowd(studio.port, guests)
        came = await crowd.come()
        await crowd.hear(warm_up(seconds))
        crowd.forget()
        await crowd.hear(seconds)
        await asyncio.sleep(2)
        figures = {
            "came_seconds": came,
            "drops": crowd.drops,
            "unheard": crowd.unheard,
            "kb_each": (memory_kb(web) - before) / sockets,
            "web_memory_mb": memory_kb(web) / 1024,
            **centiles("event_", crowd.waits),
        }
        await crowd.go()
        await asyncio.sleep(5)
        return figures

    for _round in range(rounds):
        yield asyncio.run(round_of())


def storm(studio, sockets, seconds, rounds):
    """`back_seconds`: from the stop until the last line is open again; of it until the server answered again."""

    guests = people(sockets)
    os.nice(10)

    async def round_of():
        crowd = Crowd(studio.port, guests)
        await crowd.come()
        await asyncio.sleep(warm_up(seconds))
        crowd.forget()
        async with visiting(studio.port, guests[0].cookies) as client:
            answers = []
            watching = asyncio.create_task(watch(client, answers))
            began = time.monotonic()
            os.kill(studio.pid_of("uvicorn"), signal.SIGTERM)
            async with asyncio.timeout(30):
                while len(crowd.on) > 0.5 * sockets:  # they are let go one after the other
                    await asyncio.sleep(0.02)
            gone = time.monotonic()
            await crowd.all_on(max(120.0, seconds))
            back = time.monotonic() - began
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        ready = next((at - began for at, status in answers if status == 200 and at > gone), back)
        refused = sum(count for status, count in crowd.refused.items() if status >= 500)
        figures = {
            "back_seconds": back,
            "ready_seconds": ready,
            "answers_5xx": refused + sum(status >= 500 for _at, status in answers),
            "handshakes_lost": crowd.failures,
        }
        await crowd.go()
        return figures

    for _round in range(rounds):
        yield asyncio.run(round_of())
        time.sleep(min(65, seconds + 5))  # whoever lived for a minute is started again at once, see `Child`


async def watch(client, answers):
    """A page, ten times a second, whatever comes: (when, status), 0 for no answer."""

    async def look():
        try:
            status = (await client.get("/projects/")).status_code
        except httpx.HTTPError:
            status = 0
        answers.append((time.monotonic(), status))

    looks = []
    while True:
        looks.append(asyncio.create_task(look()))
        await asyncio.sleep(0.1)


def reads(studio, sockets, seconds, rounds):

    guests = people(sockets)
    key = key_of(guests[0])
    os.nice(10)

    async def round_of():
        crowd = Crowd(studio.port, guests)
        await crowd.come()
        async with visiting(studio.port, guests[0].cookies) as client, calling(studio.port, key) as program:
            tasks = [(await program.post("/v1/text_to_video", json=LONG)).json()["id"] for _task in range(20)]
            get = reader(client, program, guests[0], tasks)
            await asyncio.gather(at_rate(get, GETS, warm_up(seconds)), crowd.hear(warm_up(seconds)))
            crowd.forget()
            told, _heard = await asyncio.gather(at_rate(get, GETS, seconds), crowd.hear(seconds))
            still = [(await program.get(f"/v1/tasks/{id}")).json()["status"] for id in tasks]
            for id in tasks:
                await program.delete(f"/v1/tasks/{id}")
        await asyncio.sleep(2)
        figures = {name: told[name] for name in ("errors", "median_ms", "p95_ms", "p99_ms", "worst_ms")}
        figures |= {"drops": crowd.drops, "unheard": crowd.unheard, **centiles("event_", crowd.waits)}
        figures["workers_without_work"] = max(0, 2 - sum(status in ("PENDING", "RUNNING") for status in still))
        await crowd.go()
        return figures

    for _round in range(rounds):
        yield asyncio.run(round_of())


def reader(client, program, guest, tasks):
    """One GET after the other: what a creator and a program look at."""
    looks = itertools.cycle(
        [
            lambda: client.get("/projects/"),
            lambda: program.get(f"/v1/tasks/{random.choice(tasks)}"),
            lambda: client.get(f"/projects/{guest.project_id}/"),
            lambda: program.get(f"/v1/tasks/{random.choice(tasks)}"),
            lambda: client.get("/library/"),
            lambda: program.get("/v1/organization"),
        ]
    )
    return lambda: next(looks)()

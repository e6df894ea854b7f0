"""The row of the load table about half an hour of all at once."""

import asyncio
import itertools
import os
import statistics
import sys
from pathlib import Path

from bench.api import at_rate
from bench.loading.asking import calling, centiles, visiting, warm_up
from bench.loading.crowd import Crowd
from bench.loading.machine import sampled
from bench.loading.pages import reader
from bench.loading.people import key_of, people
from bench.loading.runs import ended_findings

GETS, POSTS = 20, 5  # a second
NULL = {"model": "null", "promptText": "null 0 s", "ratio": "64:64", "duration": 0.25}
SAMPLE_SECONDS = 10.0


def soak(studio, sockets, seconds, rounds):
    """Half of what must be, for long. Memory and open files are those of the ninth tenth against the second, the
    process with the most growth; then what the audit finds, and files that should be gone."""

    guests = people(sockets)
    key = key_of(guests[0])
    os.nice(10)
    samples = []

    async def sampling():
        while True:
            samples.append(await asyncio.to_thread(sampled, studio))
            await asyncio.sleep(min(SAMPLE_SECONDS, seconds / 20))

    async def whole():
        crowd = Crowd(studio.port, guests)
        await crowd.come()
        async with visiting(studio.port, guests[0].cookies) as client, calling(studio.port, key) as program:
            seeds, tasks = itertools.count(1), []

            async def post():
                answer = await program.post("/v1/text_to_video", json=NULL | {"seed": next(seeds)})
                if answer.status_code == 200:
                    tasks.append(answer.json()["id"])
                    del tasks[:-50]
                return answer

            await post()
            get = reader(client, program, guests[0], tasks)
            await asyncio.gather(at_rate(get, GETS, warm_up(seconds)), crowd.hear(warm_up(seconds)))
            crowd.forget()
            watching = asyncio.create_task(sampling())
            gets, posts, _heard = await asyncio.gather(
                at_rate(get, GETS, seconds), at_rate(post, POSTS, seconds), crowd.hear(seconds)
            )
            watching.cancel()
        await asyncio.sleep(2)
        figures = {"errors": gets["errors"] + posts["errors"], "drops": crowd.drops, "unheard": crowd.unheard}
        figures |= {"get_p95_ms": gets["p95_ms"], "post_p95_ms": posts["p95_ms"], **centiles("event_", crowd.waits)}
        await crowd.go()
        return figures

    for _round in range(rounds):
        samples.clear()
        figures = asyncio.run(whole())
        figures |= grown(samples)
        figures["findings"] = len(ended_findings())
        figures["left_files"] = len(left_files())
        yield figures


def grown(samples):
    """How much more memory (as a share) and how many more open files late samples show than early ones."""
    tenth = max(1, len(samples) // 10)
    early, late = samples[tenth : 2 * tenth], samples[-2 * tenth : -tenth]
    names = [name for name in early[0] if all(name in sample for sample in samples)]

    def middle(some, name, column):
        return statistics.median(sample[name][column] for sample in some)

    by_name = {name: middle(late, name, 0) / middle(early, name, 0) - 1 for name in names}
    for name, share in by_name.items():
        print(f"{name}: {middle(late, name, 0) / 1024:.1f} MB, {share:+.1%}", file=sys.stderr)
    return {
        "memory_growth": max(by_name.values()),
        "memory_growth_of_all": sum(middle(late, name, 0) for name in names)
        / sum(middle(early, name, 0) for name in names)
        - 1,
        "more_files": max(middle(late, name, 1) - middle(early, name, 1) for name in names),
        "processes_replaced": len(samples[-1].keys() - samples[0].keys()),
    }


def left_files():
    """What lies in folders for work under way though there is none: the media's, and the machine's of this studio."""
    from django.conf import settings

    folders = [Path(settings.MEDIA_ROOT) / "tmp", Path(os.environ["TMPDIR"])]
    return [path for folder in folders if folder.exists() for path in folder.rglob("*") if path.is_file()]

"""What stands in the database and in Valkey, asked when somebody looks: the same on every machine."""

import django_rq
from django.db import DatabaseError, connection
from django.db.models import Count, Min, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from redis.exceptions import RedisError

from generation import machines, queues, tally
from generation.engine import catalogue
from generation.models import Generation, Worker
from generation.models.status import IN_PROGRESS, Status
from runwayweb.api.models import Delivery
from runwayweb.subscriptions.models import Wallet

GB = 10**9


class Standing:
    """A collector of prometheus_client. What a neighbour that is away would know is left out, and `runwayweb_up` says
    so: a gap in a graph is true, a zero would not be."""

    def collect(self):
        up = GaugeMetricFamily("runwayweb_up", "Whether a neighbour answers.", labels=["part"])
        for part, ask, away in (("database", self._in_database, DatabaseError), ("valkey", self._in_valkey, OSError)):
            try:
                found = list(ask())
            except (away, RedisError):
                found = None
                connection.close()
            up.add_metric([part], 0 if found is None else 1)
            yield from found or ()
        yield up

    def _in_database(self):
        yield from self._line()
        yield from self._workers()
        held = Wallet.objects.aggregate(held=Sum("held"))["held"] or 0
        yield GaugeMetricFamily("runwayweb_credits_held", "Credits set aside for what waits and runs.", value=held)
        backlog = Delivery.objects.waiting().aggregate(n=Count("pk"), oldest=Min("created_at"))
        told = "Messages to webhooks that were not taken yet."
        yield GaugeMetricFamily("runwayweb_webhook_backlog", told, value=backlog["n"])
        yield GaugeMetricFamily(
            "runwayweb_webhook_oldest_seconds", "How long the oldest of them waits.", value=_age(backlog["oldest"])
        )

    def _line(self):
        """Each model that is offered, too, where nothing waits: who scales by it needs a zero. How long the oldest
        waits is told of those that a worker may take: no worker more would help what its plan holds back."""
        depth = GaugeMetricFamily("runwayweb_queue_depth", "Runs in line for a worker.", labels=["model"])
        oldest = GaugeMetricFamily("runwayweb_queue_oldest_seconds", "How long the oldest is there.", labels=["model"])
        throttled = GaugeMetricFamily(
            "runwayweb_queue_throttled", "Runs that wait for a place of their plan.", labels=["model"]
        )
        running = GaugeMetricFamily("runwayweb_generations_running", "Runs at work.", labels=["model"])
        rows = Generation.objects.filter(status__in=IN_PROGRESS).order_by().values("model", "status")
        rows = rows.annotate(n=Count("pk"), oldest=Min(Coalesce("in_line_at", "queued_at")))
        found = {(row["model"], row["status"]): row for row in rows}
        for model in sorted({card.id for card in catalogue.cards()} | {model for model, _status in found}):
            count = {status: found.get((model, status), {"n": 0, "oldest": None}) for status in IN_PROGRESS}
            depth.add_metric([model], count[Status.QUEUED]["n"])
            oldest.add_metric([model], _age(count[Status.QUEUED]["oldest"]))
            throttled.add_metric([model], count[Status.THROTTLED]["n"])
            running.add_metric([model], count[Status.RUNNING]["n"])
        return depth, oldest, throttled, running

    def _workers(self):
        workers = GaugeMetricFamily("runwayweb_workers", "Processes that beat, by kind.", labels=["kind"])
        counted = Worker.objects.living().order_by().values("kind").annotate(n=Count("pk"))
        counted = dict(counted.values_list("kind", "n"))
        for kind in Worker.Kind.values:
            workers.add_metric([kind], counted.get(kind, 0))
        living = machines.living()
        at_work = set(Generation.objects.filter(status=Status.RUNNING).values_list("worker", flat=True))
        busy = sum(worker.pk in at_work for worker in living)
        states = GaugeMetricFamily("runwayweb_gpu_workers", "GPU workers by what they do.", labels=["state"])
        states.add_metric(["busy"], busy)
        states.add_metric(["idle"], len(living) - busy)
        warm = GaugeMetricFamily("runwayweb_workers_warm", "GPU workers that have a model loaded.", labels=["model"])
        for model in sorted({model for worker in living for model in worker.warm or ()}):
            warm.add_metric([model], sum(model in (worker.warm or ()) for worker in living))
        labels = ["host", "pid", "device"]
        memory = GaugeMetricFamily("runwayweb_gpu_memory_bytes", "Of a worker's GPU.", labels=labels)
        used = GaugeMetricFamily("runwayweb_gpu_memory_used_bytes", "Of that, taken by whomever.", labels=labels)
        for worker in living:
            whose = [worker.host, str(worker.pid), worker.device]
            memory.add_metric(whose, (worker.gpu_gb or 0) * GB)
            used.add_metric(whose, (worker.gpu_used_gb or 0) * GB)
        return workers, states, warm, memory, used

    def _in_valkey(self):
        waiting = django_rq.get_queue(queues.MEDIA).count
        yield GaugeMetricFamily("runwayweb_media_jobs", "Jobs that wait for a media worker.", value=waiting)
        counted = tally.read()
        ended = CounterMetricFamily(
            "runwayweb_generations_ended", "Runs that ended, by how.", labels=["model", "status", "code"]
        )
        for labels, number in counted.ended.items():
            ended.add_metric(labels, number)
        yield ended
        for name, told, histograms in (
            ("runwayweb_generation_seconds", "How long runs that succeeded took, without loading.", counted.seconds),
            ("runwayweb_generation_wait_seconds", "In line, until the worker that ended it took it.", counted.waits),
        ):
            family = HistogramMetricFamily(name, told, labels=["model"])
            for model, histogram in histograms.items():
                family.add_metric([model], histogram.buckets, histogram.sum)
            yield family


def _age(moment):
    return max(0.0, (timezone.now() - moment).total_seconds()) if moment else 0

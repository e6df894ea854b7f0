"""`/metrics`: what it tells, to whom, and that the dashboard and the autoscaler ask for what there is."""

import json
import math
import os
import re
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
import yaml
from django.conf import settings
from django.db.models import F
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from generation.attempt import Attempt
from generation.models import Generation
from generation.pulse import Pulse
from runwayweb.metrics import kept
from runwayweb.subscriptions.models import Subscription
from tests.factories import make_generation, make_plan, make_project, make_user

pytestmark = pytest.mark.django_db(transaction=True)
DEPLOY = settings.BASE_DIR / "deploy"
NAMES = re.compile(r"\brunwayweb_\w+")


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def project(ada):
    return make_project(ada, name="A secret film")


@pytest.fixture
def pulse():
    return Pulse("gpu")


def read(client, **headers):
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def samples(text):
    """{(name, labels): value} of every line."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def told(text, name, **labels):
    return samples(text).get((name, frozenset(labels.items())))


def worked(project):
    """One run of each kind: done, failed, waiting; by a worker that says what it has."""
    has = {"installed": ["animatic"], "warm": ["animatic"], "gpu_used_gb": 3.0, "gpu_gb": 24.0}
    pulse = Pulse("gpu", device="A card", tells=lambda: has)
    make_generation(project)
    assert Attempt.run_next(pulse)
    broken = make_generation(project)
    Generation.objects.filter(pk=broken.pk).update(request=broken.request | {"width": 1})
    Attempt.run_next(pulse)
    make_generation(project)
    return pulse


def test_it_tells_what_stands_and_what_happened(client, project):
    pulse = worked(project)
    text = read(client)
    assert told(text, "runwayweb_queue_depth", model="animatic") == 1
    assert told(text, "runwayweb_queue_depth", model="built-in") == 0, "who scales by it needs a zero"
    assert told(text, "runwayweb_queue_oldest_seconds", model="animatic") > 0
    assert told(text, "runwayweb_gpu_workers", state="idle") == 1
    assert told(text, "runwayweb_workers_warm", model="animatic") == 1
    whose = {"host": pulse.worker.host, "pid": str(os.getpid()), "device": "A card"}
    assert told(text, "runwayweb_gpu_memory_bytes", **whose) == 24e9
    assert told(text, "runwayweb_gpu_memory_used_bytes", **whose) == 3e9
    assert told(text, "runwayweb_credits_held") == 1
    assert told(text, "runwayweb_generations_ended_total", model="animatic", status="succeeded", code="") == 1
    failed = {"model": "animatic", "status": "failed", "code": "INPUT.REQUEST"}
    assert told(text, "runwayweb_generations_ended_total", **failed) == 1
    assert told(text, "runwayweb_generation_seconds_count", model="animatic") == 1
    assert told(text, "runwayweb_generation_wait_seconds_bucket", model="animatic", le="+Inf") == 2
    assert told(text, "runwayweb_webhook_backlog") == 0
    assert told(text, "runwayweb_up", part="database") == told(text, "runwayweb_up", part="valkey") == 1


def an_hour_ago(*runs):
    """They were asked for an hour ago."""
    then = timezone.now() - timedelta(hours=1)
    Generation.objects.filter(pk__in=[run.pk for run in runs]).update(queued_at=then, created_at=then)


def test_a_run_waits_from_when_it_may_be_taken_and_not_while_its_plan_holds_it_back(client, project, pulse):
    Subscription.objects.assign(project.workspace, make_plan("one at once", concurrency=1))
    first, second = make_generation(project), make_generation(project)
    an_hour_ago(first, second)
    assert told(read(client), "runwayweb_queue_throttled", model="animatic") == 1
    assert Attempt.run_next(pulse)
    second.refresh_from_db()
    assert second.status == "queued", "its place became free"
    text = read(client)
    assert told(text, "runwayweb_queue_depth", model="animatic") == 1
    assert told(text, "runwayweb_queue_oldest_seconds", model="animatic") < 60, "nobody could have taken it before"
    assert Attempt.run_next(pulse)
    text = read(client)
    assert told(text, "runwayweb_generation_wait_seconds_count", model="animatic") == 2
    assert told(text, "runwayweb_generation_wait_seconds_sum", model="animatic") < 120


def test_one_that_is_put_back_waits_anew(client, project, pulse):
    run = make_generation(project)
    Generation.objects.claim_next(pulse.worker)
    hour = timedelta(hours=1)
    Generation.objects.filter(pk=run.pk).update(in_line_at=F("in_line_at") - hour, queued_at=F("queued_at") - hour)
    run.refresh_from_db()
    assert run.requeue(1)
    assert told(read(client), "runwayweb_queue_oldest_seconds", model="animatic") < 60
    assert Attempt.run_next(pulse)
    assert told(read(client), "runwayweb_generation_wait_seconds_sum", model="animatic") < 60


def test_one_that_the_version_before_queued_waits_since_it_was_asked_for(client, project):
    run = make_generation(project)
    an_hour_ago(run)
    Generation.objects.filter(pk=run.pk).update(in_line_at=None)
    assert 3600 <= told(read(client), "runwayweb_queue_oldest_seconds", model="animatic") < 3660


def test_requests_are_counted_by_the_template_of_their_route(client, project):
    client.get(f"/projects/{project.pk}/")
    client.get("/nowhere/at/all")
    client.generic("BREW", "/healthz")
    text = read(client)
    assert str(project.pk) not in text and "nowhere" not in text and "BREW" not in text
    counted = {
        dict(labels)["route"]: value
        for (name, labels), value in samples(text).items()
        if name.endswith("requests_total")
    }
    assert {"projects/<uuid:id>/", "none", "healthz"} <= set(counted)
    assert told(text, "runwayweb_http_request_seconds_count", route="projects/<uuid:id>/") >= 1


def test_it_names_nobody(client, project):
    worked(project)
    text = read(client)
    for secret in ("secret film", "ada@", "Ada", str(project.pk), str(project.workspace_id), "red fox"):
        assert secret not in text, secret


def test_without_a_token_it_is_for_this_machine(client, ada):
    assert client.get("/metrics").status_code == 200
    client.force_login(ada)
    elsewhere = [
        {"REMOTE_ADDR": "203.0.113.7"},
        {"HTTP_X_FORWARDED_FOR": "203.0.113.7"},
        {"HTTP_X_REAL_IP": "10.0.0.1"},
    ]
    for where in elsewhere:
        missing, there = client.get("/metricz", **where), client.get("/metrics", **where)
        assert there.status_code == missing.status_code == 404
        assert b"runwayweb_up" not in there.content and there["Content-Type"] == missing["Content-Type"]


def test_with_a_token_it_is_for_whoever_has_it(client, settings):
    settings.METRICS_TOKEN = "a long secret"
    assert "runwayweb_up" in read(client, authorization="Bearer a long secret")
    for wrong in (
        {},
        {"authorization": "Bearer a long secre"},
        {"authorization": "a long secret"},
        {"authorization": "Bearer é"},
    ):
        assert client.get("/metrics", headers=wrong).status_code == 404


def test_a_neighbour_that_is_away_leaves_a_gap_and_the_rest_is_told(client, valkey):
    valkey.kill()
    text = read(client)
    assert told(text, "runwayweb_up", part="valkey") == 0 and told(text, "runwayweb_up", part="database") == 1
    assert "runwayweb_generations_ended_total{" not in text and "runwayweb_queue_depth{" in text


def asked_for():
    """Every query of the dashboard and of the autoscaler, by where it stands."""
    dashboard = json.loads((DEPLOY / "grafana" / "runwayweb.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for trigger in yaml.safe_load((DEPLOY / "keda" / "gpu-workers.yaml").read_text())["spec"]["triggers"]:
        yield "keda", trigger["metadata"]["query"]


def workers_wanted(there, **metrics):
    """How many workers the example asks for where there are so many, by the arithmetic of Kubernetes: an AverageValue
    is the whole figure by the threshold; a Value is how far it is off, times those that there are, and left alone
    within a tenth. For one model, of which a sum and a maximum are the figure itself."""
    wanted = []
    for trigger in yaml.safe_load((DEPLOY / "keda" / "gpu-workers.yaml").read_text())["spec"]["triggers"]:
        known = {f"runwayweb_{name}": value for name, value in metrics.items()}
        known |= {"sum": float, "max": float, "clamp_max": min}
        query = trigger["metadata"]["query"].replace(" by (model)", "")
        off = eval(query, {"__builtins__": {}}, known) / float(trigger["metadata"]["threshold"])  # noqa: S307
        if trigger.get("metricType", "AverageValue") == "Value":
            wanted.append(there if abs(off - 1) <= 0.1 else math.ceil(off * there))
        else:
            wanted.append(math.ceil(off))
    return max(wanted)


@pytest.mark.parametrize("there", [1, 2, 4, 7])
def test_whoever_waits_five_minutes_gets_another_worker_however_many_there_are(there):
    busy = {"queue_depth": 1, "generations_running": there}
    assert workers_wanted(there, queue_oldest_seconds=200, **busy) <= there
    for waited in (301, 3600):
        wanted = workers_wanted(there, queue_oldest_seconds=waited, **busy)
        assert there < wanted <= there + 1 + there // 3, "and not all that there may be at once"


def test_no_worker_is_given_up_that_is_at_work():
    assert workers_wanted(4, queue_depth=0, queue_oldest_seconds=0, generations_running=4) == 4


def test_a_long_line_gets_one_for_every_two_and_none_where_nothing_waits():
    assert workers_wanted(1, queue_depth=15, queue_oldest_seconds=3, generations_running=1) == 8
    assert workers_wanted(1, queue_depth=0, queue_oldest_seconds=0, generations_running=0) == 0


def test_every_query_asks_for_what_there_is(client, project):
    worked(project)
    client.get("/healthz")
    there = {name for name, _labels in samples(read(client)) if name.startswith("runwayweb_")}
    queries = list(asked_for())
    assert len(queries) > 25
    for where, query in queries:
        names = set(NAMES.findall(query))
        assert names and names <= there, (where, names - there)
        assert query.count("(") == query.count(")") and query.count("{") == query.count("}"), where
    asked = {name for _where, query in queries for name in NAMES.findall(query)}
    base = {re.sub(r"_(total|bucket|sum|count|created)$", "", name) for name in there}
    assert base <= {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in asked}, "and shows all of it"


@pytest.mark.slow
def test_several_web_processes_count_together(site, client):
    """Two servers over one data folder: whichever is asked tells what both counted, and stays when one is killed."""
    first = site.start("web")
    port, site.port = site.port, site.port + 1
    urls = [site.url, site.url.replace(str(port), str(site.port))]
    site.url = urls[1]
    second = site.start("web")

    def ask(url, path="/healthz"):
        with urllib.request.urlopen(url + path, timeout=20) as answer:
            return answer.read().decode()

    def heads(url, times):
        for _ in range(times):
            with pytest.raises(urllib.error.HTTPError, match="503"):
                urllib.request.urlopen(urllib.request.Request(url + "/healthz", method="HEAD"), timeout=20)

    labels = {"method": "HEAD", "route": "healthz", "status": "503"}  # no workers run here
    for killed in (False, True):
        if not killed:
            heads(urls[0], 3)
            heads(urls[1], 2)
        text = ask(urls[1], "/metrics")
        assert told(text, "runwayweb_http_requests_total", **labels) >= 5
        first.kill()
        first.wait()
    assert not (kept.FOLDER / f"gauge_livesum_{first.pid}.db").exists()
    assert second.poll() is None

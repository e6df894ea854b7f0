"""What the web processes of a machine count by themselves. Each keeps its counts in files of its own in the data
folder, and whichever is asked adds all of them up: prometheus_client's multiprocess mode."""

import os
import re
import shutil

from django.conf import settings
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = settings.METRICS_DIR

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
# django-rq has a summary of its own for each process that imports it.
OF_A_PROCESS = re.compile(r"(?:gauge_livesum|summary)_(\d+)\.db")

requests = Counter("runwayweb_http_requests", "HTTP requests that were answered.", ["method", "route", "status"])
request_seconds = Histogram(
    "runwayweb_http_request_seconds", "From a request to the first byte of its answer.", ["route"], buckets=SECONDS
)
sockets = Gauge("runwayweb_sockets_open", "Websockets that are open.", multiprocess_mode="livesum")


def begin_anew():
    """Forget what earlier processes counted. For whoever starts all of them, before it does."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)


def registry():
    """All that the web processes of this machine count."""
    _forget_the_dead()
    found = CollectorRegistry()
    MultiProcessCollector(found, path=str(FOLDER))
    return found


def _forget_the_dead():
    """What a process that is gone had open is open no longer; what it counted still happened."""
    for file in FOLDER.iterdir():
        if (of := OF_A_PROCESS.fullmatch(file.name)) and not os.path.exists(f"/proc/{of[1]}"):
            file.unlink(missing_ok=True)

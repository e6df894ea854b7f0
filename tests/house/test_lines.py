"""Connections to an SQLite file go on from one thread to the next, unless something of the first goes on, too."""

import sqlite3
import threading

import pytest
from django.db import connection, connections

from runwayweb.sqlite import base

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="it is about SQLite"),
]


@pytest.fixture(autouse=True)
def _nothing_waits():
    connection.close()
    while waiting := base.IDLE.take():
        waiting[0].close()


def in_a_thread(do):
    """What `do(connection)` gives in a thread of its own, and the line to the file that it had there."""
    told = []

    def run():
        line = connections["default"]
        line.ensure_connection()
        told.append((do(line), line.connection))
        line.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return told[0]


def ask(line, question="SELECT 1"):
    with line.cursor() as cursor:
        return cursor.execute(question).fetchall()


def test_the_next_thread_goes_on_with_it():
    (_answer, first), (answer, second) = in_a_thread(ask), in_a_thread(ask)
    assert first is second and answer == [(1,)]
    # Only as many wait as there is room for.
    lines = [connections.create_connection("default") for _line in range(base.MOST_IDLE + 3)]
    for line in lines:
        line.ensure_connection()
    for line in lines:
        line.close()
    assert len(base.IDLE.waiting) == base.MOST_IDLE


def leave_a_transaction_open(line):
    ask(line, "BEGIN IMMEDIATE")
    ask(line, "CREATE TABLE half_done (number INTEGER)")


def leave_half_an_answer(line):
    line.half = line.connection.execute("SELECT name FROM sqlite_master")  # a reader that nobody closed
    line.half.fetchone()


@pytest.mark.parametrize("leave", [leave_a_transaction_open, leave_half_an_answer])
def test_one_on_which_something_goes_on_is_closed(leave):
    _told, first = in_a_thread(leave)
    assert base.IDLE.waiting == []
    _answer, second = in_a_thread(ask)
    assert first is not second
    assert ask(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'half_done'") == [(0,)]


def test_what_one_switched_off_is_on_for_the_next():
    _told, first = in_a_thread(lambda line: line.disable_constraint_checking())
    answer, second = in_a_thread(lambda line: ask(line, "PRAGMA foreign_keys"))
    assert first is second and answer == [(1,)]


def test_a_file_that_took_the_place_of_another_is_opened_anew(tmp_path):
    file = tmp_path / "film.sqlite3"

    def put(number):
        written = sqlite3.connect(tmp_path / "new")
        written.execute("CREATE TABLE t (number INTEGER)")
        written.execute("INSERT INTO t VALUES (?)", (number,))
        written.commit()
        written.close()
        (tmp_path / "new").rename(file)

    def number():
        line = base.DatabaseWrapper(connection.settings_dict | {"NAME": str(file)}, "film")
        with line.cursor() as cursor:
            told = cursor.execute("SELECT number FROM t").fetchone()[0]
        line.close()
        return told

    put(1)
    assert number() == 1 and number() == 1
    put(2)
    assert number() == 2

"""Threads of one process write to SQLite one after the other, and none of them asks it in vain."""

import os
import sqlite3
import threading
import time

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from runwayweb.sqlite import turns
from runwayweb.sqlite.base import DatabaseWrapper
from tests.factories import make_user

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL takes many who write")


def together(*works):
    """What these raised, each in a thread and on a connection of its own."""
    raised = []

    def do(work):
        try:
            work()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


def test_nobody_meets_a_locked_file(transactional_db, monkeypatch):
    ada, met = make_user("ada"), []
    asked = DatabaseWrapper.patiently

    def watched(self, call, *arguments):
        def once(*arguments):
            try:
                return call(*arguments)
            except sqlite3.OperationalError as error:
                met.append(error)
                raise

        return asked(self, once, *arguments)

    monkeypatch.setattr(DatabaseWrapper, "patiently", watched)

    def rename_often():
        for number in range(20):
            with transaction.atomic():
                assert type(ada).objects.filter(pk=ada.pk).update(name=f"Ada {number}")
                time.sleep(0.01)

    assert together(*[rename_often] * 6) == []
    assert met == []


def test_another_process_is_waited_for_also_by_what_is_no_transaction(transactional_db):
    ada = make_user("ada")
    holds = sqlite3.connect(settings.DATABASES["default"]["NAME"], isolation_level=None, check_same_thread=False)
    holds.execute("BEGIN IMMEDIATE")
    over = threading.Timer(0.5, holds.rollback)
    over.start()
    assert together(lambda: type(ada).objects.filter(pk=ada.pk).update(name="Ada King")) == []
    over.join()
    holds.close()
    ada.refresh_from_db()
    assert ada.name == "Ada King"


def test_an_error_of_pythons_own_is_told_as_it_is():
    """Such a one has no code of SQLite's."""

    def decode():
        raise sqlite3.OperationalError("Could not decode to UTF-8")

    with pytest.raises(sqlite3.OperationalError, match="decode"):
        connection.patiently(decode)


def test_many_rows_at_once_wait_too(transactional_db):
    holds = sqlite3.connect(settings.DATABASES["default"]["NAME"], isolation_level=None, check_same_thread=False)
    holds.execute("CREATE TABLE IF NOT EXISTS numbers (number)")
    holds.execute("BEGIN IMMEDIATE")
    over = threading.Timer(0.5, holds.rollback)
    over.start()
    insert = "INSERT INTO numbers VALUES (%s)"
    assert together(lambda: connection.cursor().executemany(insert, [(1,), (2,)])) == []
    over.join()
    assert holds.execute("SELECT count(*) FROM numbers").fetchone() == (2,)
    holds.execute("DROP TABLE numbers")
    holds.close()


def test_a_transaction_that_fails_gives_its_turn_back(transactional_db):
    ada = make_user("ada")

    def fail():
        with transaction.atomic():
            type(ada).objects.filter(pk=ada.pk).update(name="Nobody")
            raise ValueError

    def hang_up():
        with transaction.atomic():
            type(ada).objects.filter(pk=ada.pk).update(name="Nobody")
            connection.close()

    def rename():
        with transaction.atomic(), transaction.atomic():
            type(ada).objects.filter(pk=ada.pk).update(name="Ada King")

    assert [type(error) for error in together(fail)] == [ValueError]
    together(hang_up)
    assert together(rename) == []
    ada.refresh_from_db()
    assert ada.name == "Ada King"


def test_who_waits_too_long_is_told_as_by_sqlite(transactional_db, monkeypatch):
    begun, over = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            begun.set()
            over.wait(30)

    def wait():
        begun.wait(30)
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.1)
        try:
            with transaction.atomic():
                pass
        finally:
            over.set()

    (told,) = together(hold, wait)
    assert isinstance(told, OperationalError) and "locked" in str(told)


def test_who_waited_for_others_is_not_kept_twice_as_long(transactional_db, monkeypatch):
    """Somebody else's program holds the file: one of this process waits for SQLite, the others for that one."""
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 2)
    holds = sqlite3.connect(settings.DATABASES["default"]["NAME"], isolation_level=None)
    holds.execute("BEGIN IMMEDIATE")
    took = []

    def ask():
        began = time.monotonic()
        try:
            with transaction.atomic():
                pass
        except OperationalError:
            took.append(time.monotonic() - began)

    together(*[ask] * 3)
    holds.rollback()
    assert len(took) == 3 and max(took) < 2 * 2


def test_a_process_that_was_forked_waits_for_nobody_of_its_parent():
    assert turns.take("a file", 1)
    child = os.fork()
    if child == 0:
        os._exit(0 if turns.take("a file", 1) else 1)
    assert os.waitpid(child, 0)[1] == 0
    turns.give_back("a file")

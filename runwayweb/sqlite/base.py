"""Django's SQLite, whose connections go on to the next request, and which waits for others in short steps.

An ASGI server answers each request in a thread of its own, and a connection of Django's belongs to a thread: each would
open the file, read the whole schema and prepare every statement anew, which takes longer than most of what is asked.
Here one that was left in order waits for the next thread instead of being closed.
"""

import os
import sqlite3
import time
from contextlib import contextmanager, suppress

from django.db.backends.sqlite3 import base
from django.db.backends.utils import debug_transaction

from . import turns

MOST_IDLE = 8  # connections of a process that wait; each may hold 2 MB of pages
PATIENCE_SECONDS = 5.0  # of SQLite, where its options say nothing
# SQLite by itself sleeps longer the longer it waits for another process, up to a tenth of a second. A transaction takes
# some milliseconds: two workers that write as often as they can slept for a third of their time.
STEP_MS = 5
PAUSE_SECONDS = 0.001


class DatabaseWrapper(base.DatabaseWrapper):
    file = None  # of its connection
    turn = None  # the file that it is its turn to write to
    waited = 0.0  # seconds of its patience that are gone already

    def get_new_connection(self, conn_params):
        while (waiting := IDLE.take()) is not None:
            connection, file = waiting
            if file == _file_of(conn_params["database"]):
                self.file = file
                return connection
            connection.close()  # of another file, or of what lay here before a backup was put back
        connection = super().get_new_connection(conn_params)
        connection.execute(f"PRAGMA busy_timeout = {STEP_MS}")
        self.file = _file_of(conn_params["database"])
        return connection

    def create_cursor(self, name=None):
        return self.connection.cursor(factory=lambda connection: PatientCursor(connection, self))

    @contextmanager
    def left_to_sqlite(self):
        """SQLite waits by itself, for as long as patience lasts."""
        self.connection.execute(f"PRAGMA busy_timeout = {round(1000 * self._patience())}")
        try:
            yield
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {STEP_MS}")

    def patiently(self, call, *arguments):
        """What it returns once no other process is in the way; its sqlite3.OperationalError when patience ends."""
        deadline = time.monotonic() + self._patience() - self.waited
        while True:
            try:
                return call(*arguments)
            except sqlite3.OperationalError as error:
                # Python's own, of a text that is none, have no code.
                busy = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() > deadline:
                    raise
            time.sleep(PAUSE_SECONDS)

    def _patience(self):
        return self.settings_dict["OPTIONS"].get("timeout", PATIENCE_SECONDS)

    def _start_transaction_under_autocommit(self):
        file, began = str(self.settings_dict["NAME"]), time.monotonic()
        with self.wrap_database_errors:
            if not turns.take(file, self._patience()):
                raise sqlite3.OperationalError("database is locked")
        self.turn = file
        # Whoever waited for those of this process waits that much shorter for others: so all are told in time.
        self.waited = time.monotonic() - began
        try:
            super()._start_transaction_under_autocommit()
        finally:
            self.waited = 0.0
            self._give_back_turn()

    def _commit(self):
        try:
            if self.connection is not None:
                with debug_transaction(self, "COMMIT"), self.wrap_database_errors:
                    self.patiently(self.connection.commit)
        finally:
            self._give_back_turn()

    def _rollback(self):
        try:
            super()._rollback()
        finally:
            self._give_back_turn()

    def _give_back_turn(self):
        """Unless it goes on with what it began."""
        if not (self.connection and self.connection.in_transaction):
            self._let_others_write()

    def _let_others_write(self):
        if self.turn is not None:
            file, self.turn = self.turn, None
            turns.give_back(file)

    def _close(self):
        try:
            self._put_away()
        finally:
            self._let_others_write()  # also in the middle of a transaction, which this undoes

    def _put_away(self):
        if not self._may_wait() or not IDLE.keep(self.connection, self.file):
            super()._close()

    def _may_wait(self):
        is_there = self.file is not None and self.file == _file_of(self.settings_dict["NAME"])
        return self.connection is not None and is_there and not self.errors_occurred and _is_in_order(self.connection)


class PatientCursor(base.SQLiteCursorWrapper):
    def __init__(self, connection, wrapper):
        super().__init__(connection)
        self.wrapper = wrapper

    def execute(self, query, params=None):
        return self.wrapper.patiently(super().execute, query, params)

    def executemany(self, query, param_list):
        # Some of it may be done when somebody gets in the way: SQLite itself waits, for it knows where it was.
        with self.wrapper.left_to_sqlite():
            return super().executemany(query, param_list)


class Idle:
    """Connections that wait, with the files they are of; the one that was used last goes first. A process that was
    forked has none: what it inherits is its parent's."""

    def __init__(self):
        self.waiting = []

    def take(self):
        """A connection and its file, or None."""
        try:
            return self.waiting.pop()
        except IndexError:
            return None

    def keep(self, connection, file):
        """Whether there is room for it."""
        if len(self.waiting) >= MOST_IDLE:
            return False
        self.waiting.append((connection, file))
        return True

    def leave_to_parent(self):
        PARENTS.append(self.waiting)  # closing them here would meddle with the parent's locks
        self.waiting = []


IDLE = Idle()
PARENTS: list[list] = []
os.register_at_fork(after_in_child=IDLE.leave_to_parent)


def _file_of(name):
    """What tells a file from one that takes its place; None for a database that is no file."""
    with suppress(OSError):
        told = os.stat(name)
        return told.st_dev, told.st_ino
    return None


def _is_in_order(connection):
    """Whether nothing of whoever had it goes on: no transaction, and no half-read answer, which would go on showing the
    next one the rows of its own moment. SQLite tells of the latter by not letting go of an interruption."""
    if connection.in_transaction:
        return False
    try:
        connection.interrupt()
        connection.execute("SELECT 1").fetchall()
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error:
        return False
    return True

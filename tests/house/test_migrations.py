"""While a new version comes up, processes of the one before still read and write: a migration takes nothing from them.

A column or table that is wanted no more goes a version after the last that used it: name its migration in LATE then.
"""

import pytest
from django.apps import apps
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models.fields import NOT_PROVIDED

# The last migrations of the first schema that installations upgrade from (tests/upgrades/).
BEFORE = {
    "accounts": 10,
    "api": 7,
    "assets": 12,
    "console": 1,
    "generation": 20,
    "projects": 14,
    "subscriptions": 9,
}
LATE: set[tuple[str, str]] = set()  # (app, migration) of what no version before uses any more
TAKING = (
    migrations.RemoveField,
    migrations.RenameField,
    migrations.DeleteModel,
    migrations.RenameModel,
    migrations.AlterModelTable,
)


def breaks(operation):
    """What an operation does to a process of the version before, or None."""
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        return next(filter(None, map(breaks, operation.database_operations)), None)
    if isinstance(operation, TAKING):
        return f"{operation.describe()}: it still reads and writes that"
    if isinstance(operation, migrations.AddField):
        field = operation.field
        if not (field.null or field.many_to_many or field.generated or field.db_default is not NOT_PROVIDED):
            return f"{operation.describe()}: it writes rows without that; give it a db_default, or let it be null"
    return None


def ours():
    loader = MigrationLoader(None)
    names = {config.label for config in apps.get_app_configs() if config.label in BEFORE}
    assert names == set(BEFORE)
    return [migration for (app, _name), migration in loader.disk_migrations.items() if app in BEFORE]


def test_no_migration_takes_anything_from_the_version_before():
    wrong = []
    for migration in ours():
        key = (migration.app_label, migration.name)
        if int(migration.name[:4]) > BEFORE[migration.app_label] and key not in LATE:
            wrong += [f"{key}: {why}" for why in map(breaks, migration.operations) if why]
    assert not wrong


@pytest.mark.parametrize(
    ("operation", "is_wrong"),
    [
        (migrations.RemoveField("asset", "name"), True),
        (migrations.RenameField("asset", "name", "title"), True),
        (migrations.DeleteModel("asset"), True),
        (migrations.AddField("asset", "size", models.IntegerField(default=0)), True),
        (migrations.SeparateDatabaseAndState([migrations.DeleteModel("asset")]), True),
        (migrations.SeparateDatabaseAndState([], [migrations.DeleteModel("asset")]), False),
        (migrations.AddField("asset", "size", models.IntegerField(default=0, db_default=0)), False),
        (migrations.AddField("asset", "size", models.IntegerField(null=True)), False),
        (migrations.AddField("asset", "tags", models.ManyToManyField("assets.Tag")), False),
        (migrations.CreateModel("thing", [("id", models.AutoField(primary_key=True))]), False),
    ],
)
def test_what_takes_something_is_seen(operation, is_wrong):
    assert bool(breaks(operation)) == is_wrong


def test_it_would_have_seen_those_of_before_the_first_schema():
    assert any(breaks(operation) for migration in ours() for operation in migration.operations)

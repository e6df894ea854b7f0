import django.db.models.deletion
from django.db import migrations, models

INDEX = "generation_generation_worker_id_5c780196"  # as Django calls it, of either database


class Migration(migrations.Migration):
    """The newest run of each worker, and the events of each run, found by an index."""

    dependencies = [
        ("generation", "0021_runs_ended"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["generation_id", "sequence"], name="events_of_a_generation"),
        ),
        migrations.AddIndex(
            model_name="generation",
            index=models.Index(fields=["worker", "-started_at"], name="runs_of_a_worker"),
        ),
        # By itself Django would write the whole table anew on SQLite, while others wait to write to it.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="generation",
                    name="worker",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="generations",
                        to="generation.worker",
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX IF EXISTS {INDEX}",
                    f"CREATE INDEX {INDEX} ON generation_generation (worker_id)",
                ),
            ],
        ),
    ]

from django.db import migrations, models
from django.db.models import Q


def say_where_they_join(apps, schema_editor):
    apps.get_model("generation", "Generation").objects.filter(continues=True).update(joins="after")


def say_which_continue(apps, schema_editor):
    apps.get_model("generation", "Generation").objects.filter(joins="after").update(continues=True)


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0006_sounds"),
    ]

    operations = [
        migrations.AddField(
            model_name="generation",
            name="joins",
            field=models.CharField(
                blank=True,
                choices=[("before", "Leads up to its first frame"), ("after", "Goes on from its last frame")],
                default="",
                max_length=8,
            ),
            preserve_default=False,
        ),
        migrations.RunPython(say_where_they_join, say_which_continue),
        migrations.RemoveConstraint(model_name="generation", name="continues_some_shot"),
        migrations.RemoveField(model_name="generation", name="continues"),
        migrations.AddConstraint(
            model_name="generation",
            constraint=models.CheckConstraint(
                condition=Q(("joins", ""), ("blocking_of__isnull", False), _connector="OR"), name="joins_some_shot"
            ),
        ),
        migrations.AlterField(
            model_name="input",
            name="role",
            field=models.CharField(
                choices=[
                    ("video", "Clip"),
                    ("mask", "Part to paint"),
                    ("first_frame", "First frame"),
                    ("keyframe", "Keyframe"),
                    ("last_frame", "Last frame"),
                    ("reference", "Reference"),
                    ("sound", "Recording"),
                ],
                max_length=16,
            ),
        ),
    ]

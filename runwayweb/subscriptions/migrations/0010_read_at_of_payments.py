from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0009_announcements")]

    operations = [
        migrations.AddField(
            model_name="payment",
            name="read_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_decided_on_the_check"),
    ]

    operations = [
        migrations.AddField(
            model_name="unmasking",
            name="ended_at",
            field=models.DateTimeField(blank=True, help_text="when its person masked the values again", null=True),
        ),
    ]

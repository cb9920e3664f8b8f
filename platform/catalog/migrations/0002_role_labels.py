"""The role of a customer ID is labelled so; only words change, no table does."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="column",
            name="proposed_role",
            field=models.CharField(
                choices=[
                    ("feature", "Feature"),
                    ("id", "Customer ID"),
                    ("date", "Observation date"),
                    ("target", "Target"),
                    ("weight", "Weight"),
                    ("group", "Group"),
                    ("split", "Split"),
                    ("treatment", "Treatment"),
                    ("ignore", "Ignored"),
                ],
                default="feature",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="columnsetting",
            name="role",
            field=models.CharField(
                blank=True,
                choices=[
                    ("feature", "Feature"),
                    ("id", "Customer ID"),
                    ("date", "Observation date"),
                    ("target", "Target"),
                    ("weight", "Weight"),
                    ("group", "Group"),
                    ("split", "Split"),
                    ("treatment", "Treatment"),
                    ("ignore", "Ignored"),
                ],
                max_length=10,
            ),
        ),
    ]

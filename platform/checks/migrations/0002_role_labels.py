"""The role of a customer ID is labelled so; only words change, no table does."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("checks", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="checkedcolumn",
            name="role",
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
    ]

"""Planned splits become the planning app's: their table gets its name there, and keeps its rows."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("training", "0001_initial")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable(name="PlannedSplit", table="planning_plannedsplit")],
            state_operations=[migrations.DeleteModel(name="PlannedSplit")],
        )
    ]

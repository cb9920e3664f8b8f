"""The measures of the runs that are there become rows."""

from django.db import migrations

SAMPLES = ("validation", "held_out", "out_of_time")


def keep_measures(apps, schema_editor):
    """Put the measures of the runs that are there into rows."""
    LeaderboardRow = apps.get_model("training", "LeaderboardRow")
    RecommendedMeasure = apps.get_model("training", "RecommendedMeasure")
    done = set()
    for row in LeaderboardRow.objects.filter(is_recommended=True).order_by("rank").iterator(chunk_size=500):
        if row.experiment_id in done:
            continue
        done.add(row.experiment_id)
        RecommendedMeasure.objects.bulk_create(
            RecommendedMeasure(
                experiment_id=row.experiment_id, leaderboard_row=row, sample=sample, metric=metric,
                value=measured["value"], low=measured.get("low"), high=measured.get("high"),
            )
            for sample in SAMPLES
            for metric, measured in (row.metrics.get(sample) or {}).items()
            if isinstance(measured, dict) and measured.get("value") is not None
        )


class Migration(migrations.Migration):

    dependencies = [('training', '0003_archive_and_measures')]
    operations = [migrations.RunPython(keep_measures, migrations.RunPython.noop)]

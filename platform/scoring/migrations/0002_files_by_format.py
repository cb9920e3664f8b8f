"""The paths of a scoring's files, by format, instead of one column for each of three formats."""

from typing import Any

import scoring.models
from django.db import migrations, models

FORMATS = ("csv", "parquet", "xlsx")


def gather(apps: Any, schema_editor: Any) -> None:
    jobs = apps.get_model("scoring", "ScoringJob").objects.using(schema_editor.connection.alias)
    for each in jobs.exclude(csv_path="").iterator():
        paths = {name: getattr(each, f"{name}_path") for name in FORMATS}
        each.files = {name: path for name, path in paths.items() if path}
        each.save(update_fields=["files"])


def spread(apps: Any, schema_editor: Any) -> None:
    for each in apps.get_model("scoring", "ScoringJob").objects.using(schema_editor.connection.alias).iterator():
        for name in FORMATS:
            setattr(each, f"{name}_path", each.files.get(name, ""))
        each.save(update_fields=[f"{name}_path" for name in FORMATS])


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='scoringjob',
            name='files',
            field=models.JSONField(blank=True, default=dict, help_text='by format, where the scores lie'),
        ),
        migrations.RunPython(gather, spread),
        migrations.RemoveField(
            model_name='scoringjob',
            name='csv_path',
        ),
        migrations.RemoveField(
            model_name='scoringjob',
            name='parquet_path',
        ),
        migrations.RemoveField(
            model_name='scoringjob',
            name='xlsx_path',
        ),
        migrations.AlterField(
            model_name='scoringjob',
            name='file_format',
            field=models.CharField(choices=scoring.models.formats_to_ask_for, default='csv', max_length=20),
        ),
    ]

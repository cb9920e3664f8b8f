"""Archived experiments, measures of recommended models as rows, and what stays of deleted runs."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('catalog', '0001_initial'),
        ('checks', '0001_initial'),
        ('jobs', '0001_initial'),
        ('training', '0002_planned_splits_leave'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DeletedRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('repeated', models.PositiveBigIntegerField(help_text='the experiment that it repeated', null=True)),
                ('readings', models.PositiveIntegerField()),
                ('deleted_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='RecommendedMeasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sample', models.CharField(max_length=20)),
                ('metric', models.CharField(max_length=30)),
                ('value', models.FloatField()),
                ('low', models.FloatField(null=True)),
                ('high', models.FloatField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='experiment',
            name='archived_at',
            field=models.DateTimeField(blank=True, help_text='since when lists leave it out', null=True),
        ),
        migrations.AddIndex(
            model_name='experiment',
            index=models.Index(fields=['workspace', '-updated_at'], name='experiments_newest_first'),
        ),
        migrations.AddField(
            model_name='deletedrun',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deleted_runs', to='catalog.datasetversion'),
        ),
        migrations.AddField(
            model_name='recommendedmeasure',
            name='experiment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='measured', to='training.experiment'),
        ),
        migrations.AddField(
            model_name='recommendedmeasure',
            name='leaderboard_row',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='measured', to='training.leaderboardrow'),
        ),
        migrations.AddConstraint(
            model_name='recommendedmeasure',
            constraint=models.UniqueConstraint(fields=('experiment', 'sample', 'metric'), name='measure_once_an_experiment'),
        ),
    ]

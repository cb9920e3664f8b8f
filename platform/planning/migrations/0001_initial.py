"""Planned splits, whose table came from the training app with its rows."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('jobs', '0001_initial'),
        ('training', '0002_planned_splits_leave'),
    ]

    operations = [
        # The table is there: training gave it its name.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='PlannedSplit',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(help_text='hash of everything the answer rests on', max_length=64)),
                        ('spec', models.JSONField(default=dict)),
                        ('answer', models.JSONField(default=dict, help_text='the split, or {message, params} of why there can be none')),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('experiment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='planned_splits', to='training.experiment')),
                        ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.job')),
                    ],
                    options={
                        'ordering': ['-created_at'],
                        'constraints': [models.UniqueConstraint(fields=('experiment', 'key'), name='planned_split_once_an_experiment')],
                    },
                ),
            ],
        ),
    ]

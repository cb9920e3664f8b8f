from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0003_join_kind'),
    ]

    operations = [
        migrations.AlterField(
            model_name='job',
            name='kind',
            field=models.CharField(choices=[('ingest', 'Read a file'), ('check', 'Check the data'), ('experiment', 'Run an experiment'), ('scoring', 'Score customers'), ('join', 'Join tables'), ('protect', 'Protect personal data')], max_length=20),
        ),
    ]

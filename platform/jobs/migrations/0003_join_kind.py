from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0002_pause'),
    ]

    operations = [
        migrations.AlterField(
            model_name='job',
            name='kind',
            field=models.CharField(choices=[('ingest', 'Read a file'), ('check', 'Check the data'), ('experiment', 'Run an experiment'), ('scoring', 'Score customers'), ('join', 'Join tables')], max_length=20),
        ),
    ]

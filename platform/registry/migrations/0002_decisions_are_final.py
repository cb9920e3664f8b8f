"""Once installed the triggers of decisions; now every migration ends by installing all of them anew."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]
    operations = []

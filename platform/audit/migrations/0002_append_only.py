"""Once installed the triggers of the audit log; now every migration ends by installing all of them anew."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = []

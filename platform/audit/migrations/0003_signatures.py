"""Signs what is on record, as it is: a break of before stays a break."""

from django.db import migrations, models

from audit.signing import sign


def sign_all(apps, schema_editor):
    entries = apps.get_model("audit", "AuditEntry").objects.using(schema_editor.connection.alias)
    for entry in entries.order_by("id").only("id", "hash").iterator(chunk_size=2000):
        entries.filter(pk=entry.pk).update(signature=sign(entry.hash))


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]
    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="signature",
            field=models.CharField(default="", help_text="of the hash, with the installation's key", max_length=64),
            preserve_default=False,
        ),
        migrations.RunPython(sign_all, migrations.RunPython.noop),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="may_unmask",
            field=models.BooleanField(default=False, help_text="may see personal data, for a reason on record"),
        ),
    ]

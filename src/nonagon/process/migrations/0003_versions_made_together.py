from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("process", "0002_request_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="documentversion",
            name="joint",
            field=models.CharField(blank=True, max_length=32),
        ),
    ]

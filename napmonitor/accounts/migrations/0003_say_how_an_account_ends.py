from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_invited_and_pseudonymised")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="is_active",
            field=models.BooleanField(
                default=True,
                help_text="Whether this account works. Buttons on its page end it and start it again.",
                verbose_name="active",
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="invited_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="invited on"
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="pseudonymised_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="made unrecognisable on"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("pseudonymised_at", None),
                    models.Q(("is_active", False), ("is_superuser", False)),
                    _connector="OR",
                ),
                name="user_unrecognisable_is_ended",
                violation_error_message="An account that was made unrecognisable stays ended.",
            ),
        ),
    ]

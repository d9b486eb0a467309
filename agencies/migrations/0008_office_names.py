"""What the instrument calls an office that has another name in the region."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agencies", "0007_words_of_the_desks")]

    operations = [
        migrations.AddField(
            model_name="region",
            name="office_names",
            field=models.JSONField(
                blank=True, default=dict, editable=False, verbose_name="nama dalam instrumen"
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('submissions', '0004_rows_of_answers'),
    ]

    operations = [
        migrations.AddField(
            model_name='submission',
            name='emptied_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='dikosongkan'),
        ),
    ]


import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('submissions', '0005_emptied'),
    ]

    operations = [
        migrations.AlterField(
            model_name='evidencelink',
            name='added_at',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='ditambahkan'),
        ),
        migrations.AlterField(
            model_name='responserow',
            name='added_at',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='ditambahkan'),
        ),
        migrations.AlterField(
            model_name='rowevidence',
            name='added_at',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='ditambahkan'),
        ),
    ]

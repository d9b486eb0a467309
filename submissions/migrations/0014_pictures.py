
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('submissions', '0013_evidence_described'),
    ]

    operations = [
        migrations.AddField(
            model_name='evidence',
            name='drawn_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='digambar'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='preview',
            field=models.FileField(blank=True, editable=False, max_length=200, upload_to='', verbose_name='pratinjau'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='thumb',
            field=models.FileField(blank=True, editable=False, max_length=200, upload_to='', verbose_name='gambar kecil'),
        ),
    ]

"""A pack becomes what a bundle is: files for a day, on the disk that web and worker share. Those
made so far go, with their files; whoever needs one makes it again.
"""

import contextlib
import uuid

import django.db.models.deletion
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import migrations, models


def remove_files(apps, schema_editor):
    for pack in apps.get_model("meetings", "Pack").objects.all():
        for name in filter(None, (pack.pdf, pack.xlsx, pack.pptx)):
            with contextlib.suppress(OSError):
                default_storage.delete(name)


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0006_pack_and_notes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(remove_files, migrations.RunPython.noop),
        migrations.DeleteModel("Pack"),
        migrations.CreateModel(
            name='Pack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('asked_at', models.DateTimeField(verbose_name='diminta')),
                ('attempt', models.PositiveIntegerField(default=0, verbose_name='percobaan')),
                ('beat_at', models.DateTimeField(blank=True, null=True, verbose_name='terakhir dikerjakan')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='selesai')),
                ('error', models.TextField(blank=True, verbose_name='sebab gagal')),
                ('expires_at', models.DateTimeField(db_index=True, verbose_name='disimpan sampai')),
                ('done', models.PositiveSmallIntegerField(default=0, verbose_name='berkas jadi')),
                ('is_final', models.BooleanField(default=False, verbose_name='dari rekaman')),
                ('figures_at', models.DateTimeField(blank=True, null=True, verbose_name='angka per')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='packs', to='meetings.meeting')),
            ],
            options={
                'verbose_name': 'berkas rakor',
                'verbose_name_plural': 'berkas rakor',
                'ordering': ['-asked_at', '-pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('finished_at__isnull', True)), fields=('meeting', 'by'), name='one_pack_at_a_time')],
            },
        ),
    ]

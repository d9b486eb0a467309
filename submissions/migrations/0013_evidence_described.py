
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agencies', '0002_people_and_history'),
        ('submissions', '0012_entry_ticks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='EvidenceChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verb', models.CharField(choices=[('describe', 'mengubah keterangan'), ('replace', 'mengunggah versi baru'), ('discard', 'menghapus dari pustaka')], max_length=16, verbose_name='kejadian')),
                ('on_behalf', models.BooleanField(default=False, verbose_name='mewakili')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='waktu')),
                ('data', models.JSONField(blank=True, default=dict, verbose_name='rincian')),
            ],
            options={
                'verbose_name': 'riwayat data dukung',
                'verbose_name_plural': 'riwayat data dukung',
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='evidence',
            name='document_date',
            field=models.DateField(blank=True, null=True, verbose_name='tanggal dokumen'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='document_number',
            field=models.CharField(blank=True, max_length=120, verbose_name='nomor dokumen'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='first',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='later', to='submissions.evidence'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='kind',
            field=models.CharField(blank=True, choices=[('peraturan', 'Peraturan'), ('sk', 'Surat keputusan (SK)'), ('surat', 'Surat atau edaran'), ('rencana', 'Rencana atau anggaran'), ('kerjasama', 'Kerja sama'), ('laporan', 'Laporan'), ('notulen', 'Notulen'), ('hadir', 'Daftar hadir'), ('foto', 'Foto kegiatan'), ('materi', 'Materi atau media KIE'), ('data', 'Data atau rekap'), ('piagam', 'Sertifikat atau piagam'), ('lain', 'Lainnya')], max_length=16, verbose_name='jenis dokumen'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='number',
            field=models.PositiveIntegerField(default=1, editable=False, verbose_name='versi berkas'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='signed',
            field=models.CharField(blank=True, choices=[('cap', 'Bertanda tangan dan berstempel'), ('ttd', 'Bertanda tangan, tanpa stempel'), ('belum', 'Belum ditandatangani')], max_length=8, verbose_name='pengesahan'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='valid_until',
            field=models.DateField(blank=True, null=True, verbose_name='berlaku sampai'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='version',
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name='versi keterangan'),
        ),
        migrations.AlterField(
            model_name='event',
            name='verb',
            field=models.CharField(choices=[('open_year', 'membuka tahun penilaian'), ('close_year', 'menutup tahun penilaian'), ('reopen_year', 'membuka kembali tahun penilaian'), ('answer', 'mengisi jawaban'), ('attach', 'melampirkan data dukung'), ('detach', 'melepas data dukung'), ('replace', 'mengganti data dukung dengan versi baru'), ('tick', 'memilih baris daftar induk'), ('start', 'mulai mengisi'), ('submit', 'mengajukan'), ('withdraw', 'menarik kembali'), ('review', 'memeriksa jawaban'), ('return', 'mengembalikan'), ('accept', 'menerima'), ('reopen', 'membuka kembali'), ('extend', 'mengubah tenggat'), ('assign', 'mengubah pengampuan'), ('export', 'mengekspor'), ('effort', 'menilai upaya'), ('scenario', 'menyimpan skenario'), ('release', 'menerbitkan angka untuk umum'), ('unrelease', 'menutup angka untuk umum'), ('stage', 'menyimpan hasil tahap'), ('enter', 'menandai sudah dientri')], max_length=16, verbose_name='kejadian'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.UniqueConstraint(fields=('first', 'number'), name='one_evidence_a_version'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('first__isnull', True), ('number', 1)), models.Q(('first__isnull', False), ('number__gt', 1)), _connector='OR'), name='later_versions_name_the_first'),
        ),
        migrations.AddField(
            model_name='evidencechange',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='evidencechange',
            name='evidence',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='changes', to='submissions.evidence'),
        ),
    ]

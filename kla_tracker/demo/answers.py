"""Invented but plausible: an office's value, the words beside it, the names of its files."""

from __future__ import annotations

import re
from random import Random
from typing import Any

from indicators.models import Question
from indicators.scoring import Mode, share_of

AREAS = {"kecamatan": 3, "kelurahan": 15}
TOPIC = re.compile(
    r"^(Kebijakan daerah selain Perda KLA tentang|Anggaran APBD/lainnya untuk|Persentase|Jumlah|"
    r"Cakupan|Upaya|Inovasi|Kemitraan)\s+",
)

NOTES: dict[str, tuple[str, ...]] = {
    "regulasi": (
        "Ditetapkan tahun {before} dan masih berlaku; salinan ada pada Bagian Hukum.",
        "Rancangan sudah diharmonisasi, penetapan menunggu nomor.",
        "Diatur bersama urusan lain dalam satu peraturan, lihat pasal tentang anak.",
    ),
    "program-anggaran": (
        "Pagu tercantum dalam DPA {data_year}, subkegiatan pembinaan dan fasilitasi.",
        "Pagu naik karena tambahan kegiatan pada perubahan APBD {data_year}.",
        "Pagu sama dengan tahun lalu; realisasi triwulan IV menunggu rekonsiliasi.",
    ),
    "trend": (
        "Angka dari laporan tahunan {before} dan {data_year}.",
        "Sumber: data konsolidasi bersih semester II {data_year}.",
        "Angka {before} dikoreksi setelah pemutakhiran data.",
    ),
    "threshold": (
        "Dihitung dari rekap bulan Desember {data_year}.",
        "Penyebut memakai data sasaran {data_year} yang ditetapkan.",
        "Dua unit belum melapor sampai batas waktu, jadi belum dihitung.",
    ),
    "area": (
        "Sudah berjalan sejak {before}; SK dan foto kegiatan dilampirkan.",
        "Kegiatan dilaksanakan bersama PKK dan kader di wilayah.",
        "Baru terbentuk tahun {data_year}, kegiatan dua kali setahun.",
        "Belum ada SK, kegiatan menumpang pada posyandu.",
    ),
    "other": (
        "Dilaksanakan rutin sepanjang {data_year}; laporan dilampirkan.",
        "Sudah ada SOP dan petugas, jangkauan belum ke semua wilayah.",
        "Berjalan di sebagian besar unit; sisanya dijadwalkan tahun ini.",
        "Kegiatan bersama perangkat daerah lain dan mitra; daftar hadir dilampirkan.",
        "Data per triwulan tersedia, rekap akhir tahun menyusul.",
    ),
}
SUPPORT = (
    "Kami melampirkan laporan kegiatan {data_year} untuk dipakai penanggung jawab.",
    "Data kami: kegiatan dilaksanakan empat kali pada {data_year}, rincian pada lampiran.",
    "Peran kami sebagai narasumber dan penyedia data; tidak ada anggaran khusus.",
    "Sudah kami cocokkan dengan data penanggung jawab, tidak ada perbedaan.",
)
RETURNS = (
    "Foto tidak menunjukkan tanggal dan tempat. Lampirkan foto dengan keterangan kegiatan.",
    "Dokumen yang dilampirkan untuk tahun {before}; yang diminta tahun data {data_year}.",
    "Pembilang dan penyebut berbeda dengan tabel data resmi. Samakan atau jelaskan selisihnya.",
    "SK belum ditandatangani pejabat yang berwenang. Unggah versi bertanda tangan.",
    "Matriks baru berisi judul. Lengkapi baris kegiatan beserta sasarannya.",
    "Daftar hadir tidak terbaca. Mohon dipindai ulang.",
)
EMPTY_RETURN = "Belum ada jawaban dan belum ada data dukung. Mohon dilengkapi, lalu ajukan kembali."
LOWERED = (
    "Bukti mendukung sebagian dari yang diklaim; diterima satu tingkat di bawahnya.",
    "Dua unit belum mempunyai bukti, jadi belum dapat dihitung penuh.",
    "Kegiatan ada, tetapi laporan hanya mencakup satu semester.",
)
REASONS = (
    "Dokumen asli sudah diperlihatkan saat verifikasi lapangan; salinan menyusul dari kantor.",
    "DPA sudah diperiksa bersama Bappelitbangda; salinan bertanda tangan menyusul.",
)
UNFINISHED = "Tenggat sudah dekat; sisanya menunggu data dari bidang dan akan disusulkan."


def value_for(question: Question, rng: Random, quality: float) -> dict[str, Any]:
    """What an office answers; `quality` from 0 to 1 says how well it stands."""
    scale = question.rubric.scale
    if scale.mode is Mode.AREA_SHARE:
        good = rng.random() < quality
        return {"yes": good is scale.higher_is_better}
    if scale.mode is Mode.TREND:
        return {"values": _trend(question, rng, quality)}
    if scale.mode is Mode.THRESHOLD:
        return _threshold(rng, quality, higher=scale.higher_is_better)
    count = len(scale.levels)
    if rng.random() < quality:
        return {"level": 0 if question.max_points < 5 or rng.random() < quality else 1}
    return {"level": min(1 + int(rng.random() * rng.random() * count), count - 1)}


def _trend(question: Question, rng: Random, quality: float) -> list[str]:
    better = question.rubric.higher_is_better
    before: float
    step: float
    if "Jumlah" in question.text:
        before = rng.randint(6, 30) if not better else rng.randint(900, 4200)
        step = max(1.0, before // 12)
        digits = 0
    else:
        before, step, digits = rng.randint(740, 955) / 10, rng.randint(4, 38) / 10, 1
    luck = rng.random()
    change = step if luck < quality else 0 if luck < (1 + quality) / 2 else -step
    now = before + (change if better else -change)
    return [f"{each:.{digits}f}".removesuffix(".0") for each in (before, now)]


def _threshold(rng: Random, quality: float, *, higher: bool) -> dict[str, Any]:
    whole = rng.choice((15, 36, 48, 127, 312, 540, 2150, 8640))
    if higher:
        percent = min(99.4, 46 + 48 * quality + rng.random() * 14 - 7)
    else:
        percent = 2 + (1 - quality) * 24 * rng.random()
    return {"numerator": str(round(whole * percent / 100)), "denominator": str(whole)}


def note_for(question: Question, rng: Random, data_year: int, *, support: bool = False) -> str:
    """A sentence beside the answer, or none; a support always says something."""
    if not support and rng.random() < 0.35:
        return ""
    pool: tuple[str, ...]
    if support:
        pool = SUPPORT
    elif question.is_area:
        pool = NOTES["area"]
    else:
        register = question.register.code if question.register else ""
        pool = NOTES.get(register) or NOTES.get(question.rubric.mode) or NOTES["other"]
    return fill(rng.choice(pool), data_year)


def fill(sentence: str, data_year: int) -> str:
    """The years of a sentence."""
    return sentence.format(data_year=data_year, before=data_year - 1)


def zero_level(question: Question) -> int:
    """The option that earns nothing."""
    scale = question.rubric.scale
    return next(i for i in range(len(scale.options())) if not share_of(scale, i))


def lower_level(question: Question, level: int) -> int:
    """The next option that earns less, or the same one at the bottom."""
    scale = question.rubric.scale
    here = share_of(scale, level) or 0
    less = [(share_of(scale, i) or 0, i) for i in range(len(scale.options()))]
    below = [(share, i) for share, i in less if share < here]
    return max(below)[1] if below else level


def topic(question: Question) -> str:
    """The subject of a question in a few words, for a file's name."""
    words = re.sub(r"[^\w\s-]", " ", TOPIC.sub("", question.text)).split()
    short = ""
    for word in words:
        if len(short) + len(word) > 44:
            break
        short = f"{short} {word}".strip()
    return short


def file_name(question: Question, agency: str, rng: Random, data_year: int) -> str:
    """What an office calls the file that it gives: after what the question asks for."""
    wanted = [str(each) for each in question.expected_evidence] or ["Dokumen pendukung"]
    if "foto" in question.evidence_kinds and rng.random() < 0.5:
        return f"Foto {topic(question)} {agency}.{rng.choice(('jpg', 'jpg', 'png'))}"
    asked = rng.choice(wanted)
    if "Perda" in asked or "regulasi" in asked:
        number, year = rng.randint(3, 88), data_year - rng.randint(0, 5)
        return f"Perwal {number} Tahun {year} {topic(question)}.pdf"
    if "DPA" in asked:
        return f"DPA {data_year} {agency}.pdf"
    if asked.startswith(("Matriks", "Tabel")):
        if question.is_area:
            return f"Rekap Indikator {question.indicator.code} {agency} {data_year}.xlsx"
        return f"{asked.split()[0]} {question.code} {topic(question)}.xlsx"
    if asked.startswith("Foto"):
        return f"Foto {topic(question)} {agency}.jpg"
    kind = re.split(r"[/ ]", asked)[0]
    return f"{kind} {topic(question)} {agency}.pdf"

"""Verbs of what is supposed: they change no answer, no verdict and no figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction

from agencies.models import User
from submissions.actions.record import RefusedError, record, require
from submissions.models import Assessment, Effort, Scenario, Verb
from submissions.models.planning import EFFORTS, USUAL

SCENARIOS = 30


@transaction.atomic
def set_efforts(
    assessment: Assessment,
    *,
    wanted: Mapping[int, int],
    shown: Mapping[int, int],
    by: User,
    now: datetime,
) -> int:
    """Make the efforts of some questions (by primary key) the wanted ones; says how many changed.

    `shown` is what stood on the page: where somebody else judged meanwhile, nothing at all is
    stored, and the sentence says which.
    """
    require(by, "submissions.set_effort", assessment)
    if set(wanted.values()) - set(EFFORTS):
        raise RefusedError(f"Upaya adalah angka 1 sampai {max(EFFORTS)}.")
    # The year's own row makes two people who judge at once wait for each other, on both databases.
    Assessment.objects.filter(pk=assessment.pk).update(year=assessment.year)
    stored = {each.question_id: each for each in assessment.efforts.select_related("question")}
    changed: dict[str, list[int]] = {}
    ours = {pk: level for pk, level in wanted.items() if level != shown.get(pk, USUAL)}
    stale = [
        f"{each.question.code} (kini {each.level})"
        for pk, each in stored.items()
        if pk in ours and each.level not in {shown.get(pk, USUAL), ours[pk]}
    ]
    if stale:
        raise RefusedError(
            f"Sudah dinilai orang lain sejak halaman ini dibuka: {', '.join(stale)}. "
            "Muat ulang halaman, lalu nilai lagi."
        )
    codes = dict(assessment.instrument.questions.filter(pk__in=ours).values_list("pk", "code"))
    for pk, level in ours.items():
        before = stored[pk].level if pk in stored else USUAL
        if pk in codes and before != level:
            Effort.objects.update_or_create(
                assessment=assessment,
                question_id=pk,
                defaults={"level": level, "changed_at": now, "changed_by": by},
            )
            changed[codes[pk]] = [before, level]
    if changed:
        record(Verb.EFFORT, by=by, at=now, assessment=assessment, efforts=changed)
    return len(changed)


@transaction.atomic
def save_scenario(
    assessment: Assessment,
    *,
    name: str,
    basis: str,
    picks: Sequence[str],
    dates: Mapping[str, date],
    by: User,
    now: datetime,
) -> Scenario:
    """Keep what was supposed under a name of its own."""
    require(by, "submissions.save_scenario", assessment)
    name = " ".join(name.split())
    if not name:
        raise RefusedError("Beri nama skenario ini, misalnya «Utama lewat Dinas Kesehatan».")
    if len(name) > 80:
        raise RefusedError("Nama skenario paling panjang 80 huruf.")
    if not picks:
        raise RefusedError("Belum ada pertanyaan yang dicentang, jadi belum ada yang disimpan.")
    if assessment.scenarios.count() >= SCENARIOS:
        raise RefusedError(f"Sudah ada {SCENARIOS} skenario. Hapus dahulu yang tidak dipakai.")
    try:
        with transaction.atomic():
            made = Scenario.objects.create(
                assessment=assessment,
                name=name,
                basis=basis,
                picks=list(picks),
                dates={code: day.isoformat() for code, day in dates.items()},
                created_at=now,
                created_by=by,
            )
    except IntegrityError:
        raise RefusedError(f"Nama «{name}» sudah dipakai skenario lain tahun ini.") from None
    record(Verb.SCENARIO, by=by, at=now, assessment=assessment, name=name, questions=len(picks))
    return made


@transaction.atomic
def drop_scenario(scenario: Scenario, *, by: User, now: datetime) -> None:
    """Take a scenario away; what it supposed stays in the history. Twice is once."""
    require(by, "submissions.save_scenario", scenario.assessment)
    gone, _ = Scenario.objects.filter(pk=scenario.pk).delete()
    if gone:
        record(
            Verb.SCENARIO, by=by, at=now, assessment=scenario.assessment,
            name=scenario.name, dropped=True, basis=scenario.basis, picks=scenario.picks,
        )  # fmt: skip

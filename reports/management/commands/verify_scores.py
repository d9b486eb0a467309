"""Proof that the stored shares are what scoring makes of the answers."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from indicators.scoring import level_of, share_of
from reports.plan import PlanQuestion, plan_of
from submissions.models import Assessment, Response
from submissions.workflow import Verdict


class Command(BaseCommand):
    help = "Recomputes every answer's shares and compares; exit 1 with each difference on stderr."

    def handle(self, **options: Any) -> None:
        checked = wrong = 0
        for assessment in Assessment.objects.select_related("region", "instrument").order_by("pk"):
            questions = plan_of(assessment.instrument).questions
            for response in (
                Response.objects.filter(assessment=assessment)
                .select_related("submission__agency", "last_review")
                .order_by("pk")
                .iterator(2000)
            ):
                checked += 1
                for sentence in differences(response, questions[response.question_id]):
                    wrong += 1
                    where = f"{assessment}, {questions[response.question_id].code}"
                    self.stderr.write(f"{where}, {response.agency}: {sentence}")
        if wrong:
            raise CommandError(f"{wrong} selisih pada {checked} jawaban.")
        self.stdout.write(f"{checked} jawaban diperiksa, tidak ada selisih.")


def differences(response: Response, question: PlanQuestion) -> Iterator[str]:
    """What is stored and should be otherwise."""
    scale = question.scale
    level = level_of(scale, response.value)
    share = share_of(scale, level)
    if response.claim_level != level:
        yield f"tingkat diklaim {response.claim_level}, seharusnya {level}"
    if response.claim_share != share:
        yield f"bagian diklaim {response.claim_share}, seharusnya {share}"
    if response.verdict != Verdict.ACCEPTED:
        if response.verified_share is not None:
            yield f"bagian terbukti {response.verified_share} tanpa hasil diterima"
        return
    if response.verified_level is not None and response.verified_level >= len(scale.options()):
        yield f"tingkat terbukti {response.verified_level} tidak ada pada rubrik"
        return
    proven = share_of(scale, response.verified_level)
    if response.verified_share != proven:
        yield f"bagian terbukti {response.verified_share}, seharusnya {proven}"
    review = response.last_review
    if review is None or review.share != response.verified_share:
        given = "tidak ada" if review is None else review.share
        yield f"bagian terbukti {response.verified_share}, tetapi hasil verifikasi {given}"

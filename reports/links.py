"""The way to the rows behind a figure, in the same year and region."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from agencies.models import User
from submissions.models import Assessment


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of one year. Someone without a region (an administrator) carries it along."""

    year: int
    region: str = ""

    @classmethod
    def of(cls, assessment: Assessment, user: User) -> Links:
        return cls(assessment.year, "" if user.region_id else assessment.region.code)

    def to(self, name: str, *parts: str, **query: str) -> str:
        """The address of a page of this year; empty words are left out of the question."""
        return self.ask(reverse(name, args=[self.year, *parts]), **query)

    def ask(self, path: str, **query: str) -> str:
        """A path with a question behind it, and the region where it must be said."""
        said = {key: value for key, value in query.items() if value}
        if self.region:
            said["wilayah"] = self.region
        return f"{path}?{urlencode(said)}" if said else path

    def questions(self, **query: str) -> str:
        return self.to("question_list", **query)

    @property
    def dashboard(self) -> str:
        return self.to("dashboard")

    @property
    def matrix(self) -> str:
        return self.to("matrix")

    @property
    def figures(self) -> str:
        return self.to("figures")

    @property
    def years(self) -> str:
        return self.to("years")

    @property
    def simulation(self) -> str:
        return self.to("simulation")

    @property
    def stages(self) -> str:
        return self.to("stages")

    @property
    def entry(self) -> str:
        return self.to("entry")

    @property
    def stage_import(self) -> str:
        return self.to("stage_import")

    @property
    def programmes(self) -> str:
        return self.to("programmes")

    @property
    def exports(self) -> str:
        return self.ask(reverse("exports"))

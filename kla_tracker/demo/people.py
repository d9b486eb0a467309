"""Regions and accounts of the example. Nobody here is a real person; names are those of posts."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password

from agencies.actions import load_region
from agencies.models import Region, User
from agencies.roles import Role
from kla_tracker.demo import partners

PASSWORD = "kla-demo-2024"  # noqa: S105  # of the example only, shown to everyone
CITY = settings.BASE_DIR / "agencies" / "regions" / "kota-cimahi.json"
CONTACT = "Sekretariat Gugus Tugas KLA (DP3AP2KB), nomor kantor diisi oleh kantor"


def city_data() -> dict[str, Any]:
    """Kota Cimahi as its file tells it, with partners that are invented."""
    data: dict[str, Any] = json.loads(CITY.read_text("utf-8"))
    data["region"]["contact"] = CONTACT
    data["agencies"] += [{"name": name, "kind": kind.value} for name, kind in partners.INVENTED]
    return data


def further_data(number: int) -> dict[str, Any]:
    """An invented city of the same shape, for measurements: no awards, a code of its own."""
    data = deepcopy(city_data())
    code = f"99.{number:02d}"
    data["region"] |= {"code": code, "name": f"Kota Contoh {number:02d}", "province": "Contoh"}
    data["award_history"] = []
    return data


def make_region(data: dict[str, Any]) -> Region:
    """The region with its agencies and awards."""
    return load_region(data, by=None)


def make_accounts(region: Region, *, prefix: str = "") -> dict[int, User]:
    """One operator for each agency, named after its code, a verifikator and pimpinan; also admin
    with the first region.

    Returns the operators by agency; the verifikator stands under 0. One hash serves them all.
    """
    password = make_password(PASSWORD)

    def account(username: str, name: str, role: Role, **changes: Any) -> User:
        name_of_account = f"{prefix}{username}"
        return User(
            username=name_of_account,
            email=f"{name_of_account}@contoh.example",
            name=name,
            role=role.value,
            password=password,
            **({"region": region} | changes),
        )

    agencies = list(region.agencies.order_by("code"))
    operators = [
        account(agency.code, f"Operator {agency.name}", Role.OPERATOR, agency=agency)
        for agency in agencies
    ]
    secretariat = next(agency for agency in agencies if agency.is_secretariat)
    others = [
        account("verifikator", "Verifikator DP3AP2KB", Role.VERIFIKATOR, agency=secretariat),
        account("pimpinan", "Pimpinan Gugus Tugas", Role.PIMPINAN),
    ]
    if not prefix:
        others.append(account("admin", "Administrator Aplikasi", Role.ADMINISTRATOR, region=None))
    stored = User.objects.bulk_create([*operators, *others])
    by_agency = {user.agency_id: user for user in stored if user.role == Role.OPERATOR.value}
    found = {pk: user for pk, user in by_agency.items() if pk is not None}
    return found | {0: next(user for user in stored if user.role == Role.VERIFIKATOR.value)}

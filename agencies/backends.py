"""`user.has_perm()` answered from the table of roles, without a query. In a module of its own:
importing Django's
backends reads the user model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend

from agencies.models import Agency, Region, User
from agencies.roles import FOR_ITS_KELURAHAN, GRANTS, OWN_AGENCY_ONLY, Role

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Model


class RoleBackend(ModelBackend):
    """Rights of a user = the grants of the role; on an object, only inside the own agency or
    region.
    """

    def get_user(self, user_id: int) -> User | None:
        """The user of a session with office and region: every page names them, in one query."""
        try:  # `get` asks for no order, which takes longer to write down than the rest
            user = User.objects.select_related("agency", "region").get(pk=user_id)
        except User.DoesNotExist:
            return None
        if user.agency and user.region and user.agency.region_id == user.region.pk:
            user.agency.region = user.region
        return user if self.user_can_authenticate(user) else None

    def get_all_permissions(
        self, user_obj: AbstractBaseUser | AnonymousUser, obj: Model | None = None
    ) -> set[str]:
        """The permissions that a user holds, on an object if one is given. No query: `obj` must
        carry its agency.

        An object is a Region, an Agency, or has `agency` (submission, response) or `region`
        (assessment).
        """
        if not isinstance(user_obj, User) or not user_obj.is_active:
            return set()
        held = set(GRANTS[Role(user_obj.role)])
        if obj is None or reaches(user_obj, obj):
            return held
        return held & FOR_ITS_KELURAHAN if stands_above(user_obj, obj) else set()


def reaches(user: User, obj: Any) -> bool:
    """Whether an object lies where the user's role reaches: the own agency, the own region, or
    everywhere.
    """
    agency = obj if isinstance(obj, Agency) else getattr(obj, "agency", None)
    if user.role in OWN_AGENCY_ONLY:
        return agency is not None and agency.pk == user.agency_id
    if user.region_id is None:
        return True
    region_id: int | None
    if isinstance(obj, Region):
        region_id = obj.pk
    else:
        region_id = agency.region_id if agency is not None else getattr(obj, "region_id", None)
    return region_id is not None and region_id == user.region_id


def stands_above(user: User, obj: Any) -> bool:
    """Whether an operator of a kecamatan may act for the kelurahan whose work this is.

    Only with what says itself `parent_may_answer`: the answers of areas and their submissions.
    """
    return (
        user.role in OWN_AGENCY_ONLY
        and user.agency is not None
        and getattr(obj, "parent_may_answer", False)
        and user.agency.answers_for(obj.agency)
    )

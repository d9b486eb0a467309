"""Promises of the whole: what no single room can hold."""

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.management import _get_all_permissions
from django.core.management import call_command, get_commands
from django.urls import URLPattern, URLResolver, get_resolver

from agencies.roles import GRANTS, Role

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["kla_tracker", "meetings", "reports", "submissions", "agencies", "indicators"]
SOURCES = sorted(
    file for room in ROOMS for file in (ROOT / room).rglob("*.py") if "migrations" not in file.parts
)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def found(pattern: str, files: list[Path]) -> list[tuple[str, str]]:
    """Where a pattern stands, as (file, line), outside comments of templates."""
    wanted = re.compile(pattern)
    return [
        (name(file), line.strip())
        for file in files
        for line in re.sub(
            r"{% comment %}.*?{% endcomment %}", "", file.read_text(), flags=re.DOTALL
        ).splitlines()
        if wanted.search(line)
    ]


@pytest.mark.django_db
def test_no_migration_is_missing():
    said = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=said)
    assert said.getvalue().strip() in {"No changes detected", "Tidak ada perubahan terdeteksi"}


# --- Who may come in ----------------------------------------------------------------------------
PUBLIC = {
    "favicon",
    "healthz",
    "readyz",
    "metrics",
    "masuk",
    "account_login",  # the same page, as django-allauth calls it
    "mfa_authenticate",  # only behind the right password
    "openid_connect_login",
    "openid_connect_callback",
    "socialaccount_login_cancelled",
    "password_reset",
    "public",  # 404 unless the city released the year
    "public_csv",
    "public_json",
    "password_reset_confirm",
    "invitation",
    "admin:login",  # leads to /masuk/
}


def routes(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from routes(each, f"{each.app_name}:" if each.app_name else space)
        else:
            yield f"{space}{each.name}", each


def test_only_these_pages_are_open_to_everyone():
    is_open = {
        name
        for name, route in routes(get_resolver())
        if not getattr(route.callback, "login_required", True)
    }
    assert is_open == PUBLIC


LOGGER = re.compile(r'getLogger\((?:"([\w.]+)"|__name__)\)')


def test_every_logger_of_ours_stands_in_the_guide():
    """And none is given a place of its own by its code: where lines go, the settings say."""
    named = {
        each or ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for file in SOURCES
        for each in LOGGER.findall(file.read_text())
    }
    assert named == {"kla_tracker.requests", "kla_tracker.doors", "agencies.http"}
    guide = (ROOT / "docs" / "operate.md").read_text()
    assert [
        each for each in named | {"django.request", "django_tasks"} if f"`{each}`" not in guide
    ] == []
    assert found(r"logging\.(File|Socket|SysLog|HTTP)\w*Handler|addHandler\(", SOURCES) == []


def test_no_view_is_excused_from_the_token_against_forged_requests():
    excused = [
        name
        for name, route in routes(get_resolver())
        if getattr(route.callback, "csrf_exempt", False)
    ]
    assert (excused, found("csrf_exempt", SOURCES)) == ([], [])


# --- Who may do what ----------------------------------------------------------------------------
PERMISSION = re.compile(
    r"\"((?:indicators|agencies|submissions|reports|meetings)\.[a-z]+_[a-z_]+)\""
)
GRANTED = frozenset().union(*GRANTS.values())
# Asked for by the admin's own machinery, from the names of the models.
BY_THE_ADMIN = {
    "agencies.change_user",
    "indicators.change_instrument",
    "submissions.view_submission",
}
A_LOGGER = {"agencies.sign_in"}


def asked() -> set[str]:
    return {
        word
        for file in SOURCES
        if file.name != "roles.py"
        for word in PERMISSION.findall(file.read_text())
    }


def test_every_right_that_is_asked_for_is_held_by_some_role():
    assert asked() - GRANTED - A_LOGGER == set()


def test_every_right_that_is_granted_is_asked_for_somewhere():
    assert GRANTED - asked() - BY_THE_ADMIN == set()


def test_every_right_on_a_model_exists_in_the_admin_s_eyes():
    """Whoever grants `view_agancy` has misspelt it: such names are those of the models."""
    usual = {
        right
        for right in GRANTED
        if right.split(".")[1].split("_")[0] in {"add", "change", "view", "delete"}
    }
    real = {
        f"{model._meta.app_label}.{codename}"
        for model in apps.get_models()
        for codename, _ in _get_all_permissions(model._meta)
    }
    assert usual - real == {"reports.view_assessment"}  # a room without models


def test_every_role_holds_something():
    assert set(GRANTS) == set(Role)
    assert all(GRANTS.values())


# --- What stands in a page ----------------------------------------------------------------------
def test_nothing_is_declared_safe_by_hand():
    assert (
        found(r"mark_safe|SafeString\(|\|\s*safe\b|safeseq|autoescape", SOURCES + TEMPLATES) == []
    )


def test_no_page_carries_a_script_a_style_or_a_handler_of_its_own():
    own = (
        r"<script(?![^>]*\bsrc=)|<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|\bhx-on"
        r"|https?://(?!www\.w3\.org)[^\s\"']+\.(?:js|css|woff2?)"
    )
    assert found(own, TEMPLATES) == []


def test_every_template_says_what_it_is_given():
    silent = [
        name(file)
        for file in TEMPLATES
        if "{% comment %}" not in file.read_text() and "{# " not in file.read_text()
    ]
    assert silent == []


# --- What the documents say ---------------------------------------------------------------------
def variables() -> set[str]:
    """What is read from the environment, in the settings and by the application server."""
    read = r"env\.(?:text|flag|number|words|choices?|url|hosts|folder|mail)\(\s*\"([A-Z0-9_]+)\""
    files = [ROOT / "kla_tracker" / "settings.py", ROOT / "gunicorn.conf.py"]
    return {word for file in files for word in re.findall(read, file.read_text())}


def test_every_variable_stands_in_the_table_of_the_guide_and_nothing_else_does():
    table = re.findall(
        r"^\| `([A-Z0-9_]+)` \|", (ROOT / "docs/operate.md").read_text(), re.MULTILINE
    )
    assert len(variables()) > 20
    assert sorted(table) == sorted(variables())


def test_the_environment_is_read_in_one_place():
    asking = {file for file, _ in found(r"os\.environ|getenv", SOURCES)}
    assert asking - {"kla_tracker/environment.py", "kla_tracker/wsgi.py"} == set()


def test_every_command_in_the_documents_exists():
    named = {
        word for file in DOCUMENTS for word in re.findall(r"manage\.py ([a-z_]+)", file.read_text())
    }
    assert named - set(get_commands()) == set()


def test_every_make_target_in_the_documents_exists():
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        word
        for file in DOCUMENTS
        for word in re.findall(r"(?:`|^)make ([a-z]+)", file.read_text(), re.MULTILINE)
    }
    assert named - targets == set()


def test_every_file_that_the_documents_name_exists():
    named = {
        (name(file), word)
        for file in DOCUMENTS
        for word in re.findall(
            r"`((?:docs|deploy|tests|templates|static|kla_tracker|indicators|agencies|submissions"
            r"|reports|meetings)/[\w./-]+\.\w+)`",
            file.read_text(),
        )
    }
    assert sorted(each for each in named if not (ROOT / each[1]).exists()) == []

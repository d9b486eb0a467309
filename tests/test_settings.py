"""A mistake in the settings stops the start with a sentence; several, with one each."""

import gc
import json
import logging
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from kla_tracker import environment, watching
from kla_tracker.environment import SettingsError

ROOT = Path(__file__).resolve().parent.parent
TABLE = re.findall(r"^\| `([A-Z_0-9]+)` \|", (ROOT / "docs/operate.md").read_text(), re.MULTILINE)
HTTPS = {
    "SITE_URL": "https://kla.example.go.id",
    "ALLOWED_HOSTS": "kla.example.go.id",
    "TRUSTED_PROXIES": "1",
}


@pytest.fixture
def start(monkeypatch, tmp_path):
    """Read the settings as a start would, with nothing in the environment but what is given."""
    for name in TABLE:
        monkeypatch.delenv(name, raising=False)

    def with_(variables, file="kla_tracker/settings.py"):
        for name, value in {"VAR_DIR": str(tmp_path / "var"), **variables}.items():
            monkeypatch.setenv(name, value)
        environment._mistakes.clear()
        return runpy.run_path(str(ROOT / file))

    return with_


NUMBERS = [
    "TRUSTED_PROXIES", "PORT", "EMAIL_PORT", "EVIDENCE_MAX_MB", "EVIDENCE_MAX_FILES",
    "EVIDENCE_QUOTA_MB", "RETENTION_EVIDENCE_YEARS", "RETENTION_UNUSED_YEARS",
    "RETENTION_ACCOUNT_DAYS", "RETENTION_SIGN_IN_DAYS", "UPLOADS_PER_MINUTE", "UPLOAD_KEEP_HOURS",
    "UPLOAD_QUOTA_MB", "BUNDLE_SPARE_MB", "ERROR_MAILS_PER_HOUR", "ACCESS_LOG_DAYS",
    "SEARCHES_PER_MINUTE",
]  # fmt: skip
FLAGS = ["DEBUG", "EXAMPLE_ACCOUNTS", "EVIDENCE_PICTURES", "EMAIL_USE_TLS"]
FOLDERS = [
    "MEDIA_ROOT",
    "STATIC_ROOT",
    "HISTORY_ANCHORS",
    "UPLOAD_ROOT",
    "BUNDLE_ROOT",
    "DESTROYED_LIST",
]
MISTAKES = [
    *[({name: word}, f"{name} must be a whole number") for name in NUMBERS for word in ("x", "-1")],
    *[({name: "0"}, f"{name} must be at least 1") for name in NUMBERS
      if name not in {"TRUSTED_PROXIES", "BUNDLE_SPARE_MB", "ACCESS_LOG_DAYS"}],
    ({"CLAMD_ADDRESS": "clamd"}, "CLAMD_ADDRESS must be the path of a socket"),
    *[({name: "mungkin"}, f"{name} must be yes or no") for name in FLAGS],
    *[({name: __file__ + "/di-dalam"}, f"{name} must lie in a folder") for name in FOLDERS],
    ({"VAR_DIR": __file__ + "/di-dalam"}, "VAR_DIR must lie in a folder"),
    ({"PORT": "70000"}, "PORT must be at most 65535"),
    ({"SITE_URL": "kla.example.go.id"}, "SITE_URL must be an address like https://"),
    ({"SITE_URL": "ftp://kla.example.go.id"}, "SITE_URL must be an address like https://"),
    ({"SITE_URL": "https://kla.example.go.id/?a=1"}, "SITE_URL must be an address like https://"),
    ({"SITE_URL": "https://kla.example.go.id:port"}, "SITE_URL must be an address like https://"),
    ({"SITE_URL": "http://kla.example.go.id"}, "SITE_URL names a host that ALLOWED_HOSTS does not"),
    ({"ALLOWED_HOSTS": "https://kla.example.go.id/"}, "ALLOWED_HOSTS must hold names of hosts"),
    (HTTPS | {"TRUSTED_PROXIES": "0"}, "SITE_URL is https but TRUSTED_PROXIES is 0"),
    (HTTPS | {"SSL_REDIRECT": "kadang"}, "SSL_REDIRECT must be yes or no"),
    (HTTPS | {"HSTS_SECONDS": "setahun"}, "HSTS_SECONDS must be a whole number"),
    ({"DEBUG": "yes", "ALLOWED_HOSTS": "kla.example.go.id"}, "DEBUG shows the inside"),
    ({"DATABASE_URL": "mysql://u:rahasia@h/n"}, "DATABASE_URL must look like postgres://"),
    ({"DATABASE_URL": "postgres://u:rahasia@h:x/n"}, "DATABASE_URL must look like postgres://"),
    ({"DATABASE_URL": "postgres://u:rahasia@h"}, "DATABASE_URL must look like postgres://"),
    ({"S3_ENDPOINT": "https://s3.example.go.id"}, "S3_ENDPOINT is set without S3_BUCKET"),
    ({"S3_REGION": "id"}, "S3_REGION is set without S3_BUCKET"),
    ({"S3_ACCESS_KEY": "a"}, "S3_ACCESS_KEY is set without S3_SECRET_KEY"),
    ({"S3_SECRET_KEY": "rahasia"}, "S3_SECRET_KEY is set without S3_ACCESS_KEY"),
    ({"S3_BUCKET": "b", "S3_ENDPOINT": "s3.local"}, "S3_ENDPOINT must be an address"),
    ({"EMAIL_FROM": "KLA Tracker"}, "EMAIL_FROM must be a mail address"),
    ({"EMAIL_HOST_USER": "kla"}, "EMAIL_HOST_USER is set without EMAIL_HOST."),
    ({"EMAIL_HOST_PASSWORD": "rahasia"}, "EMAIL_HOST_PASSWORD is set without EMAIL_HOST_USER"),
    ({"ERROR_MAIL_TO": "bukan"}, "ERROR_MAIL_TO must be a mail address"),
    ({"ERROR_MAIL_TO": "a@b.id"}, "ERROR_MAIL_TO is set without EMAIL_HOST"),
    ({"BACKUP_RECIPIENT": "rahasia"}, "BACKUP_RECIPIENT must be a public key of age"),
    ({"LOG_LEVEL": "cerewet"}, "LOG_LEVEL must be one of CRITICAL, DEBUG"),
    ({"LOG_FORMAT": "xml"}, "LOG_FORMAT must be one of json, line"),
    ({"METRICS_TOKEN": "rahasia"}, "METRICS_TOKEN must have at least 16 characters"),
    ({"SECOND_FACTOR_FOR": "admin"}, "SECOND_FACTOR_FOR must name some of administrator"),
    ({"OIDC_ISSUER": "sso"}, "OIDC_ISSUER must be an address"),
    ({"OIDC_ISSUER": "https://sso.go.id"}, "OIDC_ISSUER is set without OIDC_CLIENT_ID"),
    ({"OIDC_CLIENT_ID": "kla"}, "OIDC_CLIENT_ID is set without OIDC_ISSUER"),
    ({"OIDC_CLIENT_SECRET": "rahasia"}, "OIDC_CLIENT_SECRET is set without OIDC_ISSUER"),
    ({"OIDC_MATCH": "nama"}, "OIDC_MATCH must be one of email"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("variables", "sentence"), MISTAKES, ids=[f"{each[0]}"[:60] for each in MISTAKES]
)
def test_a_mistake_is_named_in_one_sentence_that_holds_no_secret(start, variables, sentence):
    with pytest.raises(SettingsError) as refused:
        start(variables)
    lines = str(refused.value).splitlines()
    assert [line for line in lines if line.startswith(sentence)] != []
    assert "rahasia@" not in str(refused.value)
    assert all(line.endswith((".", "24")) for line in lines)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"WEB_WORKERS": "0"}, "WEB_WORKERS must be at least 1, not 0."),
        ({"WEB_THREADS": "dua"}, "WEB_THREADS must be a whole number, not 'dua'."),
        ({"WEB_PATIENCE": "0"}, "WEB_PATIENCE must be at least 1, not 0."),
        ({"PORT": "0"}, "PORT must be at least 1, not 0."),
        ({"BIND": "8000"}, "BIND must be an address and a port like 127.0.0.1:8000, not '8000'."),
    ],
)
def test_the_application_server_refuses_its_own(start, variables, sentence):
    with pytest.raises(SettingsError) as refused:
        start(variables, "gunicorn.conf.py")
    assert str(refused.value) == sentence


def test_no_garbage_is_looked_for_among_what_a_process_loads(start, monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")  # read again from the file below
    hooks, turns = start({}, "gunicorn.conf.py"), sys.getswitchinterval()
    try:
        hooks["post_fork"](None, None)
        while_it_loads = gc.isenabled()
        hooks["post_worker_init"](None)
        assert (while_it_loads, gc.isenabled(), gc.get_freeze_count() > 0) == (False, True, True)
    finally:
        gc.unfreeze()
        gc.enable()
        sys.setswitchinterval(turns)


def test_every_setting_that_can_be_wrong_has_its_row():
    free = {  # any text may be meant
        "SECRET_KEY", "SECRET_KEY_FALLBACKS", "S3_BUCKET", "EMAIL_HOST", "OIDC_NAME",
    }  # fmt: skip
    tried = {name for variables, _ in MISTAKES for name in variables}
    tried |= {"WEB_WORKERS", "WEB_THREADS", "WEB_PATIENCE", "BIND"}
    assert set(TABLE) - tried == free - tried


def test_a_good_server_starts_and_every_example_of_the_table_is_good(start):
    found = start(
        HTTPS | {
            "DATABASE_URL": "postgres://kla:p%40ss@db:5432/kla?sslmode=require",
            "EMAIL_HOST": "mail.example.go.id", "EMAIL_FROM": "KLA <kla@example.go.id>",
            "ERROR_MAIL_TO": "ti@example.go.id", "LOG_FORMAT": "json", "LOG_LEVEL": "info",
            "SECOND_FACTOR_FOR": "administrator,verifikator", "METRICS_TOKEN": "0" * 48,
            "OIDC_ISSUER": "https://sso.kota.go.id/realms/pegawai", "OIDC_CLIENT_ID": "kla",
        }
    )  # fmt: skip
    assert found["DATABASES"]["default"]["PASSWORD"] == "p@ss"  # noqa: S105
    assert found["LOG_LEVEL"] == "INFO"


@pytest.mark.parametrize(
    ("variables", "roles"),
    [
        (HTTPS, ["administrator", "verifikator"]),
        ({}, ["administrator", "verifikator"]),
        ({"EXAMPLE_ACCOUNTS": "1"}, []),
        ({"DEBUG": "1"}, []),
        ({"SECOND_FACTOR_FOR": "none"}, []),
        ({"EXAMPLE_ACCOUNTS": "1", "SECOND_FACTOR_FOR": "pimpinan"}, ["pimpinan"]),
    ],
)
def test_a_second_factor_is_demanded_unless_this_is_the_example(start, variables, roles):
    assert start(variables)["SECOND_FACTOR_FOR"] == roles


def test_all_mistakes_are_told_at_once_by_every_command_and_without_a_traceback(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate"], cwd=ROOT, capture_output=True, text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "PORT": "x", "DEBUG": "mungkin"},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "PORT must be a whole number, not 'x'.",
        "DEBUG must be yes or no, not 'mungkin'.",
    ]


def test_the_deploy_check_is_clean_with_the_settings_of_production(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), **HTTPS},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_a_line_is_one_line_whatever_stands_in_it_and_tells_its_time_with_the_zone():
    forged = "masuk\n2026-01-01 INFO - kla masuk\r\x1b[2J\u2028akhir"
    line = logging.LogRecord("kla", logging.INFO, "x", 1, "%s", (forged,), None)
    watching.Numbered().filter(line)
    told = watching.Line().format(line)
    assert re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029]", told) is None
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} INFO - kla masuk", told)


def test_json_lines_hold_one_object_each_with_the_same_names():
    line = logging.LogRecord("kla", logging.INFO, "x", 1, "dua\nbaris %s", ("ini",), None)
    watching.Numbered().filter(line)
    told = watching.Json().format(line)
    assert "\n" not in told
    assert json.loads(told) | {"at": ""} == {
        "at": "", "level": "INFO", "request": "-", "logger": "kla", "message": "dua\nbaris ini",
    }  # fmt: skip

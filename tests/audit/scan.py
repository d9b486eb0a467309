"""wapiti against the running product, signed in as each role, on the example city.

What it reports is mended, or stands in EXPLAINED with the reason (and in docs/decisions/0040).
SCAN_SECONDS says how long it may walk as each role (60), and a fourth of it how long each attack
may take. Nothing leaves this machine: the modules that call a server of wapiti's are not used.
"""

import contextlib
import json
import os
import secrets
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.audit.outcome import Outcome, found, green, not_done
from tests.audit.steps import BIN, ROOT, TOOLS, run

KEPT = ROOT / "var" / "audit"
ROLES = ("operator", "verifikator", "pimpinan", "administrator")
MODULES = (
    "cookieflags,crlf,csp,csrf,exec,file,http_headers,ldap,methods,permanentxss,redirect,sql,"
    "upload,xss"
)
# Leaving, or ending the session that the scan itself walks with, would end the scan.
KEPT_OUT = ("/keluar/*", "/akun/keluar*", "/akun/sesi/*", "/static/*")
# Category, a word of what it says, and why it stands.
EXPLAINED = (
    ("Secure Flag cookie", "", "the scan speaks http to 127.0.0.1; with https all are Secure"),
    ("HTTP Strict Transport Security", "", "only sent by https (tests/test_project.py)"),
    ("HTTP Secure Headers", "Strict-Transport-Security", "only sent by https"),
    ("Unencrypted Channels", "", "the scan speaks http to 127.0.0.1"),
    ("LDAP Injection", "", "nothing here speaks LDAP: a search shows other rows for other words"),
    (
        "Cross Site Request Forgery",
        "is not properly checked in backend",
        "wapiti 3.2.3 sends its first request again instead of the one with a wrong token "
        "(mod_csrf.is_csrf_verified)",
    ),
    ("Content Security Policy Configuration", "object-src", "PDFs beside an answer, sandboxed"),
)
SIGN_IN = """
from django.test import Client
from agencies.models import User
for role in {roles!r}:
    client = Client()
    client.force_login(User.objects.filter(role=role).order_by("pk").first())
    [(name, cookie)] = client.cookies.items()
    print("COOKIE", role, name + "=" + cookie.value)
"""


def scan() -> Outcome:
    """All roles in turn; what is neither mended nor explained is shown. What wapiti said in full
    stays in var/audit/.
    """
    seconds = int(os.environ.get("SCAN_SECONDS", "60"))
    left: list[str] = []
    counted: Counter[str] = Counter()
    pages, ended_badly = [], []
    KEPT.mkdir(parents=True, exist_ok=True)
    with serving() as (address, cookies):
        for role in ROLES:
            # Its own database locks now and then; a second walk of its own begins anew.
            walks = (scanned(address, cookies[role], seconds) for _ in range(2))
            report = next(filter(None, walks), None)
            if report is None:
                ended_badly.append(role)
                continue
            (KEPT / f"wapiti-{role}.json").write_text(json.dumps(report, indent=1))
            told = list(findings(report))
            counted.update(category for category, text in told if explained(category, text))
            left += [f"{role}: {text}" for category, text in told if not explained(category, text)]
            pages.append(f"{role} {report['infos'].get('crawled_pages_nbr', '?')}")
            print(f"  wapiti as {role}: {dict(Counter(category for category, _ in told))}")
    for text in left:
        print(f"  {text[:400]}")
    said = f"{seconds} s a role; pages: {', '.join(pages)}; explained: {dict(counted)}"
    known = counted.total()
    if ended_badly:
        return not_done(f"wapiti did not end well as {', '.join(ended_badly)}; {said}")
    return found(said, count=len(left), explained=known) if left else green(said, explained=known)


def explained(category: str, text: str) -> bool:
    """Whether a reason is written down for this finding."""
    return any(category == known and word in text for known, word, _why in EXPLAINED)


def findings(report: dict) -> Iterator[tuple[str, str]]:
    """Every vulnerability and every anomaly, with its category."""
    for kind in ("vulnerabilities", "anomalies"):
        for category, rows in report[kind].items():
            for row in rows:
                where = f"{row['method']} {row['path']} {row.get('parameter') or ''}"
                yield category, f"{category}: {where}: {row['info']}"


def scanned(address: str, cookie: str, seconds: int) -> dict | None:
    """wapiti's report of one walk."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "report.json"
        keep_out = [part for path in KEPT_OUT for part in ("-x", f"{address}{path}")]
        done = run(
            TOOLS / "wapiti", "-u", f"{address}/", "--scope", "domain", "-m", MODULES,
            "-C", cookie, "-f", "json", "-o", target, "-v", "0", *keep_out,
            "--flush-session", "--store-session", folder, "--no-bugreport", "--tasks", "2",
            "--max-scan-time", str(seconds), "--max-attack-time", str(max(5, seconds // 4)),
            "--max-links-per-page", "40", "--max-files-per-dir", "12", "-S", "normal", "-t", "20",
        )  # fmt: skip
        if not target.exists():
            print((done.stdout + done.stderr).strip()[-300:])
            return None
        return json.loads(target.read_text())


@contextlib.contextmanager
def serving() -> Iterator[tuple[str, dict[str, str]]]:
    """The product on a port of its own, with the example city, and a session of each role."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        address = f"http://127.0.0.1:{port}"
        settings = {
            "VAR_DIR": folder,
            "EXAMPLE_ACCOUNTS": "1",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "BIND": f"127.0.0.1:{port}",
            "PORT": str(port),
            "DJANGO_SETTINGS_MODULE": "kla_tracker.settings",
        }
        for command in (("prepare",), ("collectstatic", "--noinput", "-v0")):
            run(BIN / "python", "manage.py", *command, **settings).check_returncode()
        code = SIGN_IN.format(roles=ROLES)
        said = run(BIN / "python", "manage.py", "shell", "-v0", "-c", code, **settings).stdout
        cookies = dict(line.split()[1:] for line in said.splitlines() if line.startswith("COOKIE "))
        server = subprocess.Popen(
            [BIN / "gunicorn", "-c", "gunicorn.conf.py", "kla_tracker.wsgi"],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            answers(f"{address}/healthz")
            yield address, cookies
        finally:
            server.terminate()
            server.wait(20)


def answers(address: str) -> None:
    """Wait until the server is up, a minute at most."""
    for _ in range(240):
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(address, timeout=2)  # noqa: S310  (our own)
            return
        time.sleep(0.25)
    message = f"{address} does not answer"
    raise TimeoutError(message)

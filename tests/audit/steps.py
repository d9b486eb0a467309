"""The steps that look at what lies here: settings, code, secrets, pins, licences, known holes.

Each tells how it ended, in one line.
"""

import json
import os
import re
import secrets as random
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.audit.licences import table_of
from tests.audit.outcome import Outcome, found, green, not_done

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
TOOLS = ROOT / ".venv" / "audit" / "bin"
LOCK = ROOT / "requirements.lock"
BASELINE = ROOT / ".secrets.baseline"
ROOMS = ("kla_tracker", "meetings", "reports", "submissions", "agencies", "indicators")
# Not looked through for secrets: the baseline itself, hashes of packages and of commits, fonts,
# pictures.
NO_SECRETS = re.compile(
    r"^(\.secrets\.baseline|requirements\.lock|docs/trust\.json|.*\.(ttf|woff2|png|ico|pdf))$"
)
# Services that nothing here speaks to; each costs time.
OTHER_PLUGINS = (
    "ArtifactoryDetector", "CloudantDetector", "DiscordBotTokenDetector", "IbmCloudIamDetector",
    "IbmCosHmacDetector", "MailchimpDetector", "NpmDetector", "OpenAIDetector",
    "SoftlayerDetector", "SquareOAuthDetector", "StripeDetector", "TwilioKeyDetector",
    "IPPublicDetector",
)  # fmt: skip
# Tests are full of invented passwords and tokens: there only what has the form of a real key.
GUESSES = ("KeywordDetector", "Base64HighEntropyString", "HexHighEntropyString")
LINES_MOVED = 3  # what the hook answers when only line numbers of its baseline are old
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)


def said(done: subprocess.CompletedProcess[str], well: str) -> Outcome:
    """What a tool said, shown, when it found something; else what it looked at."""
    if done.returncode == 0:
        return green(well)
    print((done.stdout + done.stderr).strip(), flush=True)
    return found(f"{Path(done.args[0]).name} found the above")


def run(*command: str | Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """A tool's answer, in the folder of the project."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **extra},
        capture_output=True,
        text=True,
        check=False,
    )


def deploy() -> Outcome:
    """Django's own check with the settings of a server."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "VAR_DIR": folder,
            "SECRET_KEY": random.token_urlsafe(50),
            "SITE_URL": "https://kla.example.go.id",
            "ALLOWED_HOSTS": "kla.example.go.id",
            "TRUSTED_PROXIES": "1",
            "DEBUG": "0",
            "DJANGO_SETTINGS_MODULE": "kla_tracker.settings",
        }
        check = ("check", "--deploy", "--fail-level", "WARNING")
        return said(
            run(sys.executable, "manage.py", *check, **settings), "check --deploy: no warning"
        )


def ruff() -> Outcome:
    """Dangerous calls, by ruff."""
    return said(run(BIN / "ruff", "check", "--select", "S", "."), "rules S: nothing")


def bandit() -> Outcome:
    """Dangerous calls, by bandit: a second opinion."""
    rooms = (*ROOMS, "deploy", "gunicorn.conf.py", "manage.py")
    return said(run(BIN / "bandit", "-q", "-c", "pyproject.toml", "-r", *rooms), "nothing")


def kept() -> list[str]:
    """Every text that git keeps, or would keep."""
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard").stdout
    return [
        name
        for name in listed.splitlines()
        if (ROOT / name).is_file() and not NO_SECRETS.match(name)
    ]


def secrets(files: list[str] | None = None) -> Outcome:
    """A key or a password in what git keeps. A false alarm goes into the baseline, after a look,
    by `python -m tests.audit baseline`.
    """
    files = kept() if files is None else files
    # The hook counts line numbers of its baseline anew, so it works on a copy.
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "baseline"
        copy.write_bytes(BASELINE.read_bytes())
        for mine in (True, False):
            off = [part for name in GUESSES for part in ("--disable-plugin", name)] if mine else []
            part = [name for name in files if name.startswith("tests/") == mine]
            done = run(BIN / "detect-secrets-hook", "--baseline", copy, *off, *part)
            if done.returncode not in (0, LINES_MOVED):
                return said(done, "")
    return green(f"no key and no password in {len(files)} files")


def baseline() -> Outcome:
    """Write the baseline again: all that is found now is taken for harmless, so look first."""
    off = [part for name in OTHER_PLUGINS for part in ("--disable-plugin", name)]
    done = run(BIN / "detect-secrets", "scan", "--no-verify", *off, *kept())
    if done.returncode == 0:
        BASELINE.write_text(done.stdout)
    return said(done, "the baseline was written again")


def pins(*names: str) -> dict[str, str]:
    """What files of requirements pin, by package."""
    return {
        name.lower().replace("_", "-"): version
        for each in names
        for name, version in PIN.findall((ROOT / each).read_text())
    }


def lock() -> Outcome:
    """The lock with hashes says what requirements.txt says."""
    wanted, locked = pins("requirements.txt"), pins("requirements.lock")
    apart = sorted(set(wanted.items()) ^ set(locked.items()))
    if apart:
        return found(f"requirements.lock differs in {apart}: run make lock", count=len(apart))
    return green(f"{len(locked)} packages, each file by its hash")


def relock() -> Outcome:
    """Write the lock again."""
    options = ("--quiet", "--generate-hashes", "--allow-unsafe", "--no-annotate", "--no-header")
    options += ("--strip-extras", "--no-emit-find-links", "--no-emit-index-url", "--output-file")
    done = run(TOOLS / "pip-compile", *options, LOCK, "requirements.txt")
    return said(done, "") if done.returncode else lock()


def licences() -> Outcome:
    """Every licence is one that a government may use; docs/licences.md lists them."""
    names = sorted(pins("requirements.txt", "requirements-s3.txt"))
    ours = ("--python", sys.executable, "--format", "json", "--with-urls", "--packages", *names)
    done = run(TOOLS / "pip-licenses", *ours)
    if done.returncode:
        return said(done, "")
    text, refused, missing = table_of(json.loads(done.stdout), names)
    (ROOT / "docs" / "licences.md").write_text(text)
    if missing:
        return not_done(f"not installed here, so no licence is known: {missing}")
    if refused:
        return found(f"not among the licences we may use: {refused}", count=len(refused))
    return green(f"{len(names)} packages, docs/licences.md")


def sbom() -> Outcome:
    """The bill of materials, in the form of CycloneDX, to hand over: var/sbom.json."""
    target = ROOT / "var" / "sbom.json"
    target.parent.mkdir(exist_ok=True)
    options = ("--of", "JSON", "--output-reproducible", "-o", target)
    done = run(TOOLS / "cyclonedx-py", "requirements", LOCK, *options)
    if done.returncode:
        return said(done, "")
    told = json.loads(target.read_text())
    version, parts = told["specVersion"], len(told["components"])
    return green(f"CycloneDX {version}, {parts} components, var/sbom.json")


def holes() -> Outcome:
    """Known holes of every pin. What the service cannot answer for is no green."""
    done = run(
        TOOLS / "pip-audit", "--strict", "--require-hashes", "--disable-pip", "-r", LOCK,
        "-f", "json", "--progress-spinner", "off",
    )  # fmt: skip
    if done.returncode == 0:
        return green(f"none known in {len(pins('requirements.lock'))} packages")
    try:
        told = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        lines = (done.stdout + done.stderr).strip().splitlines() or ["pip-audit said nothing"]
        return not_done(f"the service of known holes did not answer here ({lines[-1][:120]})")
    having = sorted(each["name"] for each in told if each.get("vulns"))
    print(json.dumps([each for each in told if each.get("vulns")], indent=1), flush=True)
    return found(f"known holes in {having}", count=len(having))

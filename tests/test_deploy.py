"""The files for servers: units and compose name what exists, backups rotate in time."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
COMMAND = re.compile(r"manage\.py ([a-z_]+)|kla-command@([a-z_]+)\.service")


def test_units_and_scripts_run_commands_that_exist():
    files = [*UNITS, *(ROOT / "deploy").glob("*.sh")]
    named = {a or b for file in files for a, b in COMMAND.findall(file.read_text())}
    assert len(named) >= 12
    assert named - set(get_commands()) == set()


def test_the_proxy_writes_down_no_link_of_a_mail_no_search_and_not_where_one_came_from():
    """Each server of the file has the log of ours, so that the host's own is not used."""
    shipped = (ROOT / "deploy" / "nginx.conf.template").read_text()
    [line] = re.findall(r"^log_format kla '(.+)';$", shipped, re.MULTILINE)
    assert set(re.findall(r"\$\w+", line)) == {
        "$remote_addr", "$time_iso8601", "$request_method", "$kla_place", "$status",
        "$body_bytes_sent", "$request_time",
    }  # fmt: skip
    assert "~^/(undangan|sandi)/. /$1/-/;" in shipped
    servers = shipped.split("\nserver {")[1:]
    assert len(servers) == 2
    assert all("access_log /var/log/nginx/access.log kla;" in each for each in servers)


def test_every_timer_has_its_service():
    services = {file.name for file in UNITS if file.suffix == ".service"}
    for file in UNITS:
        if file.suffix == ".timer":
            [unit] = re.findall(r"^Unit=(.+)$", file.read_text(), re.MULTILINE)
            assert re.sub(r"@.+\.", "@.", unit) in services


def test_compose_does_each_hour_and_day_what_the_timers_do():
    timers = [file.read_text() for file in UNITS if file.suffix == ".timer"]
    on_timers = {b or a for text in timers for a, b in COMMAND.findall(text)}
    clock = (ROOT / "deploy" / "clock.sh").read_text()
    by_hand = {"retention"}  # it only tells
    assert {b or a for a, b in COMMAND.findall(clock)} == on_timers - by_hand
    assert "deploy/backup.sh" in clock


def test_compose_starts_each_part_after_the_tables_are_there():
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    services = compose["services"]
    assert set(services) == {"database", "migrate", "web", "worker", "sealer", "clock", "proxy"}
    for name in ("web", "worker", "sealer", "clock"):
        after = services[name]["depends_on"]["migrate"]["condition"]
        assert after == "service_completed_successfully"
        assert services[name]["environment"]["LOG_FORMAT"] == "json"
        assert services[name]["read_only"] is True
    written = (ROOT / "compose.yaml").read_text()
    assert "privileged" not in written.replace("no-new-privileges", "")
    volumes = {word.split(":")[0] for each in services.values() for word in each.get("volumes", [])}
    assert {word for word in volumes if re.fullmatch("[a-z]+", word)} == set(compose["volumes"])


SETTINGS = """
# a remark
; another
SITE_URL=https://kla.example.go.id
EMAIL_FROM=KLA Kota Contoh <kla@example.go.id>
METRICS_TOKEN="tanda kutip"
EMAIL_HOST_PASSWORD='se$(id) `id` #1'
EMPTY=
  TRUSTED_PROXIES=1
not a setting
BACKUP_DIR=/var/backups/kla=1"""


def test_a_command_of_the_server_has_its_settings_as_systemd_reads_them(tmp_path):
    file = tmp_path / "kla.env"
    file.write_text(SETTINGS)
    done = subprocess.run(
        [str(ROOT / "deploy" / "kla"), "run", "bash", "-c", "pwd; umask; env -0"],
        env={"PATH": os.environ["PATH"], "KLA_ENV": str(file), "KLA_USER": "nobody"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    place, mask, told = done.stdout.split("\n", 2)
    found = dict(each.split("=", 1) for each in told.split("\0") if each)
    assert (Path(place), mask) == (ROOT, "0077")
    asked = ("SITE_URL", "EMAIL_FROM", "METRICS_TOKEN", "EMAIL_HOST_PASSWORD", "EMPTY")
    assert [found[name] for name in (*asked, "TRUSTED_PROXIES", "BACKUP_DIR")] == [
        "https://kla.example.go.id", "KLA Kota Contoh <kla@example.go.id>", "tanda kutip",
        "se$(id) `id` #1", "", "1", "/var/backups/kla=1",
    ]  # fmt: skip


def test_without_its_settings_a_command_says_where_they_should_be(tmp_path):
    done = subprocess.run(
        [str(ROOT / "deploy" / "kla"), "migrate"], capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "KLA_ENV": str(tmp_path / "tidak-ada")},
    )  # fmt: skip
    assert (done.returncode, "tidak-ada cannot be read" in done.stderr) == (1, True)


def backup(folder, tmp_path, **more):
    """The script with a manage.py of the test's own beside it, which only writes the file."""
    place = tmp_path / "kla"
    (place / "deploy").mkdir(parents=True, exist_ok=True)
    (place / "deploy" / "backup.sh").write_text((ROOT / "deploy" / "backup.sh").read_text())
    (place / "manage.py").write_text(
        "import sys, os\n"
        "if os.environ.get('BROKEN'): sys.exit(1)\n"
        "assert sys.argv[1] == 'backup'\n"
        "open(sys.argv[2], 'x').write('cadangan')\n"
    )
    return subprocess.run(
        ["bash", str(place / "deploy" / "backup.sh")], capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "BACKUP_DIR": str(folder)} | more,
    )  # fmt: skip


def of_days(folder, *days):
    for each in days:
        file = folder / f"kla-lama-{each}.zip"
        file.write_text("lama")
        then = time.time() - each * 86_400
        os.utime(file, (then, then))


def test_backups_rotate_within_thirty_days_and_nothing_else_goes(tmp_path):
    folder = tmp_path / "cadangan"
    folder.mkdir()
    of_days(folder, 1, 29, 32, 40)
    (folder / "catatan.txt").write_text("tetap")
    os.utime(folder / "catatan.txt", (0, 0))
    assert backup(folder, tmp_path).returncode == 0
    left = sorted(each.name for each in folder.iterdir() if "lama" in each.name)
    assert left == ["kla-lama-1.zip", "kla-lama-29.zip"]
    assert (folder / "catatan.txt").exists()
    assert len(list(folder.iterdir())) == 4


def test_a_server_that_cannot_make_a_backup_keeps_the_old_ones(tmp_path):
    folder = tmp_path / "cadangan"
    folder.mkdir()
    of_days(folder, 40)
    assert backup(folder, tmp_path, BROKEN="1").returncode == 1
    assert [each.name for each in folder.iterdir()] == ["kla-lama-40.zip"]


@pytest.mark.parametrize("days", ["35", "0", "-1", "sebulan"])
def test_backups_cannot_be_kept_for_longer_than_the_law_s_days(tmp_path, days):
    folder = tmp_path / "cadangan"
    folder.mkdir()
    refused = backup(folder, tmp_path, BACKUP_DAYS=days)
    assert (refused.returncode, list(folder.iterdir())) == (1, [])
    assert "from 1 to 34" in refused.stderr

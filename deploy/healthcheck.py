"""Ask /healthz as the container's own proxy would; exit 1 when it does not answer "ok"."""

import os
import sys
import urllib.request

port = os.environ.get("BIND", "127.0.0.1:8000").rpartition(":")[2]
host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip()
request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": host})
try:
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310  # nosec B310 (our own)
        sys.exit(answer.read() != b"ok\n")
except OSError:
    sys.exit(1)

"""How the application server runs; read by gunicorn from the working directory."""

from pathlib import Path

from kla_tracker import environment as env

wsgi_app = "kla_tracker.wsgi"
bind = env.text("BIND", f"127.0.0.1:{env.number('PORT', 8000)}")
workers = env.number("WEB_WORKERS", 2)
threads = env.number("WEB_THREADS", 2)
timeout = 60
graceful_timeout = 20
max_requests = 5000
max_requests_jitter = 500
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # a heartbeat file
# Who is in front is Django's question (TRUSTED_PROXIES), not answered twice.
forwarded_allow_ips = ""
# No line for each request: addresses of pages tell who looked at what. Errors go to stderr.
accesslog = None
loglevel = "warning"

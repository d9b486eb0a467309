#!/bin/bash
# make run: prepare, then serve pages and do the background jobs until Ctrl-C; if one of the two ends, both do.
set -euo pipefail
cd "$(dirname "$0")/.."
export EXAMPLE_ACCOUNTS="${EXAMPLE_ACCOUNTS:-1}"
.venv/bin/python manage.py prepare

.venv/bin/python manage.py take_up_jobs    # what a worker of an earlier start was killed with; pictures of the example
.venv/bin/python manage.py db_worker --no-startup-delay --no-reload &
worker=$!
.venv/bin/gunicorn kla_tracker.wsgi --bind "127.0.0.1:${PORT:-8000}" &
web=$!

stop() {
    trap '' INT TERM
    kill "$web" "$worker" 2>/dev/null || true
    wait || true
}
trap 'stop; exit 0' INT TERM
status=0
wait -n "$web" "$worker" || status=$?
stop
exit "$status"

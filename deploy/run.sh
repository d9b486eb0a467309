#!/bin/bash
# make run: prepare, then serve pages, do the background jobs and seal the history until Ctrl-C; if one ends, all do.
set -euo pipefail
cd "$(dirname "$0")/.."
export EXAMPLE_ACCOUNTS="${EXAMPLE_ACCOUNTS:-1}"
.venv/bin/python manage.py prepare

# The worker is nice: people at their pages go first.
.venv/bin/python manage.py take_up_jobs    # what a worker of an earlier start was killed with; pictures of the example
nice -n 10 .venv/bin/python manage.py db_worker --no-startup-delay --no-reload &
worker=$!
.venv/bin/gunicorn kla_tracker.wsgi --bind "127.0.0.1:${PORT:-8000}" &
web=$!
.venv/bin/python manage.py seal_history --every 30 &
sealer=$!

stop() {
    trap '' INT TERM
    kill "$web" "$worker" "$sealer" 2>/dev/null || true
    wait || true
}
trap 'stop; exit 0' INT TERM
status=0
wait -n "$web" "$worker" "$sealer" || status=$?
stop
exit "$status"

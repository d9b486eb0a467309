#!/bin/bash
# What systemd's timers do, for compose: look at the clock of Asia/Jakarta each minute, and run what is due. Each in the background, so
# that a long one holds up no other.
set -uo pipefail
cd "$(dirname "$0")/.."
export TZ=Asia/Jakarta

run() { "$@" || echo "failed: $*" >&2; }

due() {
    case "$1" in *:?0) run python manage.py take_up_jobs & ;; esac
    case "$1" in
        *:20) run python manage.py clean_bundles & ;;
    esac
    case "$1" in
        01:15) run deploy/backup.sh & ;;
        01:50) run python manage.py verify_history & ;;
        02:31) run python manage.py clean_uploads & ;;
        03:01) run python manage.py verify_evidence & ;;
        03:31) run python manage.py verify_scores & ;;
        07:01 | 11:01) run python manage.py send_reminders & ;;
        04:31) run python manage.py clearsessions & ;;
    esac
}

trap 'exit 0' TERM INT
last=""
while true; do
    now="$(date +%H:%M)"
    [ "$now" = "$last" ] || due "$now"
    last="$now"
    sleep 20 &
    wait $!
done

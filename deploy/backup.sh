#!/bin/bash
# The nightly backup: one file into BACKUP_DIR, those older than BACKUP_DAYS (30; backups must forget within 35) go, and with
# BACKUP_RCLONE (remote:path) or BACKUP_RSYNC (user@host:/path/) a copy elsewhere. Ends with 1 if any of it failed.
set -euo pipefail
umask 077
cd "$(dirname "$0")/.."
folder="${BACKUP_DIR:?the folder for backups}"
days="${BACKUP_DAYS:-30}"
if ! [[ "$days" =~ ^[0-9]+$ ]] || [ "$days" -lt 1 ] || [ "$days" -gt 34 ]; then
    echo "BACKUP_DAYS must be from 1 to 34: what was destroyed has to be gone from all backups within 35 days." >&2
    exit 1
fi
python=.venv/bin/python
[ -x "$python" ] || python=python
ending=zip
[ -z "${BACKUP_RECIPIENT:-}" ] || ending=age
file="$folder/kla-$(date +%F-%H%M%S).$ending"
"$python" manage.py backup "$file"
# Only after a new one is whole: a server that cannot make backups keeps the old ones.
find "$folder" -maxdepth 1 -name 'kla-*' -type f -mtime "+$days" -delete
if [ -n "${BACKUP_RCLONE:-}" ]; then
    rclone copy "$folder" "$BACKUP_RCLONE"
    rclone delete --min-age "${days}d" "$BACKUP_RCLONE"
fi
if [ -n "${BACKUP_RSYNC:-}" ]; then
    rsync -a --delete "$folder/" "$BACKUP_RSYNC"
fi

#!/usr/bin/env python3
"""The command line of the project."""

import os
import sys

from django.core.management import execute_from_command_line

from kla_tracker.environment import SettingsError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kla_tracker.settings")
    try:
        execute_from_command_line(sys.argv)
    except SettingsError as error:
        sys.exit(str(error))

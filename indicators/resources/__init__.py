"""Sheets, out and in again: the base of what every room reads and writes as one."""

"""A bundle of evidence: one ZIP in the order of the instrument, with what is missing and why."""

from reports.bundles.packing import pack

__all__ = ["pack"]

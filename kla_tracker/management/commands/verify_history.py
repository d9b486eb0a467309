"""`verify_history [--anchor NUMBER:DIGEST …]`: prove that no sealed event was rewritten."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from itertools import chain as together
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kla_tracker.history import chain, verify

SHOWN = 200


def anchor(text: str) -> tuple[int, str]:
    """An end of the chain as it was printed."""
    number, _, digest = text.strip().partition(":")
    if not number.isdecimal() or len(digest) != 64:
        raise ArgumentTypeError("write it as it was printed: NUMBER:DIGEST")
    return int(number), digest


class Command(BaseCommand):
    help = "Prove that nothing sealed was altered, deleted, inserted, moved or cut off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anchor", type=anchor, action="append", default=[], metavar="NUMBER:DIGEST",
            help="an end of the chain that was printed or kept elsewhere; several may be given",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for sentence in verify.verify(together(chain.anchors(), options["anchor"])):
            found += 1
            if found <= SHOWN:
                self.stderr.write(sentence)
        last = chain.head()
        if found:
            raise CommandError(f"Riwayat tidak utuh: {found} temuan sampai segel {last.number}.")
        self.stdout.write(
            f"Riwayat utuh: {last.number} kejadian bersegel, {verify.waiting()} menunggu disegel. "
            f"Ujung: {last}"
        )

"""Numbers, days and sizes as they are read here; the words are of `wording`."""

from decimal import Decimal

from django import template

from indicators import wording
from submissions.wording import rupiah as money_text

register = template.Library()

for each in (
    wording.points,
    wording.points0,
    wording.number,
    wording.percent,
    wording.tanggal,
    wording.waktu,
    wording.jam,
    wording.sisa_hari,
    wording.nada_tenggat,
    wording.ukuran,
):
    register.filter(each.__name__, each)


@register.filter
def rupiah(amount: Decimal | None) -> str:
    """1250000 becomes 1.250.000; what was not told is a dash."""
    return wording.NOTHING if amount is None else money_text(amount)

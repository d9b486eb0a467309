"""How figures, dates and sizes are said in Indonesian: plain values in, a short text out.

It stands in the lowest room because every page, sheet and message says numbers the same way.
"""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

NBSP = "\u00a0"
NOTHING = "\u2013"
WIB = ZoneInfo("Asia/Jakarta")
CENT = Decimal("0.01")
MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
# The commas and points of Python's own grouping, changed for ours in one pass.
INDONESIAN = str.maketrans(",.", ".,")


def points(value: Decimal | int | None) -> str:
    """Points always have two decimals: 1234.5 becomes 1.234,50; nothing becomes a dash."""
    if value is None:
        return NOTHING
    rounded = Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP)
    return f"{rounded:,.2f}".translate(INDONESIAN)


def signed(change: Decimal) -> str:
    """A change of points with its sign, so that it does not depend on colour."""
    return f"+{points(change)}" if change > 0 else points(change)


def points0(value: Decimal | int | None) -> str:
    """A maximum or a step: 15.00 becomes 15, but 12.5 stays 12,50, so that no part is hidden."""
    if value is None:
        return NOTHING
    exact = Decimal(value)
    return number(int(exact)) if exact == exact.to_integral_value() else points(exact)


def number(value: int | None) -> str:
    """A count: 1234 becomes 1.234."""
    return NOTHING if value is None else f"{value:,d}".translate(INDONESIAN)


def percent(share: Decimal | float | None, decimals: int = 0) -> str:
    """A share from 0 to 1 in per cent: 0.64 becomes 64 %.

    Rounding never says 100 % while something is missing, nor 0 % when something is there.
    """
    if share is None:
        return NOTHING
    exact = Decimal(str(share)) * 100
    step = Decimal(1).scaleb(-decimals)
    rounded = exact.quantize(step, rounding=ROUND_HALF_UP)
    if rounded >= 100 > exact:
        rounded = 100 - step
    if rounded <= 0 < exact:
        rounded = step
    return f"{rounded:,.{decimals}f}".translate(INDONESIAN) + f"{NBSP}%"


def ratio(part: int, whole: int) -> str:
    """The share of a whole in per cent; of nothing it is a dash, not a hundred."""
    return percent(Decimal(part) / Decimal(whole)) if whole else NOTHING


def local(moment: datetime) -> datetime:
    """The moment on the wall clock in WIB; a moment without a zone is taken to be there already."""
    return moment if moment.tzinfo is None else moment.astimezone(WIB)


def tanggal(day: date | datetime | None) -> str:
    """24 November 2026; a moment is first brought to WIB, since the day may differ."""
    if day is None:
        return NOTHING
    if isinstance(day, datetime):
        day = local(day)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def jam(moment: datetime | None) -> str:
    """10.42, in WIB."""
    return NOTHING if moment is None else f"{local(moment):%H.%M}"


def waktu(moment: datetime | None) -> str:
    """24 November 2026 pukul 10.42 WIB."""
    return NOTHING if moment is None else f"{tanggal(moment)} pukul {jam(moment)} WIB"


def sisa_hari(due: date | None, today: date) -> str:
    """5 hari lagi, hari ini, lewat 2 hari."""
    if due is None:
        return "tanpa tenggat"
    left = (due - today).days
    if left == 0:
        return "hari ini"
    return f"{left} hari lagi" if left > 0 else f"lewat {-left} hari"


def nada_tenggat(due: date | None, today: date) -> str:
    """The tone of a due date as the badges know it: calm, near (within a week), or late."""
    if due is None or due - today > timedelta(days=7):
        return "neutral"
    return "risk" if due >= today else "returned"


def ukuran(size: int | None) -> str:
    """A file's size, in steps of 1000 as file managers say it: 1800000 becomes 1,8 MB."""
    if size is None:
        return NOTHING
    if size < 1000:
        return f"{size} bita"
    for unit, scale in (("KB", 1000), ("MB", 1000**2), ("GB", 1000**3)):  # noqa: B007
        amount = (Decimal(size) / scale).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
        if amount < 1000:
            break
    text = f"{amount:,.1f}".translate(INDONESIAN).removesuffix(",0")
    return f"{text} {unit}"


def one_area(text: str) -> str:
    """A question on the share of all areas, as one area is asked it: Persentase kelurahan memiliki
    Forum Anak becomes Kelurahan memiliki Forum Anak. Anything else stays.
    """
    rest = text.removeprefix("Persentase ")
    return rest[:1].upper() + rest[1:]


def short(said: str, letters: int) -> str:
    """So much of it as there is room for, whole words where they are not long ones."""
    if len(said) <= letters:
        return said
    kept = said[: letters - 1]
    whole = kept[: kept.rfind(" ")] if kept.rfind(" ") > letters * 0.7 else kept
    return f"{whole.rstrip(' ,·:')}…"

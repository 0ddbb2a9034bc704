"""The days on which nobody at a ministry works."""

from __future__ import annotations

from datetime import date, timedelta

_SATURDAY = 5


def is_day_off(day: date) -> bool:
    """Tell whether a day lies in a weekend or is a Dutch public holiday."""
    return day.weekday() >= _SATURDAY or day in public_holidays(day.year)


def public_holidays(year: int) -> frozenset[date]:
    """Return the public holidays of a year, and Good Friday and 5 May, when offices are closed."""
    easter = easter_sunday(year)
    kings_day = date(year, 4, 27)
    moving = {-2, 0, 1, 39, 49, 50}
    return frozenset(
        {
            date(year, 1, 1),
            # On a Sunday it is celebrated the day before.
            kings_day if kings_day.isoweekday() != 7 else kings_day - timedelta(days=1),
            date(year, 5, 5),
            date(year, 12, 25),
            date(year, 12, 26),
            *(easter + timedelta(days=days) for days in moving),
        }
    )


def easter_sunday(year: int) -> date:
    """Return the first Sunday after the church's full moon of spring."""
    golden = year % 19
    century = year // 100
    # The age of that moon, with the corrections that the calendar of 1582 made for centuries.
    epact = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    if epact == 29 or (epact == 28 and golden > 10):
        epact -= 1
    moon = date(year, 3, 21) + timedelta(days=epact)
    return moon + timedelta(days=7 - moon.isoweekday() % 7)

"""Months counted from some day: a plan's month begins on the day of the month on which it was taken."""

import calendar

MONTHS_OF_A_YEAR = 12


def months_after(begin, months):
    """The same day and time so many months later; the last of the month where it has no such day."""
    month = begin.month - 1 + months
    year, month = begin.year + month // 12, month % 12 + 1
    return begin.replace(year=year, month=month, day=min(begin.day, calendar.monthrange(year, month)[1]))


def month_at(begin, now):
    """The month, counted from 0 at `begin`, in which `now` lies: (number, when it began, when it ends)."""
    number = max(0, (now.year - begin.year) * 12 + now.month - begin.month)
    while number and months_after(begin, number) > now:
        number -= 1
    return number, months_after(begin, number), months_after(begin, number + 1)


def month_of_year(begins, ends, now):
    """The month of a year in which `now` lies: (number, when it ends). Its number is 0 in the first month, whose
    credits come with the invoice, and where the year has not begun or is over.

    Counted back from its end, as an invoice tells it: what began on 29 February ends on the 28th.
    """
    number, starts_at, ends_at = month_at(months_after(ends, -MONTHS_OF_A_YEAR), now)
    later = number < MONTHS_OF_A_YEAR and begins < starts_at
    return (number if later and now < ends else 0), ends_at

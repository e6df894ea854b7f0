"""Months counted from some day: a plan's month begins on the day of the month on which it was taken."""

import calendar


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

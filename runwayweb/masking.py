"""What others wrote, in logs: an API key, put where it does not belong, is cut; a line break begins no line there."""

import logging
import re

# Whatever a terminal or a reader of logs would act upon instead of showing it: breaks, escapes, turned directions.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
KEY = re.compile(r"rwk_[0-9A-Za-z]{8,}")


class KeyFilter(logging.Filter):
    """Lets every record through, with keys cut to their prefix and last four letters, in tracebacks as well, and with
    what is unseen in its parts written out."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(written_out(part) for part in record.args)
        if KEY.search(record.getMessage()):
            # The parts stay apart: the server's own formatter takes them one by one.
            record.msg = masked(record.msg)
            if isinstance(record.args, tuple):
                record.args = tuple(masked(part) for part in record.args)
            if KEY.search(record.getMessage()):
                record.msg, record.args = masked(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = masked(logging.Formatter().formatException(record.exc_info))
        return True


def written_out(told):
    """Text, or what an error says, with each unseen character as its escape; whatever else is told stays as it is."""
    text = str(told) if isinstance(told, BaseException) else told
    if isinstance(text, str) and UNSEEN.search(text):
        return UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)
    return told


def masked(told):
    """Text without whole keys; whatever else is told stays as it is."""
    return KEY.sub(lambda found: f"{found[0][:4]}…{found[0][-4:]}", told) if isinstance(told, str) else told

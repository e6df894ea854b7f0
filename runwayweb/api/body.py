"""What may stand in a body: strict JSON, an object, small enough to be looked at."""

import json
import math

from ninja.parser import Parser

from .errors import ApiError

MOST_COMMAS = 50_000  # a million small values would take a hundred MB once they are read; media are one value each
NOT_JSON = "The body must be a JSON object in UTF-8."


class StrictParser(Parser):
    """Reads the body of a request. Raises ApiError: 415 for another type, 400 for what is no JSON object."""

    def parse_body(self, request):
        if request.content_type != "application/json":
            raise ApiError(415, "Send the body as JSON, with Content-Type: application/json.")
        if request.body.count(b",") > MOST_COMMAS:
            raise ApiError(400, "This body has more fields than anything here takes.")
        try:
            read = json.loads(request.body.decode(), parse_constant=_refuse, parse_float=_number, parse_int=_whole)
        except (ValueError, RecursionError) as error:
            raise ApiError(400, NOT_JSON) from error
        if not isinstance(read, dict):
            raise ApiError(400, NOT_JSON)
        return read


def _refuse(name):
    raise ValueError(f"{name} is no JSON.")


def _number(text):
    """5.0 is as whole as 5: not every language tells them apart."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("A number is too large.")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _whole(text):
    if len(text) > 20:
        raise ValueError("A number is too large.")
    return int(text)

"""Words of programs that mean harm, or are merely odd: refused with a sentence, or kept and shown as what they are."""

import io
import logging
import unicodedata
import uuid

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.html import escape

from generation.models import Generation
from runwayweb.accounts.mail import send_mail
from runwayweb.masking import KeyFilter
from runwayweb.spreadsheet import as_csv
from tests.api.given import issue_of

pytestmark = pytest.mark.django_db
MARKUP = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
# Each is longer in one count than in another: letters, UTF-16 units, what is seen.
ODD = {
    "marks upon one letter": "a" + "\u0301" * 999,
    "turned around": "\u202egnp.exe\u202c a fox \u2067now\u2069",
    "two units each": "🦊" * 500,
    "joined": "👩‍👩‍👧‍👦" * 90,
    "no width": "a\u200bfox\ufeff in a forest",
    "a template": "{{7*7}} {% load static %} ${7*7} #{7*7}",
    "a query": "'; DROP TABLE api_task; --",
    "a formula": "=cmd|' /C calc'!A0",
    "markup": MARKUP,
    "lines": "a fox\r\n\n2026-01-01 00:00:00 INFO root: forged\x1b[2J",
}  # fmt: skip
TOO_MUCH = {
    "100,000 marks upon one letter": "a" + "\u0301" * 100_000,
    "one unit more": "🦊" * 500 + "a",
    "half a letter": "a \ud83e fox",
    "the other half": "a \udd8a fox",
    "NUL": "a\x00fox",
    "nothing seen": " \t\u2003\u3000 ",
}


@pytest.mark.parametrize("prompt", ODD.values(), ids=ODD)
def test_odd_words_are_kept_as_they_are_and_shown_as_words(program, client, ada, fox, prompt):
    client.force_login(ada)
    answer = program.post("/v1/text_to_video", fox | {"promptText": prompt})
    assert answer.status_code == 200, answer.content
    made = Generation.objects.get()
    assert made.request["prompt"] == unicodedata.normalize("NFC", prompt)
    for path in (f"/generations/{made.pk}/", f"/projects/{made.project_id}/"):
        page = client.get(path)
        assert page.status_code == 200, path
        told = page.content.decode()
        assert "<img src=x" not in told and "<script>alert" not in told and "49 " not in told
    if prompt is MARKUP:
        assert escape(prompt)[:20] in client.get(f"/generations/{made.pk}/").content.decode()


@pytest.mark.parametrize("prompt", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_cannot_be_kept_or_is_too_much_is_said_at_its_field(program, fox, prompt):
    path, message = issue_of(program.post("/v1/text_to_video", fox | {"promptText": prompt}))
    assert path == ["promptText"] and message
    assert not Generation.objects.exists()


def test_in_a_spreadsheet_no_words_are_a_formula():
    for words in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"):
        told = as_csv("usage.csv", ["words"], [[words]]).content.decode("utf-8-sig")
        assert told.splitlines()[1].lstrip('"').startswith("'"), words


def test_in_a_letter_they_are_words(mailoutbox):
    told = {"by": MARKUP, "workspace": f"{MARKUP}\r\nBcc: mallory@example.org", "role": "editor"}
    told["expires_at"] = timezone.now()
    send_mail("invitation", "grace@example.org", link="https://example.org/", **told)
    [letter] = mailoutbox
    assert len(f"{letter.subject} ".splitlines()) == 1 and letter.bcc == []
    for kind, content in [("text/plain", letter.body), *((part[1], part[0]) for part in letter.alternatives)]:
        assert kind == "text/plain" or "<script>alert" not in content and "<img src=x" not in content


def test_in_a_log_they_begin_no_line_of_their_own():
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    handler.setFormatter(logging.Formatter(settings.LOGGING["formatters"]["text"]["format"]))
    handler.addFilter(KeyFilter())
    logger = logging.Logger("story")
    logger.addHandler(handler)
    forged = "a fox\r\n2026-01-01 INFO root: forged\x1b[2J\u2028\u202e é 🦊"
    logger.error("503 for %s: %s (%d)", f"/v1/tasks/{forged}", ValueError(forged), 7)
    assert len(told.getvalue().splitlines()) == 1
    assert "\\r\\n2026-01-01" in told.getvalue() and "\\x1b[2J\\u2028\\u202e é 🦊" in told.getvalue()
    assert "(7)" in told.getvalue()


def test_an_address_that_was_made_up_leaves_one_line(program, caplog):
    caplog.handler.addFilter(KeyFilter())
    program.get(f"/v1/tasks/{uuid.uuid4()}%0D%0A2026-01-01%20forged")
    assert all("\n" not in record.getMessage() for record in caplog.records)

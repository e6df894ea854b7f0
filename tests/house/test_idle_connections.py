"""An idle connection is closed by whoever asks, and not by the studio while the next request is on its way to it."""

import http.client
import time

import pytest

AS_UVICORN_DOES = 5  # seconds


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_that_rested_answers_the_next_request(site):
    site.start("web")
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    line.auto_open = False
    line.connect()
    for rest in (AS_UVICORN_DOES + 2, 0):
        line.request("GET", "/accounts/login/")
        answer = line.getresponse()
        assert answer.status == 200 and answer.read()
        time.sleep(rest)
    line.close()

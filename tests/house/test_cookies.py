"""What browsers are told over HTTPS of cookies and of where to stay. A process with settings of its own is asked."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

ASK = """
import json, django
from django.conf import settings
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # none collected
django.setup()
from django.contrib import messages
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
browser = Client(enforce_csrf_checks=False)
host = {"HTTP_HOST": "studio.example.org", "secure": True}
answers = [browser.get("/accounts/login/", **host)]
answers.append(browser.post("/accounts/signup/", {"email": "ada@example.org", "password1": "a fox who waited"}, **host))
answers.append(browser.post("/language/", {"language": "fr", "next": "/"}, **host))
answers.append(browser.get("/v1/organization", **host))
plain = browser.get("/accounts/login/", HTTP_HOST="studio.example.org")
call = browser.get("/v1/organization", HTTP_HOST="studio.example.org", HTTP_AUTHORIZATION="Bearer key_x")
print(json.dumps({
    "cookies": {name: {key: cookie[key] for key in ("secure", "httponly", "samesite", "path", "domain")}
                for answer in answers for name, cookie in answer.cookies.items()},
    "headers": [dict(answer.headers) for answer in answers],
    "plain": [plain.status_code, plain.headers.get("Location", "")],
    "call": [call.status_code, call.json()["error"]],
}))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DEBUG")}
    production = {
        "DEBUG": "off", "ALLOWED_HOSTS": "studio.example.org", "RUNWAYWEB_DATA": str(tmp_path_factory.mktemp("data")),
        "EMAIL_URL": "memorymail://", "DJANGO_SETTINGS_MODULE": "runwayweb.settings",
    }  # fmt: skip
    said = subprocess.run(
        [sys.executable, "-c", ASK], cwd=settings.BASE_DIR, env=inherited | production, capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout.splitlines()[-1])


def test_over_https_every_cookie_is_of_this_very_host(told):
    assert {"__Host-sessionid", "__Host-csrftoken"} <= set(told["cookies"])
    for name, cookie in told["cookies"].items():
        assert name.startswith("__Host-"), name
        assert cookie["secure"] and cookie["path"] == "/" and not cookie["domain"] and cookie["samesite"], name
    assert told["cookies"]["__Host-sessionid"]["httponly"]


@pytest.mark.django_db
def test_a_page_of_somebody_is_kept_nowhere(client):
    from tests.factories import make_user

    assert "Cache-Control" not in client.get("/pricing/").headers
    client.force_login(make_user("ada"))
    for address in ("/settings/security/", "/pricing/", "/nowhere/at/all/"):
        assert "no-store" in client.get(address).headers["Cache-Control"], address


def test_over_https_browsers_are_told_to_stay_there(told):
    assert told["plain"] == [301, "https://studio.example.org/accounts/login/"]
    for headers in told["headers"]:
        assert "max-age=31536000" in headers["Strict-Transport-Security"]
        assert "includeSubDomains" in headers["Strict-Transport-Security"]
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin" and headers["X-Frame-Options"] == "DENY"
        assert "Access-Control-Allow-Origin" not in headers


def test_a_program_that_forgets_https_is_told_so_and_not_led_on(told):
    status, sentence = told["call"]
    assert status == 403 and "over HTTPS only" in sentence and "revoke" in sentence

"""What the environment says of PostgreSQL, Valkey and S3: what is made of it, and what is said of nonsense."""

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from runwayweb import neighbours
from tests.house.test_refusals import refusal

AWS = {"S3_BUCKET": "films", "S3_REGION": "eu-west-1"}
OURS = {"S3_BUCKET": "films", "S3_ENDPOINT": "https://s3.example.org/", "S3_PREFIX": "/studio/"}


def environment(**told):
    env = environ.Env()
    env.ENVIRON = told
    return env


def test_nothing_said_is_a_folder():
    assert neighbours.bucket(environment()) is None and neighbours.pool(environment()) is None


@pytest.mark.parametrize(
    ("told", "origin"),
    [
        (AWS, "https://films.s3.eu-west-1.amazonaws.com"),
        (AWS | {"S3_REGION": "us-east-1"}, "https://films.s3.amazonaws.com"),
        (OURS, "https://s3.example.org"),
        (OURS | {"S3_ADDRESSING": "virtual"}, "https://films.s3.example.org"),
        (OURS | {"S3_PUBLIC_ENDPOINT": "https://media.example.org"}, "https://media.example.org"),
        ({"S3_BUCKET": "films", "S3_ENDPOINT": "http://127.0.0.1:9000"}, "http://127.0.0.1:9000"),
    ],
)
def test_pages_name_the_origin_that_browsers_are_sent_to(told, origin):
    from runwayweb.assets.s3 import S3Storage

    bucket = neighbours.bucket(environment(**told, S3_ACCESS_KEY_ID="a", S3_SECRET_ACCESS_KEY="b"))
    assert bucket.origin == origin
    address = S3Storage(**bucket.options).address_of("clips/a.mp4", media_type="video/mp4")
    assert address.startswith(f"{origin}/") and f"{bucket.prefix}/clips/a.mp4?" in address


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"S3_ENDPOINT": "https://s3.example.org"}, "S3_BUCKET is not"),
        ({"S3_BUCKET": "films"}, "neither S3_REGION"),
        (OURS | {"S3_ENDPOINT": "s3.example.org"}, "S3_ENDPOINT is 's3.example.org'"),
        (OURS | {"S3_ENDPOINT": "https://s3.example.org/films"}, "the address of the server alone"),
        (OURS | {"S3_PUBLIC_ENDPOINT": "media"}, "S3_PUBLIC_ENDPOINT is 'media'"),
        (OURS | {"S3_ACCESS_KEY_ID": "a"}, "set both, or neither"),
        (OURS | {"S3_ADDRESSING": "dns"}, "S3_ADDRESSING is 'dns'"),
        (OURS | {"S3_LINK_SECONDS": "5"}, "S3_LINK_SECONDS is 5"),
        (OURS | {"S3_CA_FILE": "/none.pem"}, "S3_CA_FILE is '/none.pem', and there is no such file"),
    ],
)
def test_a_bucket_that_cannot_be_meant(told, sentence):
    with pytest.raises(ImproperlyConfigured, match=sentence):
        neighbours.bucket(environment(**told))


def test_a_bucket_without_a_key_that_all_machines_share(tmp_path):
    told = OURS | {"S3_ACCESS_KEY_ID": "a", "S3_SECRET_ACCESS_KEY": "b"}
    sentence = refusal(RUNWAYWEB_DATA=tmp_path, **told)
    assert "S3_BUCKET is set and SECRET_KEY is not" in sentence


@pytest.mark.parametrize("most", ["-1", "1"])
def test_a_pool_that_is_too_small(most):
    with pytest.raises(ImproperlyConfigured, match="0, or to 2 or more"):
        neighbours.pool(environment(DATABASE_POOL=most))


def test_a_valkey_and_who_vouches_for_it(tmp_path):
    (tmp_path / "ca.pem").write_text("")
    address = "rediss://:secret@valkey.example.org:6379/0"
    assert neighbours.trusting(address, "") == address
    trusted = neighbours.trusting(f"{address}?protocol=3", str(tmp_path / "ca.pem"))
    assert trusted.startswith(f"{address}?protocol=3&ssl_ca_certs=%2F") and trusted.endswith("ca.pem")
    with pytest.raises(ImproperlyConfigured, match="VALKEY_CA_FILE is set and VALKEY_URL does not begin"):
        neighbours.trusting(address.replace("rediss", "redis"), str(tmp_path / "ca.pem"))
    with pytest.raises(ImproperlyConfigured, match="there is no such file"):
        neighbours.trusting(address, "/none.pem")

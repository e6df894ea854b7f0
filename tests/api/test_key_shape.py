"""How keys look: known by their prefix, random enough, and told from invented ones by their checksum."""

import math
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from runwayweb.api import keys
from runwayweb.api.models import Key
from tests.factories import make_user

LETTERS = st.text(keys.ALPHABET, min_size=1, max_size=80)
anything = st.one_of(
    st.text(max_size=80),
    LETTERS.map(lambda text: keys.PREFIX + text),
    LETTERS.map(lambda text: f"{keys.PREFIX}{text:0<38.38}"),
)


def test_a_key_is_a_prefix_190_random_bits_and_a_checksum():
    many = {keys.new_key() for _ in range(1000)}
    assert len(many) == 1000
    assert all(re.fullmatch(r"rwk_[0-9A-Za-z]{38}", one) and keys.is_well_formed(one) for one in many)
    assert math.log2(len(keys.ALPHABET)) * keys.RANDOM_LETTERS >= 160
    each_place = [{one[place] for one in many} for place in range(4, 36)]
    assert min(map(len, each_place)) == len(keys.ALPHABET), "every letter comes at every place"


@given(place=st.integers(0, 41), letter=st.sampled_from(keys.ALPHABET))
def test_one_wrong_letter_is_seen(place, letter):
    plain = keys.new_key()
    wrong = plain[:place] + letter + plain[place + 1 :]
    assert keys.is_well_formed(wrong) == (wrong == plain)


@given(first=st.integers(4, 40))
def test_two_letters_that_changed_places_are_seen(first):
    plain = keys.new_key()
    wrong = plain[:first] + plain[first + 1] + plain[first] + plain[first + 2 :]
    assert keys.is_well_formed(wrong) == (wrong == plain)


@given(anything)
@settings(max_examples=300)
def test_what_was_never_issued_is_no_key(text):
    assert not keys.is_well_formed(text)


@pytest.mark.django_db
def test_only_what_has_the_shape_of_a_key_is_looked_up():
    key, plain = Key.objects.issue(make_user("ada").open_workspace(), by=None, name="x")
    tries = {
        "": 0,
        "Bearer": 0,
        plain[:-1]: 0,
        plain[:-1] + ("a" if plain[-1] != "a" else "b"): 1,
        plain + "\n": 0,
        plain.replace("rwk_", "RWK_"): 0,
        plain + "\0": 0,
        keys.new_key(): 1,
        "ключ" * 10: 0,
    }
    for text, queries in tries.items():
        with CaptureQueriesContext(connection) as asked:
            assert Key.objects.find(text) is None
        assert len(asked) == queries, text


@pytest.mark.django_db
def test_of_a_key_only_its_digest_and_last_letters_are_kept():
    key, plain = Key.objects.issue(make_user("ada").open_workspace(), by=None, name="render farm")
    kept = str(Key.objects.values().get())
    assert plain not in kept and plain[4:-4] not in kept
    assert key.last_four == plain[-4:] and key.digest == keys.digest_of(plain)
    assert plain not in repr(key) and plain not in str(key.__dict__)
    assert key.shown == f"rwk_…{plain[-4:]}"

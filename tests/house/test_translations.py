"""The studio speaks French as well as English: what its catalogue says is whole, and is what is read."""

import re

import polib
import pytest
from django.conf import settings
from django.utils import translation

from runwayweb.management.commands.messages import LANGUAGES, catalogue_of, of_python, of_template, sentences
from runwayweb.templatetags.retold import retold

PERCENT = re.compile(r"%(?:\(\w+\))?[-+0 #]*\d*(?:\.\d+)?[sdrifgeExX%]")
BRACES = re.compile(r"\{\w*\}")
TAGS = re.compile(r"<[^>]*>")


@pytest.fixture(scope="module", params=LANGUAGES)
def catalogue(request):
    return polib.pofile(str(catalogue_of(request.param)))


def test_every_language_that_can_be_chosen_has_a_catalogue():
    assert {"en", *LANGUAGES} == {code for code, _name in settings.LANGUAGES}


def test_every_sentence_is_translated(catalogue):
    """What a page may say in English it says in the other languages: `make messages` tells what is missing."""
    known = {(entry.msgid, entry.msgid_plural, entry.msgctxt or ""): entry for entry in catalogue}
    said = {key for key, entry in known.items() if entry.translated() and not entry.fuzzy}
    missing = [f"{files[0]}: {sentence.text}" for sentence, files in sentences().items() if sentence not in said]
    assert not missing, f"Run `make messages`, then translate in {catalogue.fpath}:\n" + "\n".join(missing)


def test_what_is_read_is_what_was_translated(catalogue):
    """The compiled catalogue is kept beside its source, so that nobody needs gettext: `make messages` writes both."""
    compiled = polib.mofile(catalogue.fpath.removesuffix(".po") + ".mo")
    assert {_said(entry) for entry in compiled} == {_said(entry) for entry in catalogue.translated_entries()}
    assert compiled.metadata["Plural-Forms"] == catalogue.metadata["Plural-Forms"] == "nplurals=2; plural=(n > 1);"


def test_what_is_filled_in_is_the_same_in_both_languages(catalogue):
    """A lost %(name)s would break a page, a lost {name} a script, a lost tag a link."""
    for entry in catalogue.translated_entries():
        pairs = [(entry.msgid, entry.msgstr)]
        if entry.msgid_plural:
            pairs = [(entry.msgid_plural, said) for said in entry.msgstr_plural.values()]
            # “One file” may leave the number out, in either language.
            assert sorted(entry.msgstr_plural) == [0, 1], entry.msgid
        for english, said in pairs:
            for marks in (PERCENT, BRACES, TAGS):
                there, here = sorted(marks.findall(english)), sorted(marks.findall(said))
                alone = entry.msgid_plural and said == entry.msgstr_plural[0]
                assert here == there or (alone and set(here) <= set(there)), entry.msgid
            assert (english[:1].isspace(), english[-1:].isspace()) == (said[:1].isspace(), said[-1:].isspace()), english


def test_french_is_set_as_it_is_printed(catalogue):
    """No ordinary space before : ; ! ? and within « »: a line would break there."""
    for entry in catalogue.translated_entries():
        for said in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            words = TAGS.sub("", said)
            assert not re.search(r" [:;!?»]|« |[“”]|\w'\w", words), said


def test_a_page_is_told_in_french(client):
    page = client.get("/", headers={"accept-language": "fr"}).content.decode()
    assert '<html lang="fr"' in page
    assert "Faites un film" in page and "Make a film" not in page


def test_sentences_are_found_where_they_are_written():
    source = 'a = _("One") + ngettext("%(n)d file", "%(n)d files", n) + pgettext("view", "Close") + _(told)\n'
    assert sorted(of_python(source)) == [("%(n)d file", "%(n)d files", ""), ("Close", "", "view"), ("One", "", "")]
    template = """{% load i18n %}{% translate "Don't" %}{% translate 'Credits' context "title" %}
    {{ none|default:_("Nothing") }}
    {% blocktranslate trimmed count n=many with name=project.name %}
      {{ n }} take of {{ name }}: 5 %
    {% plural %}
      {{ n }} takes of {{ name }}: 5 %
    {% endblocktranslate %}"""
    assert set(of_template(template)) == {
        ("Don't", "", ""),
        ("Credits", "", "title"),
        ("Nothing", "", ""),
        ("%(n)s take of %(name)s: 5 %%", "%(n)s takes of %(name)s: 5 %%", ""),
    }


@pytest.mark.parametrize(("many", "said"), [(0, "0 fichier"), (1, "1 fichier"), (2, "2 fichiers")])
def test_none_is_one_in_french(many, said):
    with translation.override("fr"):
        assert translation.ngettext("%(n)d file", "%(n)d files", many) % {"n": many} == said


KEPT = [
    ("Stopped.", "Arrêté."),
    ("The machine that drew this stopped 3 times. Try again, or shorter or smaller.", "s’est arrêtée 3 fois"),
    ("Wan 2.2 works with what it is shown; it cannot use a mask.", "ne peut pas utiliser un masque"),
    ("Lyrics is 100% unknown here.", "Lyrics is 100% unknown here."),
    ("", ""),
]


@pytest.mark.parametrize(("sentence", "said"), KEPT)
def test_a_sentence_that_a_row_keeps_is_told_in_the_language_of_the_page(sentence, said):
    with translation.override("fr"):
        assert said in retold(sentence)
    with translation.override("en"):
        assert retold(sentence) == sentence


def _said(entry):
    return entry.msgctxt, entry.msgid, entry.msgid_plural, entry.msgstr or tuple(sorted(entry.msgstr_plural.items()))

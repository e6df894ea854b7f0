"""Files are found by parts of what is said of them, and no query is a command."""

import pytest
from django.db import connection

from runwayweb.assets.models import Asset, AssetWords, Tag
from runwayweb.assets.search import parts_of, plain
from tests.factories import make_asset

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace(ada):
    return ada.open_workspace()


@pytest.fixture
def files(workspace):
    said = {
        "fox": "A red FOX walks in a pine forest at dusk",
        "cafe": "Un café à Orléans, la nuit",
        "harbour": "the harbour at night, 100 % fog",
        "tokyo": "東京の夜",
    }
    files = {}
    for name, prompt in said.items():
        files[name] = make_asset(workspace, name=f"{name}.mp4")
        files[name].tell(prompt)
    return files


def found(query):
    return {asset.name.removesuffix(".mp4") for asset in Asset.objects.said(query)}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("fox", {"fox"}),
        ("FOREST dusk", {"fox"}),
        ("ores", {"fox"}),
        ("dusk fox", {"fox"}),
        ("fox harbour", set()),
        ("cafe orleans", {"cafe"}),
        ("CAFÉ", {"cafe"}),
        ("harbour.mp4", {"harbour"}),
        ("fo", {"fox", "harbour"}),  # fox, forest, fog: where words begin
        ("ox", set()),
        ("a fo", {"fox", "harbour"}),
        ("10", {"harbour"}),
        ("京", {"tokyo"}),
        ("東京の", {"tokyo"}),
    ],
)
def test_parts_of_words_are_found_whatever_their_case_and_accents(files, query, names):
    assert found(query) == names


@pytest.mark.parametrize(
    "query",
    ['"', '"fox', "fox*", "*", "fox NEAR/2 forest", "NEAR(fox forest)", "fox OR harbour", "words:fox", "-fox", "%", "_",
     "\\", "'; DROP TABLE assets_asset; --", "()", "^fox", "{x}", "   ", "\ud800", "x" * 100_000, "fox " * 30_000,
     "\u0301" * 9],
)  # fmt: skip
def test_no_query_is_a_command(files, query):
    assert found(query) <= {"fox", "harbour"}
    assert Asset.objects.count() == 4


def test_what_a_query_asks_for_is_short(files):
    assert parts_of('the "red" fox* NEAR the') == ["the", "red", "fox", "near"]
    assert len(parts_of(" ".join(f"w{n}" for n in range(200)))) <= 12
    assert plain("Éa, b") == " ea b "


def test_a_new_name_new_tags_and_a_deletion_are_seen_at_once(files, workspace):
    fox = files["fox"]
    files["tokyo"].rename("Hero shot.mp4")
    assert found("hero") == {"Hero shot"} and found("tokyo") == set()
    Tag.objects.put_on([fox, files["cafe"]], ["Second unit"], workspace=workspace)
    assert found("unit secon") == {"fox", "cafe"}
    Tag.objects.take_off([fox], ["second UNIT"], workspace=workspace)
    assert found("unit") == {"cafe"}
    Tag.objects.settle(files["cafe"], [])
    assert found("unit") == set() and not Tag.objects.exists()
    files["cafe"].delete()
    assert found("cafe") == set() and AssetWords.objects.count() == 3


def test_tagging_many_files_costs_few_queries(workspace, django_assert_max_num_queries):
    files = [make_asset(workspace, name=f"{number}.mp4") for number in range(60)]
    with django_assert_max_num_queries(14):
        Tag.objects.put_on(files, ["night", "hero"], workspace=workspace)
    assert Asset.objects.said("hero night").count() == 60


def test_the_database_itself_keeps_the_index():
    """A later migration that makes the table anew would lose it, and every search would go on, slowly or in vain."""
    kept = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'assets_assetwords' ORDER BY 1",
        "postgresql": "SELECT indexname FROM pg_indexes WHERE indexname = 'assets_search'",
    }
    with connection.cursor() as cursor:
        cursor.execute(kept[connection.vendor])
        names = [name for (name,) in cursor.fetchall()]
    triggers = ["assets_search_delete", "assets_search_insert", "assets_search_update"]
    assert names == (triggers if connection.vendor == "sqlite" else ["assets_search"])

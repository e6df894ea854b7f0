"""No line of the studio's own code does what the rules of code_rules.py forbid, and each rule finds what breaks it."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.code_rules import EXPLAINED, RULES, UNESCAPED

ROOT = Path(__file__).parents[2]
CODE = sorted(
    file.relative_to(ROOT).as_posix()
    for place in ("runwayweb", "projects", "generation", "manage.py", "prepare.py")
    for file in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))
)
MIGRATIONS_MAY = {"sql"}  # their SQL is written before anybody uses the studio


@pytest.fixture(scope="module")
def trees():
    return {path: ast.parse((ROOT / path).read_text()) for path in CODE}


@pytest.mark.parametrize("name", RULES)
def test_no_line_breaks_it(name, trees):
    rule = RULES[name]
    assert len(trees) > 400
    broken = [
        f"{path}:{node.lineno}"
        for path, tree in trees.items()
        if rule.holds_in(path) and not rule.allows(path) and not (name in MIGRATIONS_MAY and "/migrations/" in path)
        for node in rule.finds(tree)
    ]
    assert not broken, f"{rule.why} {broken}"


@pytest.mark.parametrize("name", RULES)
def test_where_it_may_be_broken_it_is(name, trees):
    rule = RULES[name]
    used = {rule.allows(path) for path, tree in trees.items() if rule.allows(path) and any(rule.finds(tree))}
    assert used == set(rule.allowed)
    assert all(len(why) > 15 for why in rule.allowed.values())


@pytest.mark.parametrize(("name", "line"), [(name, line) for name, rule in RULES.items() for line in rule.bad])
def test_a_line_that_breaks_it_is_found(name, line):
    assert list(RULES[name].finds(ast.parse(line)))


@pytest.mark.parametrize(("name", "line"), [(name, line) for name, rule in RULES.items() for line in rule.fine])
def test_a_line_that_keeps_it_is_not(name, line):
    assert not list(RULES[name].finds(ast.parse(line)))


def test_no_template_shows_what_it_is_given_unescaped():
    texts = {file: file.read_text() for file in (ROOT / "templates").rglob("*.html")}  # mail is plain text
    assert len(texts) > 100
    assert not [file for file, text in texts.items() if UNESCAPED.search(text)]


@pytest.mark.parametrize("text", ["{{ name|safe }}", "{{ a| safe }}", "{% autoescape off %}", "{{ rows|safeseq }}"])
def test_a_template_that_does_is_found(text):
    assert UNESCAPED.search(text)


def test_what_bandit_is_told_to_pass_over_says_why():
    lines = [
        f"{path}:{number} {line.strip()}"
        for path in CODE
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1)
        if re.search(r"#\s*nosec", line) and not EXPLAINED.search(line)
    ]
    assert not lines
    assert EXPLAINED.search("x = 1  # nosec B104  # nobody is let in here: this is compared with")
    unexplained = ("x  # nosec", "x  # nosec B104", "x  # nosec: trust me, it is fine")
    assert not any(EXPLAINED.search(line) for line in unexplained)

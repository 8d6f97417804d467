"""The map of the front page: every chapter once, nothing above what it builds on."""

from pathlib import Path

import pytest

from _ext.topics import load_topics

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = {path.stem for path in (ROOT / "chapters").glob("[0-9]*.ipynb")}
TOPICS = [
    {"chapter": "01-a", "at": [0, 0], "builds_on": []},
    {"chapter": "02-b", "at": [1, 0], "builds_on": ["01-a"]},
]


@pytest.fixture
def load(listed):
    return lambda *topics: load_topics(listed("topics.yml", topics), {"01-a", "02-b"})


def test_the_map_of_the_book_holds():
    topics = load_topics(ROOT / "topics.yml", CHAPTERS)
    assert {topic["chapter"] for topic in topics} == CHAPTERS


def test_a_right_map_comes_back(load):
    assert load(*TOPICS) == TOPICS


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"at": [0, 0]}, "a chapter or a place stands twice"),
        ({"at": [0, 1]}, "02-b must stand below 01-a, on which it builds"),
        ({"builds_on": ["03-c"]}, "02-b must stand below 03-c"),
        ({"builds_on": ["02-b"]}, "02-b must stand below 02-b"),
        ({"chapter": "03-c"}, "every chapter stands on the map, and nothing else: 02-b, 03-c"),
        ({"at": [1]}, "1.at: "),
        ({"at": [1, -1]}, "1.at.1: -1 is less than"),
        ({"colour": "red"}, "'colour' was unexpected"),
    ],
)
def test_a_wrong_map_is_refused(load, change, message):
    with pytest.raises(ValueError, match=message):
        load(TOPICS[0], TOPICS[1] | change)


def test_a_chapter_twice_is_refused(load):
    with pytest.raises(ValueError, match="stands twice"):
        load(*TOPICS, TOPICS[1] | {"at": [2, 0]})

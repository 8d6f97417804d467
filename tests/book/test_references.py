"""references.yml is checked before anything is drawn from it, and a citation is found however the text writes it."""

import re

import pytest

from _ext.references import cited, load_references, pattern
from flashcards.sources import SourceError

WORK = {"cite": "Kingma & Ba 2015", "authors": "D. P. Kingma, J. L. Ba", "title": "Adam", "in": "ICLR"}


@pytest.fixture
def load(listed):
    return lambda *entries: load_references(listed("references.yml", entries))


def test_works_are_known_by_their_citations(load):
    assert load(WORK, WORK | {"cite": "Polyak 1964"})["Kingma & Ba 2015"]["title"] == "Adam"


@pytest.mark.parametrize(
    "entries, named",
    [
        ([{key: WORK[key] for key in ("cite", "authors", "in")}], "references.yml:1: 'title'"),
        ([WORK | {"title": ""}], "references.yml:1: title: "),
        ([WORK | {"cite": "Kingma & Ba"}], "references.yml:1: cite: "),
        ([WORK | {"pages": "1"}], "'pages'"),
        ([WORK | {"cite": "Polyak 1964"}, WORK], "'Kingma & Ba 2015' after 'Polyak 1964'"),
        ([WORK, WORK], "none stands twice"),
    ],
)
def test_a_wrong_entry_is_named(load, entries, named):
    with pytest.raises(SourceError, match=re.escape(named)):
        load(*entries)


def test_what_is_no_list_is_refused(tmp_path):
    path = tmp_path / "references.yml"
    path.write_text("cite: Polyak 1964\n", encoding="utf8")
    with pytest.raises(SourceError, match="references.yml: a list of works"):
        load_references(path)


CITES = ["Bengio 2012", "Bergstra & Bengio 2012", "He et al. 2015", "Mikolov et al. 2013b", "van Laarhoven 2017"]


@pytest.mark.parametrize(
    "text, found",
    [
        ("as Bergstra & Bengio 2012 say", ["Bergstra & Bengio 2012"]),
        ("(Bengio 2012)", ["Bengio 2012"]),
        ("He et al. (2015) halve it", ["He et al. 2015"]),
        ("何恺明（He et al. 2015）与 van Laarhoven（2017）", ["He et al. 2015", "van Laarhoven 2017"]),
        ("Mikolov et al. 2013b, Bengio 2012", ["Mikolov et al. 2013b", "Bengio 2012"]),
        ("in 2015 He et al. wrote", []),
        ("He et al. 2016", []),
        ("Bengio 20125", []),
    ],
)
def test_a_citation_is_found_as_it_is_written(text, found):
    assert [cited(match[0]) for match in pattern(CITES).finditer(text)] == found


@pytest.mark.parametrize("text, link", [("(Bengio 2012)", "Bengio 2012"), ("Bengio (2012)", "Bengio (2012)")])
def test_the_brackets_around_a_citation_are_no_part_of_it(text, link):
    assert pattern(CITES).search(text)[0] == link


def test_no_work_at_all_finds_nothing():
    assert not pattern([]).search("He et al. 2015")

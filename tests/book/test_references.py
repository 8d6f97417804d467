"""references.yml is checked before anything is drawn from it, and a citation is found however the text writes it."""

import pytest
import yaml

from _ext.references import anchor, cited, load_references, pattern

WORK = {"cite": "Kingma & Ba 2015", "authors": "D. P. Kingma, J. L. Ba", "title": "Adam", "in": "ICLR"}


@pytest.fixture
def load(tmp_path):
    def read(*entries):
        path = tmp_path / "references.yml"
        path.write_text(yaml.safe_dump(list(entries), allow_unicode=True), encoding="utf8")
        return load_references(path)

    return read


def test_works_are_known_by_their_citations(load):
    assert load(WORK, WORK | {"cite": "Polyak 1964"})["Kingma & Ba 2015"]["title"] == "Adam"


@pytest.mark.parametrize(
    "entries, named",
    [
        ([{key: WORK[key] for key in ("cite", "authors", "in")}], "entry 0: 'title'"),
        ([WORK | {"title": ""}], "entry 0.title"),
        ([WORK | {"cite": "Kingma & Ba"}], "entry 0.cite"),
        ([WORK | {"pages": "1"}], "'pages'"),
        ([WORK | {"cite": "Polyak 1964"}, WORK], "'Kingma & Ba 2015' after 'Polyak 1964'"),
        ([WORK, WORK], "none stands twice"),
    ],
)
def test_a_wrong_entry_is_named(load, entries, named):
    with pytest.raises(ValueError, match="references.yml.*") as error:
        load(*entries)
    assert named in str(error.value)


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
        ("Bengio 20125", []),
    ],
)
def test_a_citation_is_found_as_it_is_written(text, found):
    assert [cited(match) for match in pattern(CITES).finditer(text)] == found


@pytest.mark.parametrize("text, link", [("(Bengio 2012)", "Bengio 2012"), ("Bengio (2012)", "Bengio (2012)")])
def test_the_brackets_around_a_citation_are_no_part_of_it(text, link):
    assert pattern(CITES).search(text)[0] == link


def test_two_works_have_two_places():
    assert len({anchor(cite) for cite in [*CITES, "Mikolov et al. 2013a", "Mikolov, Yih & Zweig 2013"]}) == 7


def test_no_work_at_all_finds_nothing():
    assert not pattern([]).search("He et al. 2015")

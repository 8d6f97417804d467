"""A small book, for each test its own."""

from pathlib import Path

import pytest
import yaml
from small_book import ADDRESS, REPOSITORY, TO_RUN, build, copy_book, insert, shrink

from tests.conftest import write_assumed_ledger


def make_small_book(folder):
    book = shrink(copy_book(folder))
    write_assumed_ledger(book / "ledger.json", book / "chapters")
    return book


@pytest.fixture
def small_book(tmp_path):
    """One chapter and what every book has, in a folder with a ledger: quick to build, to be spoilt."""
    return make_small_book(tmp_path)


@pytest.fixture
def listed(tmp_path):
    """Writes entries as a list into a file of this name; returns the file."""

    def write(name, entries):
        path = tmp_path / name
        path.write_text(yaml.safe_dump(list(entries), allow_unicode=True), encoding="utf8")
        return path

    return write


@pytest.fixture(scope="session")
def published(run_folder, once):
    """The site of a small book with code, as it is built where the book has an address and a repository."""

    def make() -> str:
        book = make_small_book(run_folder / "published")
        insert(book, *TO_RUN)
        done = build(book, BOOK_URL=f"{ADDRESS}/", BOOK_REPOSITORY=REPOSITORY)
        assert done.returncode == 0, done.stderr
        return str(book / "_build" / "site")

    return Path(once({"published-log": make})["published-log"])

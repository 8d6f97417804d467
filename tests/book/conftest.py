"""A small book, for each test its own."""

import pytest
from small_book import copy_book, shrink

from tests.conftest import write_assumed_ledger


@pytest.fixture
def small_book(tmp_path):
    """One chapter and what every book has, in a folder with a ledger: quick to build, to be spoilt."""
    book = shrink(copy_book(tmp_path))
    write_assumed_ledger(book / "ledger.json", book / "chapters")
    return book

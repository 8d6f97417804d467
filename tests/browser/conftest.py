"""A browser that sees only the built site, and notes whatever goes wrong on a page."""

import os
from functools import partial

import pytest
from playwright.sync_api import sync_playwright

from tools.browsing import FLAGS, HOW_TO_GET_ONE, find_chromium, serve

from . import book
from .visits import DESKTOP, PARTS, Visit, visit_part

SCHEMES = ("http", "file")


@pytest.fixture(scope="package")
def browser():
    executable = find_chromium()
    if not executable:
        give_up = pytest.fail if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip
        give_up(HOW_TO_GET_ONE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def bases(browser, site) -> dict[str, str]:
    """Where the site stands: on a local server, and on the disk. The browser first: without, no build."""
    with serve(site) as address:
        yield {"http": address, "file": site.as_uri()}


@pytest.hookimpl(tryfirst=True)  # before what is marked is chosen
def pytest_collection_modifyitems(items):
    """A visit of every page of every edition is a long tour."""
    for item in items:
        if "visits" in item.fixturenames:
            item.add_marker("exhaustive")


class Reader:
    """Somebody with a browser, no network, and a notebook for every fault they meet."""

    def __init__(self, browser, bases, **options):
        self.bases = bases
        self.faults = []
        self.context = browser.new_context(**{"viewport": DESKTOP, **options})
        self.context.set_default_timeout(10_000)
        self.context.set_default_navigation_timeout(30_000)  # the ledger is long, and a machine may be busy
        # The browser resolves no name, so what leaves the site fails; to route it would shut off the cache.
        self.context.on("request", self._note_request)
        self.context.on("console", self._note_message)
        self.context.on("weberror", lambda error: self.faults.append(f"script error: {error.error}"))
        self.context.on("response", self._note_response)
        self.context.on("requestfailed", self._note_failure)
        self.page = self.context.new_page()

    def open(self, path: str, scheme: str = "http"):
        """Go to a page of the site and wait until it is complete."""
        self.page.goto(f"{self.bases[scheme]}/{path}", wait_until="load")
        return self.page

    def where(self) -> str:
        """The address of the open page, seen from the root of the site."""
        base = next(base for base in self.bases.values() if self.page.url.startswith(base))
        return self.page.url.removeprefix(base).lstrip("/")

    def take_faults(self) -> list[str]:
        """What went wrong since the last time somebody asked."""
        taken, self.faults = self.faults, []
        return taken

    def _note_request(self, request):
        inside = tuple(f"{base}/" for base in self.bases.values()) + ("data:", "blob:")
        if not request.url.startswith(inside):
            self.faults.append(f"request to the outside: {request.url}")

    def _note_message(self, message):
        if message.type in ("error", "warning"):
            self.faults.append(f"console {message.type}: {message.text}")

    def _note_response(self, response):
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def _note_failure(self, request):
        # Somebody who clicks on before everything has arrived aborts what is under way.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"{request.failure}: {request.url}")


@pytest.fixture
def reader(browser, bases):
    """Makes readers, one for each set of browser options; whatever they do, nothing may go wrong."""
    readers = []

    def make(**options) -> Reader:
        readers.append(Reader(browser, bases, **options))
        return readers[-1]

    yield make
    for one in readers:
        one.context.close()
    assert [fault for one in readers for fault in one.faults] == []


@pytest.fixture(scope="package")
def visits(browser, bases, once) -> list[Visit]:
    """Every page of every edition, visited once a run, each part of them by the worker that comes to it first."""
    make_reader = partial(Reader, browser, bases)
    parts = {f"visits-{edition}-{part}": (edition, part) for edition in book.EDITIONS for part in range(PARTS)}
    made = once({name: partial(visit_part, *which, make_reader) for name, which in parts.items()})
    return [Visit(**visit) for visits in made.values() for visit in visits]

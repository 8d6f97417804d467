"""The menu of a page: what it offers to those who want to run it, and where; and what the site packs for them."""

import json
import re
import subprocess
import sys
import zipfile
from html import unescape
from pathlib import Path

import pytest
from small_book import ADDRESS, REPOSITORY, ROOT, TO_RUN, build, copy_book, insert

from _ext.downloads import install_cell, requirement, script
from _ext.running import hosted
from tools.packing import OFFER, OFFLINE, build_wheel, write_zip

PAGE = "chapters/01-activations"
EDITIONS = ("zh", "en", "bi")


@pytest.fixture
def run_book(small_book):
    """The small book with a cell to run, and the offer of the whole site."""
    insert(small_book, *TO_RUN)
    return small_book


def built(folder: Path) -> Path:
    done = build(folder)
    assert done.returncode == 0, done.stderr
    return folder / "_build" / "site"


def menu(page: Path) -> dict[str, str]:
    """The links of the menu, by their words."""
    menus = re.findall(r'<details class="run-menu">.*?</details>', page.read_text(encoding="utf8"), re.DOTALL)
    links = re.findall(r'<a href="([^"]*)"[^>]*>(.*?)</a>', "".join(menus))
    return {unescape(words): unescape(url) for url, words in links}


def first_code(site: Path, edition: str) -> dict:
    cells = json.loads((site / edition / "_sources" / f"{PAGE}.ipynb").read_text(encoding="utf8"))["cells"]
    return next(cell for cell in cells if cell["cell_type"] == "code")


def test_a_book_that_stands_somewhere_runs_there(published):
    (wheel,) = published.glob("*.whl")
    for edition in EDITIONS:
        links = menu(published / edition / f"{PAGE}.html").values()
        assert list(links)[2:4] == [
            f"https://colab.research.google.com/github/reader/notes/blob/gh-pages/{edition}/_sources/{PAGE}.ipynb",
            "https://mybinder.org/v2/gh/reader/notes/HEAD?labpath=chapters%2F01-activations.ipynb",
        ]
        # What the notebook asks for is what the site holds.
        assert first_code(published, edition) == install_cell(edition, f"notesrc[chapters] @ {ADDRESS}/{wheel.name}")
        assert script(json.loads((published / edition / "_sources" / f"{PAGE}.ipynb").read_text(encoding="utf8"))) == (
            published / edition / "_sources" / f"{PAGE}.py"
        ).read_text(encoding="utf8")


def test_a_book_that_stands_nowhere_names_no_address(run_book):
    site = built(run_book)
    for edition in EDITIONS:
        folder = site / edition / "chapters"
        links = menu(site / edition / f"{PAGE}.html")
        assert list(links.values()) == [f"../_sources/{PAGE}.ipynb", f"../_sources/{PAGE}.py", f"../../{OFFLINE}"]
        assert all((folder / url).is_file() for url in links.values())
        assert first_code(site, edition) == install_cell(edition, None)
        # A page without code has nothing to run.
        assert menu(folder / "index.html") == {}
        assert sorted(path.name for path in (site / edition / "_sources" / "chapters").iterdir()) == [
            "01-activations.ipynb",
            "01-activations.py",
        ]
    line = '<p class="run-offline"><a href="../../notes-offline.zip" download>Download the whole site, to read offline</a></p>'
    assert line in (site / "en" / f"{PAGE}.html").read_text(encoding="utf8")
    with zipfile.ZipFile(site / OFFLINE) as archive:
        assert OFFLINE not in archive.read(f"notes/en/{PAGE}.html").decode()


def test_the_menu_speaks_the_language_of_the_edition(site):
    english = list(menu(site / "en" / f"{PAGE}.html"))
    assert english == ["Download the notebook", "Download the script", "Download the whole site, to read offline"]
    chinese = list(menu(site / "zh" / f"{PAGE}.html"))
    assert chinese == ["下载笔记本", "下载脚本", "下载全站，离线阅读"]
    assert list(menu(site / "bi" / f"{PAGE}.html")) == chinese


@pytest.mark.parametrize(
    ("repository", "name"),
    [
        (REPOSITORY, "reader/notes"),
        (f"{REPOSITORY}/", "reader/notes"),
        (f"{REPOSITORY}.git", "reader/notes"),
        ("https://github.com/re-ader/no.tes", "re-ader/no.tes"),
    ],
)
def test_a_repository_on_github_is_opened_by_colab_and_binder(repository, name):
    colab, binder = hosted(repository, "zh", PAGE).values()
    assert f"/github/{name}/blob/" in colab and f"/gh/{name}/HEAD" in binder


@pytest.mark.parametrize("repository", ["", "https://git.example/reader/notes", "https://github.com/reader", "notes"])
def test_what_is_not_on_github_they_cannot_open(repository):
    assert hosted(repository, "zh", PAGE) == {}


def test_the_wheel_is_the_package_and_is_the_same_bytes_from_any_clone(tmp_path):
    book = copy_book(tmp_path / "clone")
    for path in (book / "notesrc").glob("*.py"):
        path.chmod(0o664)
    wheels = []
    for name, source in (("one", ROOT), ("two", book)):
        folder = tmp_path / name
        folder.mkdir()
        done = build_wheel(source, folder)
        assert done.returncode == 0, done.stderr
        wheels += folder.iterdir()
    one, two = wheels
    assert one.read_bytes() == two.read_bytes()
    assert requirement(ADDRESS, "", "0.1.0") == f"notesrc[chapters] @ {ADDRESS}/{one.name}"
    sources = {f"notesrc/{path.relative_to(ROOT / 'notesrc').as_posix()}" for path in (ROOT / "notesrc").rglob("*.*")}
    packed = set(zipfile.ZipFile(one).namelist())
    assert {name for name in packed if name.startswith("notesrc/")} == {
        name for name in sources if "__pycache__" not in name
    }
    # It works from the wheel alone.
    command = "import sys; sys.path.insert(0, sys.argv[1]); import notesrc.activations as a; "
    command += "print(a.__file__, a.relu(-1.0))"
    done = subprocess.run([sys.executable, "-I", "-c", command, str(one)], capture_output=True, text=True)
    assert done.stdout.split() == [str(one / "notesrc" / "activations.py"), "0.0"], done.stderr


def test_the_zip_is_the_whole_site_less_the_offer_of_itself(site, tmp_path):
    with zipfile.ZipFile(site / OFFLINE) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    for path in site.rglob("*"):
        copy = tmp_path / "notes" / path.relative_to(site)
        if path.is_file() and path.name != OFFLINE:
            content = path.read_bytes()
            assert copy.read_bytes() == (OFFER.sub(b"", content) if path.suffix == ".html" else content), path
    assert not (tmp_path / "notes" / OFFLINE).exists()
    pages = [path for path in (tmp_path / "notes").rglob("*.html")]
    assert len(pages) == len(list(site.rglob("*.html")))
    offering = [page for page in pages if OFFLINE in page.read_text(encoding="utf8")]
    assert not offering and len(menu(tmp_path / "notes" / "en" / f"{PAGE}.html")) == 2


def test_the_zip_is_the_same_bytes_whenever_it_is_packed(tmp_path):
    for name, content in {"b/x.html": "b", "a.png": "a"}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    first = write_zip(tmp_path).read_bytes()
    (tmp_path / "a.png").touch()
    (tmp_path / "a.png").chmod(0o600)
    assert write_zip(tmp_path).read_bytes() == first
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["a.png", OFFLINE, "x.html"]

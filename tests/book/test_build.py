"""The build: strict, deterministic, and with what the reader needs and nothing else."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from small_book import build, insert


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


PLANTED = {
    "zh cell without its en twin": {"metadata": {"tags": ["zh"]}, "source": "只有中文"},
    "display formula without a kebab-case label: a = b": {"source": "$$ a = b $$"},
    "label 'sigmoid' is used already": {"source": "$$ a = b $$ (sigmoid)"},
    "heading without two languages, 中文 · English: Alone": {"source": "## Alone"},
    "unknown tag nonsense": {"metadata": {"tags": ["nonsense"]}, "source": "$1$"},
    "Chinese in a code cell: # 注释": {
        "cell_type": "code",
        "source": "# 注释",
        "outputs": [],
        "execution_count": 1,
    },
    "Chinese in an output": {
        "cell_type": "code",
        "source": "x",
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "结果"}],
        "execution_count": 1,
    },
    r"TeX: Undefined control sequence: \nonsense": {"source": r"$\nonsense$"},
    "equation not found: no-such-label": {"source": "{eq}`no-such-label`"},
    "no-such-page.ipynb": {"source": "[.](no-such-page.ipynb)"},
}


def test_the_small_book_builds_in_any_folder_to_the_same_bytes(small_book, tmp_path_factory):
    again = tmp_path_factory.mktemp("another") / "folder"
    shutil.copytree(small_book, again)
    for folder in (small_book, again):
        done = build(folder)
        assert done.returncode == 0, done.stderr
    assert contents(small_book / "_build" / "site") == contents(again / "_build" / "site") != {}


def test_each_planted_fault_fails_the_build_and_is_located_and_the_last_good_site_is_kept(small_book):
    site = small_book / "_build" / "site"
    site.mkdir(parents=True)
    (site / "index.html").write_text("good")
    insert(small_book, *PLANTED.values())
    done = build(small_book)
    assert done.returncode == 1
    for message in PLANTED:
        (line, *_) = [line for line in done.stderr.splitlines() if message in line] or [""]
        assert "chapters/01-activations.ipynb" in line, f"{message!r} is not located in:\n{done.stderr}"
    assert contents(site) == {"index.html": b"good"}
    assert [path.name for path in site.parent.iterdir()] == ["site"], "something half-built was left behind"


def test_a_wrong_term_fails_the_build_and_is_named(small_book):
    (small_book / "terms.yml").write_text("- {id: loss, zh: 损失}\n", encoding="utf8")
    done = build(small_book)
    assert done.returncode == 1 and "terms.yml: 'en' is a required property" in done.stderr


def test_nothing_is_shipped_that_no_page_needs(site):
    for path in contents(site):
        assert not re.search(r"\.(map|ttf|woff|eot|inv|buildinfo|doctree|pickle|po|mo|part)$", path), path
        assert not path.endswith(".py") or re.match(r"(zh|en|bi)/_sources/chapters/", path), path  # the scripts to download
    for edition in ("zh", "en", "bi"):
        css = "".join(path.read_text(encoding="utf8") for path in (site / edition / "_static").rglob("*.css"))
        fonts = {path.name for path in (site / edition).rglob("*.woff2")}
        assert fonts == set(re.findall(r"([\w-]+\.woff2)", css))


def test_every_page_is_in_every_edition(site):
    pages = {
        edition: {path for path in contents(site / edition) if path.endswith(".html")} for edition in ("zh", "en", "bi")
    }
    assert pages["zh"] == pages["en"] == pages["bi"]
    assert "chapters/01-activations.html" in pages["zh"]


def test_no_edition_shows_a_heading_of_both_languages(site):
    for edition in ("zh", "en"):
        for page in (site / edition).rglob("*.html"):
            for heading in re.findall(r"<(h[1-6]|title|li class=\"toctree)[^>]*>(.*?)</", page.read_text(encoding="utf8")):
                assert " · " not in heading[1], f"{page}: {heading[1]}"


def test_plain_jupyter_book_builds_the_bilingual_edition_without_a_warning(small_book):
    done = subprocess.run(
        [Path(sys.executable).with_name("jupyter-book"), "build", "."], cwd=small_book, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr + done.stdout and "build succeeded." in done.stdout
    html = (small_book / "_build" / "html" / "chapters" / "01-activations.html").read_text(encoding="utf8")
    assert "激活函数 · Activation functions" in html and 'class="lang-en"' in html
    assert "language-switch" not in html, "a link to an edition that this build does not make"
    assert 'class="checked"' not in html, "a formula is called checked though no check has run"
    ledger = (small_book / "_build" / "html" / "chapters" / "ledger.html").read_text(encoding="utf8")
    assert "The checks have not been run here" in ledger and 'id="ledger-sigmoid"' in ledger

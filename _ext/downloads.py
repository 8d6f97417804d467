"""What a reader takes home of a page: the notebook of their edition, which asks for the package that it needs, and the
same as a script. Knows of notebooks, nothing of Sphinx."""

import re

from . import cells as c

_DIRECTIVE = re.compile(r"(`{3,}|:{3,})\{[\w-]+\}.*\n\1", re.DOTALL)
_HEADING_ALONE = re.compile(r"#{1,6} .+")
_LINK_TO_NOTEBOOK = re.compile(r"\]\(([\w-]+)\.ipynb(#[\w-]+)?\)")

IN_THE_CLONE = ".[chapters]"
ADVICE = {
    "zh": (
        "本页要用到 notesrc 包。请先安装，再从头运行：{}",
        "本页要用到 notesrc 包。请先在本书的源码文件夹里安装，再从头运行：{}",
    ),
    "en": (
        "This page needs the package notesrc. Install it, and run again from the top: {}",
        "This page needs the package notesrc. Install it in a clone of the book, and run again from the top: {}",
    ),
}
INSTALL = """\
# The functions of these notes are in the package notesrc. On Colab this cell installs it; elsewhere it only says how.
import importlib
import subprocess
import sys

try:
    import notesrc
except ModuleNotFoundError:
    try:
        import google.colab
    except ModuleNotFoundError:
        raise ModuleNotFoundError({advice}) from None
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", {package!r}], check=True)
    importlib.invalidate_caches()  # else this kernel would not look for it again"""
ASK = """\
# The functions of these notes are in the package notesrc; where it is missing, this cell says how to install it.
try:
    import notesrc
except ModuleNotFoundError:
    raise ModuleNotFoundError({advice}) from None"""
IMPORT_NOTHING = """\
# As in a notebook, the workers of a pool import the modules that they need, and do not run this file again.
globals().pop("__file__", None)"""


def wheel_name(version: str) -> str:
    return f"notesrc-{version}-py3-none-any.whl"


def requirement(address: str, repository: str, version: str) -> str | None:
    """What pip is asked for: the wheel of the site, else the repository; None where the book has neither."""
    if address:
        return f"notesrc[chapters] @ {address.rstrip('/')}/{wheel_name(version)}"
    return f"notesrc[chapters] @ git+{repository}" if repository else None


def has_code(notebook: dict) -> bool:
    return any(cell["cell_type"] == "code" for cell in notebook["cells"])


def download_notebook(notebook: dict, edition: str, package: str | None = None, pages: str = "") -> dict:
    """The notebook that a reader downloads: the cells of the edition, the first with code being what gets ``package``.

    What a directive draws stands on the site alone. ``pages`` is where the edition's chapters stand, for links to them.
    """
    result = c.edition_notebook(notebook, edition)
    result["cells"] = _without_directives(result["cells"])
    if pages:
        for cell in result["cells"]:
            if cell["cell_type"] == "markdown":
                to = rf"]({pages.rstrip('/')}/\1.html\2)"
                cell["source"] = _LINK_TO_NOTEBOOK.sub(to, c.source(cell))
    first = next((index for index, cell in enumerate(result["cells"]) if cell["cell_type"] == "code"), None)
    if first is not None:
        result["cells"].insert(first, install_cell(edition, package))
    return result


def _without_directives(cells: list[dict]) -> list[dict]:
    """Leave out the directives, and a heading under which nothing else stands."""
    kept = []
    for index, cell in enumerate(cells):
        if not _DIRECTIVE.fullmatch(_prose(cell)):
            kept.append(cell)
        elif kept and _is_heading(kept[-1]) and (index + 1 == len(cells) or _is_heading(cells[index + 1])):
            kept.pop()
    return kept


def _prose(cell: dict) -> str:
    return c.source(cell).strip() if cell["cell_type"] == "markdown" else ""


def _is_heading(cell: dict) -> bool:
    return _HEADING_ALONE.fullmatch(_prose(cell)) is not None


def install_cell(edition: str, package: str | None) -> dict:
    """The cell that installs ``package`` on Colab; elsewhere, or where there is none to install, it says what to do."""
    command = f'pip install "{package or IN_THE_CLONE}"'
    spoken = [edition] if edition in c.LANGUAGES else c.LANGUAGES
    advice = "\n".join(ADVICE[lang][package is None].format(command) for lang in spoken)
    text = (INSTALL if package else ASK).format(advice=f"{advice!r}", package=package)
    own = {"id": "install", "metadata": {}, "source": text}
    return {"cell_type": "code", **own, "outputs": [], "execution_count": None}


def script(notebook: dict) -> str:
    """A downloaded notebook as a script whose cells editors know by ``# %%``; its prose is comments."""
    parts = [_block(cell) for cell in notebook["cells"]]
    if "multiprocessing" in "".join(parts):
        parts.insert(0, f"# %%\n{IMPORT_NOTHING}\n")
    return "\n".join(parts)


def _block(cell: dict) -> str:
    text = c.source(cell).strip("\n")
    if cell["cell_type"] == "code":
        return f"# %%\n{text}\n"
    lines = "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())
    return f"# %% [markdown]\n{lines}"

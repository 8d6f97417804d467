"""axe-core, vendored with its licence, asked about an open page."""

from pathlib import Path

AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf8")

OPEN_FOLDS = "for (const fold of document.querySelectorAll('details')) fold.open = true"
# Formulas, most of a page, become the text that they show: axe reads no MathML, and screen readers pass over the drawing.
CHECK = """async (rules) => {
  for (const formula of document.querySelectorAll(".katex")) formula.textContent = formula.querySelector(".katex-html").textContent;
  const { violations } = await axe.run(document, { resultTypes: ["violations"], preload: false, rules });
  return violations.flatMap(({ id, help, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id} (${help}): ${html.slice(0, 200)}`));
}"""


def faults(page, contrast: bool) -> list[str]:
    """What axe finds on a page, one line each; without contrast in a third of the time. The page is spoilt afterwards."""
    page.evaluate(OPEN_FOLDS)
    page.evaluate(AXE)
    return page.evaluate(CHECK, {} if contrast else {"color-contrast": {"enabled": False}})

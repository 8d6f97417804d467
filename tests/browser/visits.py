"""One visit of each page, for all the questions that are asked of it: to load a page costs more than to question it."""

from dataclasses import asdict, dataclass, field

from . import book
from .axe import OPEN_FOLDS

DESKTOP = {"width": 1280, "height": 900}
WIDTHS = (DESKTOP["width"], 390, 360)
THEMES = ("light", "dark")
PARTS = 4  # of an edition, so that no worker waits long for what another one visits
STAND_STILL = "* { transition: none !important }"
# The policy of the pages lets no style be written into them.
ADD_RULE = """(rule) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rule);
  document.adoptedStyleSheets.push(sheet);
}"""
SET_THEME = "(theme) => { document.documentElement.dataset.theme = theme }"

LOOK = """async () => {
  await document.fonts.ready;
  const images = await Promise.all([...document.images].map(async (image) => {
    image.loading = "eager"; // what is out of sight would never be decoded
    await image.decode().catch(() => {});
    return { src: image.src, alt: image.alt, width: image.naturalWidth };
  }));
  const texts = (apart) => {
    const skip = "script, style, noscript, .katex, .language-switch, " + apart;
    const { SHOW_TEXT, SHOW_ELEMENT, FILTER_ACCEPT, FILTER_REJECT, FILTER_SKIP } = NodeFilter;
    const filter = (node) => node.nodeType === Node.TEXT_NODE ? FILTER_ACCEPT
      : node.matches(skip) ? FILTER_REJECT : FILTER_SKIP;
    const walker = document.createTreeWalker(document.body, SHOW_TEXT | SHOW_ELEMENT, filter);
    const found = [];
    while (walker.nextNode()) found.push(walker.currentNode.textContent.trim());
    return found.filter(Boolean);
  };
  const spoken = ["title", "aria-label", "aria-description", "placeholder", "data-tooltip", "data-bs-title",
    "data-none", "data-short", "data-found"];
  const attributes = spoken.flatMap((name) => [...document.querySelectorAll(`[${name}]`)]
    .filter((element) => !element.closest(".language-switch")).map((element) => element.getAttribute(name)));
  const generated = [...document.querySelectorAll("article .caption-number, article .section-number")]
    .map((element) => element.textContent.trim());
  return {
    lang: document.documentElement.lang,
    titles: document.querySelectorAll("h1").length,
    images,
    links: [...document.querySelectorAll("a[href], link[href]")].map((link) => link.href),
    icons: document.querySelectorAll("link[rel~=icon]").length,
    alternates: Object.fromEntries([...document.querySelectorAll("link[rel=alternate][hreflang]")]
      .map((link) => [link.hreflang, link.href])),
    interface: [document.title, ...texts("article.bd-article"), ...attributes, ...generated],
    text: texts(".other-language, article code"),
    anchors: [...document.querySelectorAll(":is(section, .equation, figure)[id]")].map((target) => target.id),
  };
}"""

MEASURE = """() => {
  const box = (element) => element.getBoundingClientRect();
  const article = document.querySelector("article.bd-article");
  const scrolls = (element) => {
    for (let at = element.parentElement; at && at !== article; at = at.parentElement)
      if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)) return true;
    return false;
  };
  for (const body of article.querySelectorAll(".equation-body")) body.style.contentVisibility = "visible";
  const column = box(article);
  const all = (selector) => [...article.querySelectorAll(selector)].filter((element) => box(element).width);
  const name = (element) =>
    `${element.tagName.toLowerCase()} ${element.id || element.alt || element.textContent.trim()}`;
  const language = [...document.querySelectorAll(".language-switch a")];
  return {
    document: document.documentElement.scrollWidth,
    window: window.innerWidth,
    column: column.width,
    escaped: all(":not(.katex *)").map((element) => [element, box(element).right])
      .filter(([element, right]) => right > column.right + 1 && !scrolls(element))
      .map(([element]) => name(element).slice(0, 60)),
    "wide images": all("img").filter((image) => box(image).width > column.width + 1).map(name),
    formulas: all(".equation-body").map((body) => ({
      id: body.parentElement.id,
      wide: body.scrollWidth > body.clientWidth,
      clipped: body.scrollHeight > body.clientHeight + 1,
      room: body.clientWidth,
    })),
    languages: language.filter((link) => {
      const { left, right, top, bottom } = box(link);
      const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      return left >= 0 && right <= window.innerWidth && top >= 0 && bottom <= 120 && link.contains(hit);
    }).map((link) => link.textContent.trim()),
    target: Math.min(...language.map((link) => box(link).height)),
  };
}"""

# The text whose colour stands out too little from what is behind it (WCAG 2: 4.5, or 3 for large type).
PALE = """() => {
  const channel = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const parts = [0.2126, 0.7152, 0.0722];
  const light = (rgb) => parts.reduce((sum, part, at) => sum + part * channel(rgb[at] / 255), 0);
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const pixel = (...colours) => {  // the colours over each other, whatever notation they are in
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const backdrop = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.unshift(getComputedStyle(at).backgroundColor);
    return layers;
  };
  const known = new Map();
  const contrast = (element) => {
    const layers = [...backdrop(element), getComputedStyle(element).color];
    const key = layers.join();
    if (!known.has(key)) {
      const [a, b] = [light(pixel("white", ...layers)), light(pixel("white", ...layers.slice(0, -1)))];
      known.set(key, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
    }
    return known.get(key);
  };
  const pale = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim();
    const visible = element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    if (!text || !visible) continue;
    if (element.closest(".katex-mathml, script, style, noscript, .headerlink, .skip-link")) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const ratio = contrast(element);
    const kind = `${element.tagName.toLowerCase()}.${element.className} ${style.color}`;
    if (ratio < least) pale.set(kind, `${ratio.toFixed(2)} for ${kind}: ${text.slice(0, 40)}`);
  }
  return [...pale.values()];
}"""

# Where the switch would lead from just below each fold, as far as that is inside a fold.
FROM_BELOW_FOLDS = """() => {
  const link = document.querySelector(".language-switch a:not([aria-current])");
  link.addEventListener("click", (event) => event.preventDefault());
  const folds = [...document.querySelectorAll("details")];
  const hashes = folds.map((fold) => {
    fold.nextElementSibling?.scrollIntoView({ behavior: "instant" });
    link.click();
    return link.hash;
  });
  window.scrollTo({ top: 0, behavior: "instant" });
  return {
    folds: folds.length,
    "leads into": hashes.filter((hash) => hash && document.querySelector(hash).closest("details")),
  };
}"""


@dataclass
class Visit:
    """What a page showed, and what went wrong meanwhile."""

    scheme: str
    base: str  # where the site stood; each worker has a server of its own
    edition: str
    page: str
    seen: dict = field(default_factory=dict)
    below_folds: dict = field(default_factory=dict)  # of the Chinese chapters
    layouts: list[dict] = field(default_factory=list)  # from the disk, for each width, with all folds open
    pale: dict[str, list[str]] = field(default_factory=dict)  # by theme, of the bilingual pages: they hold all the text
    loaded: list[str] = field(default_factory=list)  # the files of the edition that the browser asked for
    faults: list[str] = field(default_factory=list)


def visit_part(edition: str, part: int, make_reader) -> list[dict]:
    """A part of an edition's pages, from the disk, and over http a third of them, so that each page comes so in one edition.

    The disk is the stricter way: there an address that begins with a slash leaves the site, and modules and ``fetch``
    are refused. Over http a page can fail for a file alone that it loads, and every file that any page loads is asked
    for by some page that was visited over http, or ``test_whatever_a_page_loads_arrives_over_http`` fails.
    """
    editions = list(book.EDITIONS)
    pages = dict(list(enumerate(book.PAGES))[part::PARTS])
    in_turn = [page for number, page in pages.items() if editions[number % len(editions)] == edition]
    visits = _visit_all(make_reader(), "http", edition, in_turn, _look)
    visits += _visit_all(make_reader(has_touch=True), "file", edition, list(pages.values()), _look_at_everything)
    return [asdict(visit) for visit in visits]


def _visit_all(reader, scheme, edition, pages, look) -> list[Visit]:
    requests, base, visits = [], f"{reader.bases[scheme]}/", []
    reader.context.on("request", lambda request: requests.append(request.url))
    for page in pages:
        visits.append(visit := Visit(scheme, base, edition, page))
        requests.clear()
        look(reader.open(f"{edition}/{page}", scheme), visit)
        inside = f"{base}{edition}/"
        visit.loaded = sorted({url.partition("?")[0].removeprefix(inside) for url in requests if url.startswith(inside)})
        visit.faults = reader.take_faults()
    reader.context.close()
    return visits


def _look(page, visit: Visit) -> None:
    visit.seen = page.evaluate(LOOK)


def _look_at_everything(page, visit: Visit) -> None:
    """All questions that can be asked without another visit, those first that leave the page as it came."""
    _look(page, visit)
    if visit.edition == "zh" and visit.page in book.CHAPTERS:
        visit.below_folds = page.evaluate(FROM_BELOW_FOLDS)
    page.evaluate(ADD_RULE, STAND_STILL)
    page.evaluate(OPEN_FOLDS)
    for width in WIDTHS:
        if width != DESKTOP["width"]:
            page.set_viewport_size({"width": width, "height": 844})
        visit.layouts.append({"width": width, **page.evaluate(MEASURE)})
        if visit.edition == "bi" and width == DESKTOP["width"]:
            visit.pale = _pale(page)
    page.goto("about:blank")  # which is quickly set anew
    page.set_viewport_size(DESKTOP)


def _pale(page) -> dict[str, list[str]]:
    before, pale = page.evaluate("document.documentElement.dataset.theme"), {}
    for theme in THEMES:
        page.evaluate(SET_THEME, theme)
        pale[theme] = page.evaluate(PALE)
    page.evaluate(SET_THEME, before)
    return pale

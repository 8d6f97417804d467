/* What stands around the text: day and night, the two sidebars, the place on the page, copying code. In the head, so that
   a page is never drawn by day first; the rest waits until the page is read. */
(function () {
  "use strict";

  const root = document.documentElement;
  const night = window.matchMedia("(prefers-color-scheme: dark)");
  const WIDE = window.matchMedia("(min-width: 992px)"); // from here up the primary sidebar has a column of its own
  const MODES = ["auto", "light", "dark"];

  /* Storage may be forbidden; then nothing is kept beyond the page. */
  function kept(storage, name) {
    try { return window[storage].getItem(name); } catch { return null; }
  }

  function keep(storage, name, value) {
    try { window[storage].setItem(name, value); } catch { /* as above */ }
  }

  function setMode(mode) {
    root.dataset.mode = mode;
    root.dataset.theme = mode === "auto" ? (night.matches ? "dark" : "light") : mode;
  }

  function nextMode() {
    // From "auto" the first step is the one that shows.
    const order = night.matches ? MODES : ["auto", "dark", "light"];
    setMode(order[(order.indexOf(root.dataset.mode) + 1) % order.length]);
    keep("localStorage", "mode", root.dataset.mode);
    keep("localStorage", "theme", root.dataset.theme);
  }

  const stored = kept("localStorage", "mode");
  setMode(MODES.includes(stored) ? stored : "auto");
  night.addEventListener("change", () => setMode(root.dataset.mode));

  function setUpModes() {
    for (const button of document.querySelectorAll(".theme-switch-button")) button.addEventListener("click", nextMode);
  }

  /* A sidebar without a column of its own opens as a dialog: its content moves there, and back when it closes. */
  function setUpSidebar(side) {
    const button = document.querySelector(`.${side}-toggle`);
    const sidebar = document.getElementById(`pst-${side}-sidebar`);
    const dialog = document.getElementById(`pst-${side}-sidebar-modal`);
    if (!button || !sidebar || !dialog) return;

    function move(from, to) {
      to.append(...from.childNodes);
      to.classList.add(...from.classList);
      from.className = "";
    }

    button.addEventListener("click", () => {
      button.blur();
      if (side === "primary" && WIDE.matches) return sidebar.classList.toggle("pst-sidebar-hidden");
      move(sidebar, dialog);
      dialog.showModal();
    });
    dialog.addEventListener("click", (event) => {
      const { left, right, top, bottom } = dialog.getBoundingClientRect();
      const { clientX: x, clientY: y } = event;
      if (event.target === dialog && (x < left || x > right || y < top || y > bottom)) dialog.close();
      else if (event.target.closest("a[href*='#']")) dialog.close(); // a place on this page, which it would hide
    });
    dialog.addEventListener("close", () => {
      move(dialog, sidebar);
      button.focus();
    });
  }

  /* The list of chapters stays where the reader has scrolled it; at first it shows the open chapter. */
  function setUpChapters() {
    const sidebar = document.getElementById("pst-primary-sidebar");
    const open = sidebar?.querySelector(".bd-docs-nav li.active:last-of-type a.current, .bd-docs-nav a.current");
    if (!sidebar) return;
    const before = Number.parseInt(kept("sessionStorage", "sidebar-scroll-top"), 10);
    if (!Number.isNaN(before)) sidebar.scrollTop = before;
    else if (open && open.getBoundingClientRect().y > window.innerHeight / 2) {
      sidebar.scrollTop = open.getBoundingClientRect().y - sidebar.getBoundingClientRect().y - sidebar.clientHeight / 4;
    }
    window.addEventListener("pagehide", () => keep("sessionStorage", "sidebar-scroll-top", sidebar.scrollTop));
  }

  /* The table of contents marks the section that is being read: the last whose heading was in the upper third. */
  function setUpContents() {
    const links = [...document.querySelectorAll("#pst-page-toc-nav a[href^='#']")];
    const byHeading = new Map();
    for (const link of links) {
      const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (section) byHeading.set(section.querySelector("h1, h2, h3, h4") || section, link);
    }
    const mark = (chosen) => links.forEach((link) => {
      link.classList.toggle("active", link === chosen);
      link.closest(".toc-entry").classList.toggle("active", link === chosen);
      if (link === chosen) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    const watch = new IntersectionObserver((entries) => {
      const seen = entries.filter((entry) => entry.isIntersecting).pop();
      if (seen) mark(byHeading.get(seen.target));
    }, { rootMargin: "0px 0px -70% 0px" });
    for (const heading of byHeading.keys()) watch.observe(heading);
  }

  /* The header casts a shadow once the page has scrolled. */
  function setUpScrolling() {
    const mark = document.querySelector(".sbt-scroll-pixel-helper");
    new IntersectionObserver(([entry]) => {
      document.body.classList.toggle("scrolled", entry.boundingClientRect.y < 0);
    }).observe(mark);
  }

  /* A box that scrolls sideways has to be reached by keyboard; one that doesn't would only be in the way. */
  function setUpBoxes() {
    const boxes = document.querySelectorAll("pre, table, .pst-scrollable-table-container, .cell_output > .output");
    const watch = new ResizeObserver((entries) => {
      for (const { target } of entries) {
        if (target.scrollWidth > target.clientWidth + 1) target.tabIndex = 0;
        else target.removeAttribute("tabindex");
      }
    });
    for (const box of boxes) watch.observe(box);
  }

  const WORDS = {
    zh: { copy: "复制", done: "已复制", failed: "复制失败" },
    en: { copy: "Copy", done: "Copied", failed: "Could not copy" },
  };

  async function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // Without https a browser offers the older way alone.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (!done) throw new Error("copying was refused");
  }

  function setUpCopying() {
    const words = WORDS[root.lang.slice(0, 2)] || WORDS.en;
    for (const code of document.querySelectorAll("div.highlight pre")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copybtn";
      button.title = words.copy;
      button.setAttribute("aria-label", words.copy);
      button.addEventListener("click", async () => {
        const said = await copy(code.innerText.replace(/\n$/, "")).then(() => words.done, () => words.failed);
        button.title = said;
        button.setAttribute("aria-label", said);
        button.classList.toggle("success", said === words.done);
        setTimeout(() => {
          button.title = words.copy;
          button.setAttribute("aria-label", words.copy);
          button.classList.remove("success");
        }, 1500);
      });
      code.after(button);
    }
  }

  function setUp() {
    setUpModes();
    setUpSidebar("primary");
    setUpSidebar("secondary");
    setUpChapters();
    setUpContents();
    setUpScrolling();
    setUpBoxes();
    setUpCopying();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", setUp);
  else setUp();
})();

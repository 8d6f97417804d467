/* Chooses the columns and the size of the type so that the sheet fills its page of paper, and nothing is cut off. */
(function () {
  "use strict";

  const PAGE = { width: 194, height: 279 }; // mm within the margins of A4, with a little to spare
  const TYPE = { most: 4.2, legible: 2.47, least: 1.5 }; // mm; legible is 7 pt on A4, and 6.5 pt on the shorter Letter
  const GAP = { least: 1, most: 8 }; // mm between two entries
  const COLUMNS = [2, 3]; // two, unless three allow a larger type
  const PRECISION = 0.02; // mm

  const root = document.documentElement;
  const sheet = document.querySelector(".sheet");
  const formulas = [...document.querySelectorAll(".formula")];

  function honourTheme() {
    try {
      const theme = localStorage.getItem("theme");
      if (theme) root.dataset.theme = theme;
    } catch {
      // A page that may not store anything follows the system.
    }
  }

  function set(name, value) {
    sheet.style.setProperty(`--${name}`, value);
  }

  /* The largest value for which something holds; the least one where it holds for none. */
  function largest(least, most, holds) {
    if (holds(most)) return most;
    while (most - least > PRECISION) {
      const middle = (least + most) / 2;
      if (holds(middle)) least = middle;
      else most = middle;
    }
    return least;
  }

  /* How wide each formula may become, as a part of the width that it has in the largest type. */
  function roomForFormulas() {
    set("type", TYPE.most);
    formulas.forEach((formula) => formula.style.removeProperty("--fit"));
    return formulas.map((formula) => (formula.clientWidth - 1) / formula.firstElementChild.scrollWidth);
  }

  function setType(type, room) {
    set("type", type.toFixed(3));
    // No formula is larger than the text, and none wider than its column.
    formulas.forEach((formula, index) => formula.style.setProperty("--fit", Math.min(1, (room[index] * TYPE.most) / type).toFixed(3)));
  }

  function fitInto(columns, onPage) {
    set("columns", columns);
    set("gap", GAP.least);
    const room = roomForFormulas();
    const type = largest(TYPE.least, TYPE.most, (size) => (setType(size, room), onPage()));
    const smallest = Math.min(type, ...room.map((share) => share * TYPE.most));
    return { columns, room, type, smallest };
  }

  function fit() {
    const paper = document.getElementById("paper");
    paper.media = "all";
    root.style.setProperty("--mm", "1mm");
    const millimetre = sheet.getBoundingClientRect().width / PAGE.width; // in pixels
    const onPage = () => sheet.getBoundingClientRect().height <= PAGE.height * millimetre;
    const found = COLUMNS.map((columns) => fitInto(columns, onPage));
    const legible = found.filter(({ smallest }) => smallest >= TYPE.legible);
    const best = (legible.length ? legible : found).reduce((one, other) => (other.type > one.type ? other : one));
    set("columns", best.columns);
    setType(best.type, best.room);
    set("gap", largest(GAP.least, GAP.most, (gap) => (set("gap", gap.toFixed(2)), onPage())).toFixed(2));
    root.dataset.fitted = best.smallest.toFixed(2);
    root.style.removeProperty("--mm");
    paper.media = "print";
  }

  honourTheme();
  const button = document.getElementById("print");
  button.hidden = false;
  button.addEventListener("click", () => window.print());
  addEventListener("load", async () => {
    await document.fonts.ready;
    fit();
  });
})();

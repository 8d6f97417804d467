/* Chooses the columns and the size of the type so that the sheet fills its page of paper, and nothing is cut off. */
(function () {
  "use strict";

  const PAGE = { width: 194, height: 272 }; // mm within the margins of A4; two lines to spare, since paper breaks lines elsewhere
  const PAPERS = [263.4 / 281, 1]; // Letter is shorter than A4; the last is the one at which all is measured
  const TYPE = { most: 4.2, legible: 2.47, least: 1.5 }; // mm; legible is 7 pt on A4, and 6.5 pt on the shorter Letter
  const GAP = { least: 1, most: 8 }; // mm between two entries
  const COLUMNS = [2, 3]; // two, unless three allow a larger type
  const PRECISION = 0.05; // mm

  const root = document.documentElement;
  const sheet = document.querySelector(".sheet");
  const entries = document.querySelector(".entries");
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

  /* What stays together: an entry, with the heading of the part that it opens. */
  function readUnits() {
    const units = [];
    let opening = [];
    for (const box of [...entries.children]) {
      opening.push(box);
      if (box.matches(".entry")) {
        units.push(opening);
        opening = [];
      }
    }
    return units;
  }

  /* Put so many units into each column; on the screen the columns have no boxes. */
  function place(units, shares) {
    let next = 0;
    const columns = shares.map((share) => {
      const column = document.createElement("div");
      column.className = "column";
      for (const end = next + share; next < end; next += 1) column.append(...units[next]);
      return column;
    });
    entries.replaceChildren(...columns);
  }

  /* How high each unit is, while all stand in the first column: on the paper where its lines take more room. */
  function heights(units) {
    const onPapers = PAPERS.map((scale) => {
      root.style.setProperty("--mm", `${scale}mm`);
      const edges = units.map(([first]) => first.getBoundingClientRect().top);
      const last = units.at(-1).at(-1);
      edges.push(last.getBoundingClientRect().bottom + parseFloat(getComputedStyle(last).marginBottom));
      return edges.slice(1).map((edge, index) => (edge - edges[index]) / scale);
    });
    return units.map((_, index) => Math.max(...onPapers.map((sizes) => sizes[index])));
  }

  /* How many units stand in each column where none is higher than a limit; one number too many says that they don't fit. */
  function fill(sizes, limit) {
    const shares = [0];
    let height = 0;
    for (const size of sizes) {
      if (height + size > limit && height > 0) {
        shares.push(0);
        height = 0;
      }
      shares[shares.length - 1] += 1;
      height += size;
    }
    return shares;
  }

  /* The columns as even as they can be, or null where they are higher than the page. */
  function spread(sizes, columns, room) {
    if (Math.max(...sizes) > room || fill(sizes, room).length > columns) return null;
    const evenness = -largest(-room, -Math.max(...sizes), (height) => fill(sizes, -height).length <= columns);
    const shares = fill(sizes, evenness);
    return [...shares, ...Array(columns - shares.length).fill(0)];
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

  function fitInto(columns, units, height) {
    set("columns", columns);
    set("gap", GAP.least);
    const room = roomForFormulas();
    const type = largest(TYPE.least, TYPE.most, (size) => {
      setType(size, room);
      return spread(heights(units), columns, height) !== null;
    });
    const smallest = Math.min(type, ...room.map((share) => share * TYPE.most));
    return { columns, room, type, smallest };
  }

  function fit() {
    if (root.dataset.fitted) return;
    const paper = document.getElementById("paper");
    paper.media = "all";
    root.style.setProperty("--mm", "1mm");
    const units = readUnits();
    place(units, [units.length, 0, 0]);
    const millimetre = sheet.getBoundingClientRect().width / PAGE.width; // in pixels
    const height = PAGE.height * millimetre - (entries.getBoundingClientRect().top - sheet.getBoundingClientRect().top);
    const found = COLUMNS.map((columns) => fitInto(columns, units, height));
    const legible = found.filter(({ smallest }) => smallest >= TYPE.legible);
    const best = (legible.length ? legible : found).reduce((one, other) => (other.type > one.type ? other : one));
    set("columns", best.columns);
    setType(best.type, best.room);
    const spreadWith = (gap) => {
      set("gap", gap.toFixed(2));
      return spread(heights(units), best.columns, height);
    };
    const shares = spreadWith(largest(GAP.least, GAP.most, (gap) => spreadWith(gap) !== null));
    place(units, shares ?? fill(heights(units), height));
    root.dataset.fitted = best.smallest.toFixed(2);
    root.style.removeProperty("--mm");
    paper.media = "print";
  }

  honourTheme();
  const button = document.getElementById("print");
  button.hidden = false;
  button.addEventListener("click", () => window.print());
  // Who only reads does not wait for it.
  addEventListener("beforeprint", fit);
})();

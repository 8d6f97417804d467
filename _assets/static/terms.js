/* The other language's word of a term: shown while the term is pointed at or has the focus; by touch, the first tap
   shows it and the second follows the link to the glossary. */
(function () {
  "use strict";

  const GAP = 6; // px between term and word, and between word and the edge of the window
  const word = document.createElement("span");
  word.className = "term-word";
  word.id = "term-word";
  word.setAttribute("role", "tooltip");
  let shown = null;

  function place(term) {
    const at = term.getClientRects()[0]; // of a term that is broken over two lines, the first part
    const { width, height } = word.getBoundingClientRect();
    const left = Math.min(at.left, document.documentElement.clientWidth - width - GAP);
    const top = at.top - height - GAP < 0 ? at.bottom + GAP : at.top - height - GAP;
    word.style.left = `${Math.max(GAP, left) + window.scrollX}px`;
    word.style.top = `${top + window.scrollY}px`;
  }

  function show(term) {
    if (shown === term) return;
    hide();
    shown = term;
    word.textContent = term.dataset.other;
    word.lang = /[\u3400-\u9fff]/.test(term.dataset.other) ? "zh-CN" : "en";
    document.body.append(word);
    term.setAttribute("aria-describedby", word.id);
    place(term);
  }

  function hide() {
    if (!shown) return;
    shown.removeAttribute("aria-describedby");
    shown = null;
    word.remove();
  }

  const termOf = (event) => event.target.closest?.("a.term");

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch" || event.target === word) return;
    const term = termOf(event);
    if (term) show(term);
    else if (document.activeElement !== shown) hide();
  });
  document.addEventListener("focusin", (event) => {
    const term = termOf(event);
    if (term?.matches(":focus-visible")) show(term);
    else if (!term) hide();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  document.addEventListener("click", (event) => {
    const term = termOf(event);
    if (event.pointerType === "touch" && term && term !== shown) {
      event.preventDefault();
      show(term);
    } else if (!term) hide();
  });
})();

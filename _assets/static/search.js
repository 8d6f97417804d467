/* Substring search over the sections of the book; SEARCH_DATA holds [link, page, title, text] of each. */
(function () {
  "use strict";

  const LIMIT = 60; // more results than anybody reads
  const HAN = /\p{Script=Han}/u;
  const CONTEXT = 60; // characters shown on each side of the first hit
  const form = document.getElementById("book-search");
  const input = form.elements.q;
  const status = document.getElementById("search-status");
  const list = document.getElementById("search-results");

  /* Case and width aside. A character that would change its length stays (… is not ...): places must agree. */
  const fold = (text) => Array.from(text, (one) => {
    const folded = one.normalize("NFKC").toLowerCase();
    return folded.length === one.length ? folded : one;
  }).join("");
  const sections = SEARCH_DATA.map(([link, page, title, text]) => ({
    link, page, title, text, foldedTitle: fold(title), foldedText: fold(text),
  }));

  function score(section, terms, phrase) {
    let total = 0;
    for (const term of terms) {
      const inTitle = section.foldedTitle.includes(term);
      if (!inTitle && !section.foldedText.includes(term)) return 0;
      total += inTitle ? 10 : 1;
    }
    if (section.foldedTitle === phrase) total += 100;
    else if (section.foldedTitle.startsWith(phrase)) total += 20;
    else if (section.foldedText.includes(phrase)) total += 2;
    return total;
  }

  function search(phrase) {
    const terms = phrase.split(/\s+/).filter(Boolean);
    return sections
      .map((section, order) => ({ section, order, score: score(section, terms, phrase) }))
      .filter((hit) => hit.score > 0)
      .sort((a, b) => b.score - a.score || a.order - b.order)
      .map((hit) => ({ ...hit.section, terms }));
  }

  /* The text with each term marked; built from nodes, so that no text is ever read as HTML. */
  function marked(text, terms) {
    const escaped = terms.map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const fragment = document.createDocumentFragment();
    let end = 0;
    for (const { 0: hit, index } of fold(text).matchAll(new RegExp(escaped.join("|"), "g"))) {
      fragment.append(text.slice(end, index));
      end = index + hit.length;
      fragment.appendChild(document.createElement("mark")).textContent = text.slice(index, end);
    }
    fragment.append(text.slice(end));
    return fragment;
  }

  function snippet(section) {
    const first = section.terms.map((term) => section.foldedText.indexOf(term)).filter((at) => at >= 0);
    const from = Math.max(0, (first.length ? Math.min(...first) : 0) - CONTEXT);
    const to = from + 3 * CONTEXT;
    return (from ? "…" : "") + section.text.slice(from, to) + (to < section.text.length ? "…" : "");
  }

  function item(section) {
    const entry = document.createElement("li");
    const link = entry.appendChild(document.createElement("a"));
    link.href = section.link;
    link.append(marked(section.title, section.terms));
    if (section.page !== section.title) {
      const page = entry.appendChild(document.createElement("span"));
      page.className = "search-page-title";
      page.textContent = section.page;
    }
    const context = entry.appendChild(document.createElement("p"));
    context.append(marked(snippet(section), section.terms));
    return entry;
  }

  function show(query) {
    const phrase = fold(query).trim();
    const enough = phrase.length >= 2 || HAN.test(phrase); // one letter is in every word, one Chinese character is a word
    const hits = enough ? search(phrase) : [];
    list.replaceChildren(...hits.slice(0, LIMIT).map(item));
    const message = !enough ? status.dataset.short : hits.length ? status.dataset.found : status.dataset.none;
    status.textContent = message.replace("%s", () => (hits.length ? hits.length : query.trim()));
  }

  function remember(query) {
    const address = new URL(window.location.href);
    address.searchParams.set("q", query);
    // Where the address can't be changed (some browsers on file://) only the back button forgets the query.
    try { window.history.replaceState(null, "", address); } catch (error) { if (error.name !== "SecurityError") throw error; }
  }

  input.addEventListener("input", (event) => { if (!event.isComposing) show(input.value); });
  input.addEventListener("compositionend", () => show(input.value));
  input.addEventListener("change", () => remember(input.value));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    remember(input.value);
    show(input.value);
  });

  input.value = new URLSearchParams(window.location.search).get("q") || "";
  if (input.value) show(input.value);
  else input.focus();
})();

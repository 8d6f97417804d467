/* How far the reader has come, on the map of the front page: from the progress of the flashcards in this browser. */
(function () {
  "use strict";

  const PREFIX = "notes.card.";
  const KNOWN = 21; // days of stability, from which the study page calls a card known
  const line = document.getElementById("card-progress");
  if (!line) return;

  /* The records of the cards that have been reviewed; what can't be read is the study page's to report. */
  function records() {
    const found = new Map();
    try {
      for (const key of Object.keys(localStorage)) {
        if (!key.startsWith(PREFIX)) continue;
        try { found.set(key.slice(PREFIX.length), JSON.parse(localStorage.getItem(key))); } catch (error) { continue; }
      }
    } catch (error) { /* storage is forbidden: nothing is known of the reader */ }
    return found;
  }

  const isKnown = (record) => record?.stability >= KNOWN;

  function show(cards) {
    const reviewed = records();
    const now = Date.now();
    const counts = { all: 0, known: 0, started: 0, due: 0 };
    for (const [chapter, ids] of Object.entries(cards)) {
      const own = ids.filter((id) => reviewed.has(id)).map((id) => reviewed.get(id));
      const known = own.filter(isKnown).length;
      counts.all += ids.length;
      counts.known += known;
      counts.started += own.length - known;
      counts.due += own.filter((record) => record?.due <= now).length;
      const bar = document.querySelector(`[data-chapter="${CSS.escape(chapter)}"] .topic-progress`);
      if (bar) {
        bar.style.setProperty("--known", known / ids.length);
        bar.style.setProperty("--started", own.length / ids.length);
      }
    }
    const words = JSON.parse(line.dataset.words);
    const sentence = reviewed.size ? words.sofar : words.fresh;
    line.firstElementChild.textContent = sentence.replace(/\{(\w+)\}/g, (_, name) => counts[name]);
    line.hidden = false;
  }

  window.receiveCardIndex = show;
  const script = document.createElement("script"); // which cards there are: loaded beside the page, not with it
  script.src = "../cards/index.js";
  document.head.append(script);
})();

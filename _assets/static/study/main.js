/* The study page: ties the cards, the reader's progress and the view together. The address holds the card in hand,
   #card=id, so that reloading, coming back and changing the edition return to it. */
(function () {
  "use strict";

  const root = document.getElementById("study");
  if (!root) return;

  const HARDEST = 5;
  const REMIND = { reviews: 50, days: 14 };
  const DAY = 24 * 60 * 60_000;
  const TOO_LONG = 10_000_000; // bytes; no progress is so large, and reading it would freeze the page
  const RATINGS = ["again", "hard", "good", "easy"];

  const data = JSON.parse(document.getElementById("study-data").textContent);
  const home = root.dataset.edition;
  const speaker = Study.speaker(home);
  const { say } = speaker;
  const now = () => Date.now();
  const cards = data.cards.map(([id, chapter, tags, link], order) => ({ id, chapter: data.chapters[chapter].id, tags, link, order }));
  const cardOf = new Map(cards.map((card) => [card.id, card]));
  const chapterOf = new Map(data.chapters.map((chapter) => [chapter.id, chapter]));

  // ---- The texts of the cards: a classic script for each chapter and edition, asked for when a card needs it ----

  const library = (function () {
    const received = new Map();
    const loading = new Map();
    const name = (edition, chapter) => `${edition}/${chapter}`;

    window.receiveCards = (chapter, edition, texts) => received.set(name(edition, chapter), texts);

    function load(edition, chapter) {
      const wanted = name(edition, chapter);
      if (received.has(wanted)) return Promise.resolve();
      if (!loading.has(wanted)) {
        loading.set(wanted, new Promise((resolve, reject) => {
          const script = document.createElement("script");
          script.src = `${data.editions[edition].cards}${chapter}.js`;
          const fail = () => { loading.delete(wanted); reject(new Error(`no cards at ${script.src}`)); };
          script.onload = () => (received.has(wanted) ? resolve() : fail());
          script.onerror = fail;
          document.head.append(script);
        }));
      }
      return loading.get(wanted);
    }

    /* [front, back] of a card as HTML; undefined while its chapter has not arrived, null where the card is not in it. */
    function texts(edition, card) {
      const chapter = received.get(name(edition, card.chapter));
      return chapter && (Object.hasOwn(chapter, card.id) ? chapter[card.id] : null);
    }

    return { load, texts };
  })();

  // ---- The reader's progress ----

  const dismissed = new Set(); // notices that are not shown again before the page is reloaded

  /* The worst trouble of the storage, or null if it has passed. */
  function showTrouble(trouble) {
    if (trouble !== "full") view.withdraw("full");
    if (trouble && !dismissed.has(trouble)) view.notice(trouble, say(trouble), view.button("exportProgress", actions.export));
  }

  let session = null;
  let flipped = false;

  const survey = () => Study.session.survey(cards, progress, filters, now());

  // ---- The address ----

  function place() {
    const parts = new URLSearchParams(window.location.hash.slice(1));
    return { card: cardOf.get(parts.get("card")), flipped: parts.get("side") === "back", chapter: chapterOf.get(parts.get("chapter")) };
  }

  const hash = () => (session && session.current ? `#card=${session.current.id}${flipped ? "&side=back" : ""}` : "");

  function remember() {
    const address = new URL(window.location.href);
    address.hash = hash();
    // Some browsers refuse on file://, or when it happens too often: then only reloading forgets the card.
    try { window.history.replaceState(null, "", address); } catch (error) { if (error.name !== "SecurityError") throw error; }
  }

  // ---- Overview ----

  function drawOverview() {
    view.setFilters(filters);
    view.setLimit(progress.settings.newPerDay);
    view.drawTally(survey(), now());
    view.drawChart(Study.session.byChapter(data.chapters, cards, progress));
    view.drawHardest(Study.session.hardest(cards, progress, HARDEST).map((entry) => ({ ...entry, text: brief(entry.card) })));
    drawBackup();
  }

  /* The front of a card for a list, when it has come. */
  function brief(card) {
    const edition = cardEdition;
    const ready = library.load(edition, card.chapter).then(() => (library.texts(edition, card) || [""])[0]);
    return { lang: data.editions[edition].lang, ready };
  }

  function drawBackup() {
    view.drawBackup(progress.lastBackup);
    const since = progress.reviewsSinceBackup;
    const old = since > 0 && now() - (progress.lastBackup || firstReview()) > REMIND.days * DAY;
    if ((since >= REMIND.reviews || old) && !dismissed.has("remind")) {
      view.notice("remind", say("remind", { n: since }), view.button("exportProgress", actions.export));
    } else if (!since) view.withdraw("remind");
  }

  /* The earliest of the last reviews: the progress is at least as old. */
  function firstReview() {
    let first = now();
    for (const id of progress.ids()) first = Math.min(first, progress.get(id).last || first);
    return first;
  }

  function overview() {
    session = null;
    remember();
    view.show("overview");
    drawOverview();
  }

  // ---- Study ----

  function start({ first, flip, more } = {}) {
    session = Study.session.start({ cards, progress, filters: { ...filters }, first, more }, now());
    if (!session.current) return finish();
    view.show("session");
    showCard({ flip });
    view.announce(saidCard());
  }

  function saidCard() {
    const { current, remaining } = session;
    return current ? say("saidCard", { chapter: speaker.choose(chapterOf.get(current.chapter)), n: remaining }) : "";
  }

  /* Draw the current card from its front, or on the side where it was; its texts may still be under way. */
  function showCard({ flip = false, keepFocus = false } = {}) {
    const card = session.current, edition = cardEdition;
    if (!card) return finish();
    flipped = false;
    remember();
    drawFrame();
    const texts = library.texts(edition, card);
    if (texts) {
      view.drawFront(texts[0]);
      if (flip) showBack();
    } else if (texts === null) {
      view.drawInstead("notLoaded", "failed");
    } else {
      view.drawInstead("loadingCard", "waiting");
      const still = () => session && session.current === card && cardEdition === edition;
      library.load(edition, card.chapter).then(
        () => { if (still()) showCard({ flip, keepFocus: true }); },
        () => { if (still()) { view.drawInstead("notLoaded", "failed"); view.announce(say("notLoaded")); } });
    }
    if (!keepFocus) view.focusFront();
    preload();
  }

  function drawFrame() {
    const card = session.current;
    const record = progress.get(card.id);
    view.drawFrame({ card, fresh: !record, learning: record && Study.session.isStep(record), done: session.history.length,
      remaining: session.remaining, edition: cardEdition, canUndo: session.history.length > 0 });
  }

  function preload() {
    const next = session.peek(now());
    if (next) library.load(cardEdition, next.chapter).catch(() => {}); // said when its turn comes
  }

  function showBack() {
    const card = session.current, time = now();
    const outcomes = Study.schedule.preview(progress.get(card.id) || Study.schedule.empty(time), time);
    flipped = true;
    remember();
    view.drawBack(library.texts(cardEdition, card)[1], RATINGS.map((_, place) => outcomes[place + 1].due - time));
  }

  const readable = () => Boolean(session && session.current && library.texts(cardEdition, session.current));

  function finish() {
    remember();
    const failed = session.summary().failed.map(({ card, times }) => ({
      card, times, html: (library.texts(cardEdition, card) || [""])[0], lang: data.editions[cardEdition].lang }));
    const heading = view.drawSummary({ ...session.summary(), failed, survey: survey(), canUndo: session.history.length > 0 }, now());
    view.show("summary");
    heading.focus();
  }

  // ---- What a reader can do ----

  const actions = {
    start({ fresh, ahead } = {}) { start({ more: { fresh, ahead } }); },

    flip() {
      if (!readable() || flipped) return;
      showBack();
      view.focusBack();
      view.announce(say("saidAnswer"));
    },

    rate(rating) {
      if (!readable() || !flipped) return;
      const time = now();
      const record = session.rate(rating, time);
      showCard();
      const said = say("saidRated", { rating: say(RATINGS[rating - 1]), interval: speaker.interval(record.due - time) });
      view.announce(said, saidCard());
    },

    undo() {
      if (!session || !session.history.length) return;
      const { rating, undone } = session.undo();
      view.show("session");
      showCard();
      view.announce(undone ? say("saidUndone", { rating: say(RATINGS[rating - 1]) }) : say("saidNotUndone"), saidCard());
    },

    skip() {
      session.skip(now());
      showCard();
      view.announce(saidCard());
    },

    retry() { showCard(); },

    end() {
      if (session.history.length) {
        session.current = null;
        finish();
      } else actions.overview();
    },

    overview() {
      overview();
      view.focusStart();
    },

    language(edition) {
      if (edition === cardEdition) return;
      cardEdition = edition;
      // The page's own language is no choice: whoever opens another edition later means its language.
      progress.set("cardLanguage", edition === home ? null : edition);
      showCard({ flip: flipped, keepFocus: true });
      view.announce(say("saidLanguage", { language: data.editions[edition].name }));
    },

    filter(change) {
      Object.assign(filters, change);
      progress.set("filters", { ...filters });
      if (window.location.hash) remember();
      const found = survey();
      view.drawTally(found, now());
      view.announce(`${say("due")} ${found.due}, ${say("fresh")} ${found.fresh}`);
    },

    limit(count) {
      if (Number.isInteger(count) && count >= 0 && count <= 999) progress.set("newPerDay", count);
      drawOverview();
    },

    export() {
      const day = new Date(now());
      const date = [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
      const address = URL.createObjectURL(new Blob([progress.export()], { type: "application/json" }));
      const link = document.createElement("a");
      link.href = address;
      link.download = `flashcards-${date}.json`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      drawBackup();
      view.showOutcome(say("exported"));
      view.announce(say("exported"));
    },

    async import(file) {
      try {
        if (file.size > TOO_LONG) throw new Study.ImportError("too-large");
        const result = progress.import(await file.text());
        view.showOutcome(say("imported", result) + (result.unsaved ? ` ${say("unsaved", { n: result.unsaved })}` : ""));
      } catch (error) {
        if (!(error instanceof Study.ImportError)) throw error;
        view.showOutcome(`${say("importFailed")} ${say(`import-${error.code}`, { detail: error.detail })}`);
      }
      drawOverview();
    },

    dismiss(name) { dismissed.add(name); },
    help() { view.openHelp(); },

    /* Going to the chapter: the browser's way back leads to this card. */
    leave() { remember(); },
  };

  const view = Study.view(root, { speaker, editions: data.editions, tags: data.tags, chapters: data.chapters, actions });

  const progress = Study.openProgress({ storage: () => window.localStorage, now, onTrouble: showTrouble });

  // What is chosen holds for this page even where it can't be stored.
  const filters = { chapter: "", tag: "", scope: "due", ...progress.settings.filters };
  if (!chapterOf.has(filters.chapter)) filters.chapter = "";
  if (!Object.hasOwn(data.tags, filters.tag)) filters.tag = "";
  if (filters.scope !== "all") filters.scope = "due";

  let cardEdition = Object.hasOwn(data.editions, progress.settings.cardLanguage || "") ? progress.settings.cardLanguage : home;
  // ---- Keys ----

  const KEYS = {
    " ": actions.flip, Enter: actions.flip, z: actions.undo, l: nextLanguage, "?": actions.help, "？": actions.help,
    1: () => actions.rate(1), 2: () => actions.rate(2), 3: () => actions.rate(3), 4: () => actions.rate(4),
  };

  function nextLanguage() {
    if (!session || !session.current) return;
    const names = Object.keys(data.editions);
    actions.language(names[(names.indexOf(cardEdition) + 1) % names.length]);
  }

  /* Not ours: what is typed, composed or meant for the browser, and a key that is merely held down. */
  function foreign(event) {
    return event.defaultPrevented || event.isComposing || event.keyCode === 229 || event.repeat
      || event.ctrlKey || event.altKey || event.metaKey || (event.shiftKey && !"?？".includes(event.key))
      || view.helpOpen || event.target.closest("input, select, textarea, [contenteditable]");
  }

  document.addEventListener("keydown", (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!Object.hasOwn(KEYS, key) || foreign(event)) return;
    // A button or a link answers to these two itself.
    if ((key === " " || key === "Enter") && (!readable() || flipped || event.target.closest("a, button, summary"))) return;
    event.preventDefault();
    KEYS[key]();
  });

  // ---- What happens elsewhere ----

  progress.subscribe(() => {
    if (!session) return drawOverview();
    if (!session.current) return;
    const side = flipped;
    if (session.refresh(now())) showCard({ flip: side, keepFocus: true });
    else {
      showCard();
      view.announce(say("saidElsewhere"), saidCard());
    }
  });

  /* The day goes on while the page lies in a background tab. */
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !session) drawOverview(); });

  /* The language of the page, with the card in hand. The event comes here from the link, where language-switch.js has
     set the section in view. */
  function carry(event) {
    const link = event.target.closest("a");
    if (!link) return;
    if (cardEdition !== home) progress.set("cardLanguage", null);
    if (hash()) link.hash = hash();
  }

  const languageSwitch = document.querySelector(".language-switch");
  if (languageSwitch) for (const kind of ["click", "auxclick"]) languageSwitch.addEventListener(kind, carry);

  function arrive() {
    const { card, flipped: side, chapter } = place();
    if (chapter) {
      filters.chapter = chapter.id;
      progress.set("filters", { ...filters });
    }
    session = null;
    view.show("overview");
    drawOverview();
    if (card) start({ first: card, flip: side });
  }

  window.addEventListener("hashchange", () => { if (place().card || place().chapter) arrive(); });
  showTrouble(progress.trouble);
  arrive();
})();

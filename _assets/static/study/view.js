/* The page: what is drawn, and where the focus goes. What it means is main.js's business.
   Only the book's own cards are ever read as HTML; every other text goes in as text. */
(function () {
  "use strict";
  const Study = window.Study = window.Study || {};

  const RATINGS = ["again", "hard", "good", "easy"];
  const RATING_CLASSES = ["study-again", "study-hard", "study-good", "study-easy"];
  const SETTLED = 300; // ms in which a second tap on the same spot was meant for what stood there before

  function el(name, attributes, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (typeof value === "function") node.addEventListener(key, value);
      else if (key === "style") node.style.cssText = value; // the page's policy allows no style in a tag
      else if (value !== false && value != null) node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child != null));
    return node;
  }

  const tall = (node) => node.getBoundingClientRect().height;

  /* `actions` is what a reader can do: start, flip, rate, undo, … */
  Study.view = function (root, { speaker, editions, tags, chapters, actions }) {
    const { say } = speaker;
    const chapterOf = new Map(chapters.map((chapter) => [chapter.id, chapter]));

    /* A text in each language of the edition, the second one apart: it steps back in style. */
    const stacked = (texts) => texts.map(([language, text], place) =>
      place ? el("span", { class: "study-second", lang: language }, " ", text) : text);
    const label = (key, values) => stacked(speaker.inEach(key, values));
    const named = (names) => stacked(speaker.chooseEach(names));

    const button = (key, action, attributes) => el("button", { type: "button", class: "study-button", click: action, ...attributes }, label(key));
    const placeLink = (card) => el("a", { href: card.link, click: actions.leave }, named(chapterOf.get(card.chapter)));

    const live = el("p", { class: "study-live", role: "status" });
    /* The same words twice in a row are spoken twice only if they change in between. */
    function announce(...sentences) {
      const text = sentences.filter(Boolean).join(" ");
      live.textContent = live.textContent === text ? `${text}\u00a0` : text;
    }

    // ---- Notices ----

    const notices = el("div", { class: "study-notices" });

    /* Troubles interrupt; a reminder waits until it is come across. */
    function notice(name, text, ...buttons) {
      const close = () => { note.remove(); actions.dismiss(name); };
      const note = el("div", { class: "study-notice", role: name === "remind" ? "note" : "alert", "data-notice": name }, el("p", {}, text),
        el("div", { class: "study-row" }, buttons, button("dismiss", close)));
      withdraw(name);
      notices.append(note);
    }
    const withdraw = (name) => notices.querySelector(`[data-notice="${name}"]`)?.remove();

    // ---- Overview ----

    const tally = el("div", { class: "study-tally" });

    function select(key, options, change) {
      const field = el("select", { change: () => change(field.value) },
        options.map(([value, text]) => el("option", { value }, text)));
      return { field, node: el("label", { class: "study-field" }, el("span", {}, label(key)), field) };
    }
    const number = (chapter) => (/^\d+/.test(chapter.id) ? `${parseInt(chapter.id, 10)} ` : "");
    const fields = {
      chapter: select("chapter", [["", say("everyChapter")],
        ...chapters.map((chapter) => [chapter.id, number(chapter) + speaker.choose(chapter)])],
      (value) => actions.filter({ chapter: value })),
      tag: select("tag", [["", say("everyTag")],
        ...Object.entries(tags).map(([name, names]) => [name, speaker.choose(names)])],
      (value) => actions.filter({ tag: value })),
      scope: select("scope", [["due", say("scopeDue")], ["all", say("scopeAll")]],
        (value) => actions.filter({ scope: value })),
    };
    const filters = el("div", { class: "study-filters", role: "group", "aria-label": say("filters") },
      Object.values(fields).map(({ node }) => node));

    const chart = el("div", { class: "study-chart" });
    const hardest = el("div", { class: "study-hardest" });

    const limit = el("input", { type: "number", min: 0, max: 999, step: 1, inputmode: "numeric",
      change: () => actions.limit(limit.valueAsNumber) });
    const file = el("input", { type: "file", accept: ".json,application/json", class: "study-hidden",
      change: () => { if (file.files.length) actions.import(file.files[0]); file.value = ""; } });
    const backup = el("p", { class: "study-muted" });
    const outcome = el("p", { class: "study-outcome", role: "status" });
    const settings = el("details", { class: "fold study-settings" }, el("summary", {}, label("settings")),
      el("label", { class: "study-field" }, el("span", {}, label("newPerDay")), limit),
      el("p", {}, say("whereKept")),
      el("div", { class: "study-row" }, button("exportProgress", actions.export),
        el("label", { class: "study-button" }, file, label("importProgress"))),
      outcome, backup);

    const overview = el("div", { class: "study-overview" },
      el("div", { class: "study-sheet" }, tally, filters), chart, hardest, settings);

    function drawTally({ cards, due, fresh, unseen, later, next }, now) {
      const figure = (count, key) => el("p", { class: "study-figure" }, el("strong", {}, String(count)), " ", label(key));
      if (due + fresh) {
        const rest = unseen - fresh;
        return tally.replaceChildren(
          el("div", { class: "study-figures" }, figure(due, "due"), figure(fresh, "fresh")),
          button("start", () => actions.start(), { class: "study-button study-primary" }),
          rest ? el("p", { class: "study-muted" }, say("limited", { n: rest })) : "");
      }
      const text = cards ? say("doneForNow") : say("noCards");
      const when = next ? say("nextIn", { when: speaker.interval(next - now) }) : "";
      tally.replaceChildren(el("p", { class: "study-done" }, text, when ? ` ${when}` : ""), more(unseen, later));
    }

    /* What can be studied although nothing is due. */
    function more(unseen, later) {
      const fresh = Math.min(10, unseen), ahead = Math.min(20, later);
      const offer = (key, n, kind) => n
        ? el("button", { type: "button", class: "study-button", "data-more": kind, click: () => actions.start({ [kind]: n }) },
          label(key, { n }))
        : null;
      return el("div", { class: "study-row" }, offer("moreFresh", fresh, "fresh"), offer("ahead", ahead, "ahead"));
    }

    const KINDS = ["known", "learning", "unseen"];
    // Names in full: the build drops the rules of a class that neither a page nor a script names.
    const CLASSES = { known: "study-known", learning: "study-learning", unseen: "study-unseen" };

    function drawChart(rows) {
      const swatch = (kind) => el("span", { class: `study-swatch ${CLASSES[kind]}`, "aria-hidden": "true" });
      chart.replaceChildren(
        el("h2", {}, label("progress")),
        el("p", { class: "study-legend" }, KINDS.map((kind) => el("span", {}, swatch(kind), " ", label(kind)))),
        el("ul", {}, rows.map((row) => {
          const bar = el("span", { class: "study-bar", "aria-hidden": "true" });
          for (const kind of KINDS.filter((one) => row[one])) {
            bar.append(el("span", { class: CLASSES[kind], style: `flex-grow: ${row[kind]}` }));
          }
          // In numbers, for whoever does not see the bar or wants to know exactly.
          const counts = KINDS.filter((kind) => row[kind]).map((kind) => `${say(kind)} ${row[kind]}`).join(" · ");
          return el("li", {}, el("a", { href: `${row.chapter.id}.html` }, number(row.chapter), named(row.chapter)), bar,
            el("span", { class: "study-muted" }, counts));
        })),
        el("p", { class: "study-muted" }, say("knownMeans", { n: Study.session.KNOWN })));
    }

    /* Fronts come when their chapter's data has arrived; until then the place says which card is meant. */
    function drawHardest(entries) {
      hardest.replaceChildren(el("h2", {}, label("hardest")), entries.length
        ? el("ol", {}, entries.map(({ card, record, text }) => {
          const front = el("div", { class: "study-brief", lang: text.lang });
          text.ready.then((html) => { front.innerHTML = html; }, () => front.remove());
          const facts = [record.lapses ? say("lapses", { n: record.lapses }) : null,
            say("difficulty", { n: Math.round(record.difficulty) })].filter(Boolean).join(" · ");
          return el("li", {}, front, el("p", { class: "study-muted" }, placeLink(card), ` · ${facts}`));
        }))
        : el("p", { class: "study-muted" }, say("noHardest")));
    }

    function drawBackup(last) {
      const date = last && new Date(last).toLocaleDateString(document.documentElement.lang);
      backup.textContent = date ? say("lastBackup", { date }) : say("noBackup");
    }

    // ---- A card ----

    const bar = el("progress", { "aria-label": say("progress") });
    const left = el("span", { class: "study-left" });
    const undo = button("undo", actions.undo, { class: "study-button study-quiet", "aria-keyshortcuts": "z" });
    const languages = el("div", { class: "study-languages other-language", role: "group", "aria-label": say("language") },
      Object.entries(editions).map(([name, edition]) => el("button",
        { type: "button", class: "study-button study-quiet", "data-edition": name, lang: edition.lang, click: () => actions.language(name) },
        edition.name)));
    languages.hidden = Object.keys(editions).length < 2;
    const help = el("button", { type: "button", class: "study-button study-quiet study-key-help", "aria-label": say("help"),
      "aria-keyshortcuts": "?", click: actions.help }, "?");

    const meta = el("p", { class: "study-meta" });
    const front = el("div", { class: "study-side study-front", role: "group", "aria-label": say("question"), tabindex: -1 });
    const back = el("div", { class: "study-side study-back", role: "group", "aria-label": say("answer"), tabindex: -1 });
    const place = el("p", { class: "study-place" });
    const sheet = el("div", { class: "study-card", click: (event) => {
      const busy = event.target.closest("a, button") || !window.getSelection().isCollapsed;
      if (!busy && settled(event)) actions.flip();
    } }, meta, front, back, place);

    let changed = -Infinity; // when the buttons last changed under the thumb
    const settled = (event) => event.detail === 0 || event.timeStamp - changed > SETTLED;
    const careful = (action) => (event) => { if (settled(event)) action(); };

    const flip = button("showAnswer", careful(actions.flip), { class: "study-button study-primary study-flip", "aria-keyshortcuts": "Space" });
    const times = RATINGS.map(() => el("span", { class: "study-interval" }));
    const ratings = el("div", { class: "study-ratings", role: "group", "aria-label": say("ratings") },
      RATINGS.map((rating, place) => el("button", { type: "button", class: `study-button study-rating ${RATING_CLASSES[place]}`,
        "aria-keyshortcuts": place + 1, click: careful(() => actions.rate(place + 1)) },
      el("span", {}, label(rating)), times[place])));
    const failure = el("div", { class: "study-row" }, button("retry", actions.retry, { class: "study-button study-primary" }),
      button("skip", actions.skip));
    const doing = el("div", { class: "study-actions" }, flip, ratings, failure);

    const session = el("div", { class: "study-session" },
      el("div", { class: "study-row study-top" }, button("end", actions.end, { class: "study-button study-quiet" }), bar, left),
      el("div", { class: "study-row study-tools" }, languages, undo, help),
      sheet, doing);

    /* Which part of the card is there: "front", "back", "waiting" or "failed". */
    function stage(name) {
      session.dataset.stage = name;
      back.hidden = place.hidden = ratings.hidden = name !== "back";
      flip.hidden = name !== "front";
      failure.hidden = name !== "failed";
      changed = performance.now();
    }

    function drawFrame({ card, fresh, learning, done, remaining, edition, canUndo }) {
      const state = fresh ? "freshCard" : learning ? "inCourse" : null;
      const names = [chapterOf.get(card.chapter), ...card.tags.map((tag) => tags[tag])].map(speaker.choose);
      meta.textContent = [...names, ...(state ? [say(state)] : [])].join(" · ");
      bar.max = done + remaining;
      bar.value = done;
      left.textContent = say("left", { n: remaining });
      undo.disabled = !canUndo;
      for (const one of languages.children) one.setAttribute("aria-pressed", one.dataset.edition === edition);
      place.replaceChildren(el("a", { href: card.link, click: actions.leave }, label("place"), " →"));
      front.lang = back.lang = editions[edition].lang;
      sheet.dataset.card = card.id;
    }

    function drawFront(html) {
      front.innerHTML = html;
      back.replaceChildren();
      stage("front");
    }

    function drawBack(html, intervals) {
      back.innerHTML = html;
      intervals.forEach((ms, place) => { times[place].textContent = speaker.interval(ms); });
      stage("back");
    }

    function drawInstead(key, name) {
      front.replaceChildren(el("p", { class: "study-muted" }, say(key)));
      back.replaceChildren();
      stage(name);
    }

    /* The card begins at the top of the window again, if it has left it. */
    function focusFront() {
      front.focus({ preventScroll: true });
      const { top } = session.getBoundingClientRect();
      if (top < 0 || top > window.innerHeight / 3) session.scrollIntoView({ block: "start" });
    }

    function focusBack() {
      back.focus({ preventScroll: true });
      const room = window.innerHeight - tall(doing);
      back.scrollIntoView({ block: tall(back) > room * 0.8 ? "start" : "nearest" });
    }

    // ---- Summary ----

    const summary = el("div", { class: "study-summary study-sheet" });

    function drawSummary({ reviews, cards, again, failed, entries, survey, canUndo }, now) {
      const heading = el("h2", { tabindex: -1 }, label(survey.due + survey.fresh ? "stopped" : "summary"));
      const fact = (key, value) => el("div", {}, el("dt", {}, label(key)), el("dd", {}, value));
      const next = survey.due ? say("now") : survey.next ? speaker.interval(survey.next - now) : say("never");
      summary.replaceChildren(heading,
        el("dl", { class: "study-facts" }, fact("reviewed", String(reviews)), fact("cards", String(cards)),
          fact("againShare", `${Math.round(again * 100)}%`), fact("nextDue", next)));
      if (failed.length) {
        summary.append(el("h3", {}, label("mostFailed")), el("ol", {}, failed.slice(0, 5).map(({ card, times, html, lang }) => {
          const text = el("div", { class: "study-brief", lang });
          text.innerHTML = html || "";
          return el("li", {}, text, el("p", { class: "study-muted" }, placeLink(card), ` · ${say("failedTimes", { n: times })}`));
        })));
      }
      const goOn = survey.due + survey.fresh
        ? button("goOn", () => actions.start(), { class: "study-button study-primary" })
        : more(survey.unseen, survey.later);
      summary.append(el("div", { class: "study-row" }, goOn, button("toOverview", actions.overview),
        canUndo ? button("undo", actions.undo) : null));
      return heading;
    }

    // ---- Keys ----

    const KEYS = [[[say("keySpace"), "Enter"], "keyFlip"], [["1", "2", "3", "4"], "keyRate"], [["z"], "keyUndo"],
      ...(languages.hidden ? [] : [[["l"], "keyLanguage"]]), [["?"], "keyHelp"]];
    const dialog = el("dialog", { class: "study-help", "aria-label": say("help") },
      el("h2", {}, label("help")),
      el("dl", {}, KEYS.map(([keys, key]) => el("div", {}, el("dt", {}, keys.map((one) => el("kbd", {}, one))), el("dd", {}, label(key))))),
      button("close", () => dialog.close()));

    // ---- The whole ----

    const parts = { overview, session, summary };

    function show(name) {
      root.dataset.view = name;
      for (const [key, part] of Object.entries(parts)) part.hidden = key !== name;
    }

    root.append(live, notices, ...Object.values(parts), dialog);
    show("overview");

    return {
      announce,
      notice,
      withdraw,
      show,
      button,
      drawChart,
      drawHardest,
      drawBackup,
      drawTally,
      drawFrame,
      drawFront,
      drawBack,
      drawInstead,
      drawSummary,
      focusFront,
      focusBack,
      setFilters(chosen) { for (const [name, { field }] of Object.entries(fields)) field.value = chosen[name]; },
      setLimit(count) { limit.value = count; },
      showOutcome(text) { outcome.textContent = text; },
      focusStart() { (tally.querySelector("button") || fields.chapter.field).focus({ preventScroll: true }); },
      openHelp() { dialog.showModal(); },
      get helpOpen() { return dialog.open; },
    };
  };
})();

/* Which cards are studied, in which order, and what was done: no page, no clock of its own. */
(function () {
  "use strict";
  const Study = window.Study = window.Study || {};

  const REVIEW = 2; // the state of a record that has left the learning steps
  const AGAIN = 1;
  const MINUTE = 60_000;
  const AHEAD = 20 * MINUTE;
  const DAWN = 4; // o'clock: whoever studies past midnight is still in the same day
  const KNOWN = 21; // days of stability
  const DIFFICULT = 6; // of 10; a new card that was not known at all starts above it

  /* The day of study that holds a moment, as times in ms. */
  function day(now) {
    const start = new Date(now);
    if (start.getHours() < DAWN) start.setDate(start.getDate() - 1);
    start.setHours(DAWN, 0, 0, 0);
    const end = new Date(start);
    end.setDate(end.getDate() + 1);
    return { start: start.getTime(), end: end.getTime() };
  }

  const isStep = (record) => record.state !== REVIEW;

  /* A review is due all day; a learning step at its minute, or so near to it that it is not worth the wait. */
  function isDue(record, now, dayEnd) {
    return Study.schedule.isDue(record, now) || (isStep(record) ? record.due <= now + AHEAD : record.due < dayEnd);
  }

  /* When a card's turn is. One that a wrong clock has dated far ahead is due all the same, hence now. */
  const turn = (record, now) => (Study.schedule.isDue(record, now) ? Math.min(record.due, now) : record.due);

  function matching(cards, filters) {
    return cards.filter((card) =>
      (!filters.chapter || card.chapter === filters.chapter) && (!filters.tag || card.tags.includes(filters.tag)));
  }

  const byDue = (a, b) => a.due - b.due || a.card.order - b.card.order;

  /* The cards in three heaps, each in the order of study. */
  function sorted(cards, progress, now) {
    const { end } = day(now);
    const [due, later, fresh] = [[], [], []];
    for (const card of cards) {
      const record = progress.get(card.id);
      if (!record) fresh.push(card);
      else (isDue(record, now, end) ? due : later).push({ card, due: turn(record, now), step: isStep(record) });
    }
    return { due: due.sort(byDue), later: later.sort(byDue), fresh };
  }

  function seenToday(progress, now) {
    const { start, end } = day(now);
    return progress.counts(start, end).new;
  }

  /* How many new cards the day still allows. */
  const allowance = (progress, now) => Math.max(0, progress.settings.newPerDay - seenToday(progress, now));

  /* What the overview says of the chosen cards. */
  function survey(cards, progress, filters, now) {
    const chosen = matching(cards, filters);
    const { due, later, fresh } = sorted(chosen, progress, now);
    const all = filters.scope === "all";
    return {
      cards: chosen.length,
      due: due.length + (all ? later.length : 0),
      fresh: all ? fresh.length : Math.min(fresh.length, allowance(progress, now)),
      unseen: fresh.length,
      later: later.length,
      next: later.length ? later[0].due : null,
    };
  }

  /* How many cards of each chapter are known, being learnt, not seen. */
  function byChapter(chapters, cards, progress) {
    const rows = new Map(chapters.map((chapter) => [chapter.id, { chapter, known: 0, learning: 0, unseen: 0 }]));
    for (const card of cards) {
      const record = progress.get(card.id);
      const kind = !record ? "unseen" : !isStep(record) && record.stability >= KNOWN ? "known" : "learning";
      rows.get(card.chapter)[kind] += 1;
    }
    return [...rows.values()].filter((row) => row.known + row.learning + row.unseen);
  }

  function hardest(cards, progress, count) {
    return cards
      .map((card) => ({ card, record: progress.get(card.id) }))
      .filter(({ record }) => record && (record.lapses > 0 || record.difficulty >= DIFFICULT))
      .sort((a, b) => b.record.lapses - a.record.lapses || b.record.difficulty - a.record.difficulty
        || a.card.order - b.card.order)
      .slice(0, count);
  }

  /* What is to be studied: reviews by due time, then new cards as in the book up to the day's last; learning steps apart. */
  function queues({ cards, progress, filters, more }, lastNew, now) {
    const { due, later, fresh } = sorted(matching(cards, filters), progress, now);
    const all = filters.scope === "all";
    const extra = all ? later : later.slice(0, more.ahead || 0);
    const room = all ? fresh.length : Math.max(0, lastNew - seenToday(progress, now));
    return {
      main: [...due, ...extra].filter(({ step }) => !step).map(({ card }) => card).concat(fresh.slice(0, room)),
      steps: [...due, ...extra].filter(({ step }) => step),
    };
  }

  /* A session: `current` is the card to be shown; it stays in its queue until it is rated. */
  class Session {
    constructor(options, now) {
      this.options = { ...options, more: options.more || {} };
      this.history = [];
      this.skipped = new Set();
      this.lastNew = seenToday(options.progress, now) + allowance(options.progress, now) + (this.options.more.fresh || 0);
      this.fill(now);
      this.turnTo(options.first);
      this.advance(now);
    }

    fill(now) {
      const { main, steps } = queues(this.options, this.lastNew, now);
      const over = new Set([...this.skipped, ...this.history.map(({ card }) => card)]);
      this.main = main.filter((card) => !over.has(card));
      this.steps = steps.filter(({ card }) => !this.skipped.has(card));
      this.at = 0;
    }

    /* Put one card before all others, even if it is not due. */
    turnTo(card) {
      this.forced = card || null;
      if (card && !this.main.includes(card) && !this.steps.some((step) => step.card === card)) this.main.unshift(card);
    }

    advance(now) {
      this.current = this.forced || this.following(now, null);
      return this.current;
    }

    /* The card that comes next, leaving aside one that is on the table. */
    following(now, aside) {
      const step = this.steps.find(({ card }) => card !== aside);
      if (step && step.due <= now) return step.card;
      for (let at = this.at; at < this.main.length; at += 1) if (this.main[at] !== aside) return this.main[at];
      return step && step.due <= now + AHEAD ? step.card : null;
    }

    peek(now) { return this.following(now, this.current); }

    get remaining() { return this.main.length - this.at + this.steps.length; }

    /* Take the current card out of its queue; returns what it takes to put it back. */
    take() {
      const card = this.current;
      this.forced = null;
      const place = this.steps.findIndex((step) => step.card === card);
      if (place >= 0) return { card, step: this.steps.splice(place, 1)[0] };
      const at = this.main.indexOf(card, this.at);
      // Out of turn: those before it move up one place.
      this.main.copyWithin(this.at + 1, this.at, at);
      this.main[this.at] = card;
      this.at += 1;
      return { card, step: null };
    }

    putBack({ card, step }) {
      this.steps = this.steps.filter((other) => other.card !== card);
      if (step) this.addStep(step);
      else this.main.splice(this.at, 0, card);
    }

    addStep(step) {
      const place = this.steps.findIndex((other) => byDue(step, other) < 0);
      this.steps.splice(place < 0 ? this.steps.length : place, 0, step);
    }

    rate(rating, now) {
      const { progress } = this.options;
      const fresh = !progress.get(this.current.id);
      const taken = this.take();
      const { record, undo } = progress.review(taken.card.id, rating, now);
      if (isStep(record)) this.addStep({ card: taken.card, due: record.due, step: true });
      this.history.push({ ...taken, taken, rating, fresh, token: undo });
      this.advance(now);
      return record;
    }

    /* Take back the last rating; its card is the current one again, unless it has been reviewed elsewhere since. */
    undo() {
      const last = this.history.pop();
      const undone = this.options.progress.undo(last.token);
      if (undone) {
        this.putBack(last.taken);
        this.current = this.forced = last.card;
      }
      return { ...last, undone };
    }

    skip(now) {
      this.skipped.add(this.take().card);
      this.advance(now);
    }

    /* After a change elsewhere; true if the current card is still to be answered. */
    refresh(now) {
      const before = this.current;
      this.fill(now);
      const stays = before && (this.main.includes(before) || this.steps.some(({ card }) => card === before));
      this.forced = stays ? before : null;
      this.advance(now);
      return Boolean(stays);
    }

    summary() {
      const failures = new Map();
      for (const { card, rating } of this.history) {
        if (rating === AGAIN) failures.set(card, (failures.get(card) || 0) + 1);
      }
      const again = this.history.filter(({ rating }) => rating === AGAIN).length;
      return {
        reviews: this.history.length,
        cards: new Set(this.history.map(({ card }) => card)).size,
        again: this.history.length ? again / this.history.length : 0,
        failed: [...failures].sort((a, b) => b[1] - a[1]).map(([card, times]) => ({ card, times })),
      };
    }
  }

  Study.session = { KNOWN, day, isStep, survey, byChapter, hardest, start: (options, now) => new Session(options, now) };
})();

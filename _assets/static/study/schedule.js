/* When a card is to be seen again: FSRS-6 as in ts-fsrs, on records of plain numbers that survive JSON.

   A record holds due and last (the times of the next and the last review, in ms since 1970), stability and elapsed (days
   between the last two reviews), difficulty, state (0 new, 1 learning, 2 review, 3 relearning), reps, lapses and the
   learning step.

   Clocks are wrong at times. A review always takes the clock at its word, since it has nothing better; but a time that
   lies before the last review counts as the moment of that review, never as a negative delay. A card that was reviewed
   more than a day from now was dated by a clock that has been put right since: its due date means nothing, and it is due
   at once, lest it stay hidden for years. Within a day (a clock moved instead of its time zone) the date still holds. */
(function () {
  "use strict";
  const Study = window.Study = window.Study || {};

  const DAY = 24 * 60 * 60_000; // ms
  const LAST_TIME = Date.UTC(9999, 11, 31);
  const LONGEST = 36_500; // days
  const NEW = 0;
  const RATINGS = [1, 2, 3, 4]; // again, hard, good, easy
  const STEPS = { learning: ["1m", "10m"], relearning: ["10m"] };
  const LAST_STEP = [0, STEPS.learning.length - 1, 0, STEPS.relearning.length - 1]; // by state

  // Spelled out, so that a later ts-fsrs with other defaults moves nobody's dates.
  const engine = window.FSRS.fsrs({
    request_retention: 0.9,
    maximum_interval: LONGEST,
    enable_fuzz: false,
    enable_short_term: true,
    learning_steps: STEPS.learning,
    relearning_steps: STEPS.relearning,
  });

  const LONGEST_DELAY = (LONGEST + 2) * DAY; // good and easy are kept a day apart from hard and good

  const within = (low, high) => (value) => Number.isFinite(value) && value >= low && value <= high;
  const whole = (low, high) => (value) => Number.isInteger(value) && value >= low && value <= high;

  /* What a stored record holds, in the order of its text; beyond these bounds ts-fsrs throws or gives NaN. */
  const FIELDS = {
    due: whole(0, LAST_TIME + LONGEST_DELAY),
    last: whole(0, LAST_TIME),
    stability: within(window.FSRS.S_MIN, window.FSRS.S_MAX),
    difficulty: within(1, 10),
    elapsed: whole(0, LAST_TIME / DAY),
    state: whole(1, 3),
    reps: whole(1, 1e6),
    lapses: whole(0, 1e6),
    step: whole(0, LAST_STEP[1]),
  };

  /* The name of the first field that no review can have left so, or null. A card never reviewed has no record. */
  function fault(value) {
    if (typeof value !== "object" || value === null) return "record";
    const wrong = Object.keys(FIELDS).find((field) => !Object.hasOwn(value, field) || !FIELDS[field](value[field]));
    if (wrong) return wrong;
    const delay = value.due - value.last;
    if (delay < 0 || delay > LONGEST_DELAY) return "due";
    if (value.step > LAST_STEP[value.state]) return "step";
    return value.lapses > value.reps ? "lapses" : null;
  }

  /* The known fields alone, in their order: equal records have equal texts. */
  const clean = (value) => Object.fromEntries(Object.keys(FIELDS).map((field) => [field, value[field]]));

  function empty(now) {
    return { due: now, last: null, stability: 0, difficulty: 0, elapsed: 0, state: NEW, reps: 0, lapses: 0, step: 0 };
  }

  /* Whole days of 24 hours since the last review. */
  function elapsedDays(record, now) {
    return record.state === NEW ? 0 : Math.max(0, Math.floor((now - record.last) / DAY));
  }

  function toCard(record, now) {
    return {
      due: new Date(now),
      // ts-fsrs counts the midnights of Greenwich, which may fall at noon; this makes it count days of 24 hours.
      last_review: record.state === NEW ? undefined : new Date(now - elapsedDays(record, now) * DAY),
      stability: record.stability,
      difficulty: record.difficulty,
      elapsed_days: record.elapsed,
      scheduled_days: 0,
      state: record.state,
      reps: record.reps,
      lapses: record.lapses,
      learning_steps: record.step,
    };
  }

  const fromCard = (card) => ({
    due: card.due.getTime(),
    last: card.last_review.getTime(),
    stability: card.stability,
    difficulty: card.difficulty,
    elapsed: card.elapsed_days,
    state: card.state,
    reps: card.reps,
    lapses: card.lapses,
    step: card.learning_steps,
  });

  function checkTime(now) {
    if (!FIELDS.last(now)) throw new RangeError(`not a time in ms: ${now}`);
  }

  function rate(record, rating, now) {
    checkTime(now);
    if (!RATINGS.includes(rating)) throw new RangeError(`not a rating: ${rating}`);
    return fromCard(engine.next(toCard(record, now), new Date(now), rating).card);
  }

  /* What each rating would lead to. */
  function preview(record, now) {
    checkTime(now);
    const outcomes = engine.repeat(toCard(record, now), new Date(now));
    return Object.fromEntries(RATINGS.map((rating) => {
      const next = fromCard(outcomes[rating].card);
      return [rating, { record: next, due: next.due }];
    }));
  }

  const misdated = (record, now) => record.last !== null && record.last > now + DAY;

  const isDue = (record, now) => record.due <= now || misdated(record, now);

  /* How long until the card is due. */
  const interval = (record, now) => (isDue(record, now) ? 0 : record.due - now);

  /* How probably the answer is still known. */
  function retrievability(record, now) {
    return record.state === NEW ? 0 : engine.forgetting_curve(elapsedDays(record, now), record.stability);
  }

  Study.schedule = { empty, preview, rate, isDue, interval, retrievability, fault, clean };
})();

"""schedule.js in V8: it schedules as py-fsrs does, and no record or clock makes it throw or hide a card."""

import json
from copy import copy
from datetime import datetime, timedelta, timezone
from itertools import product
from random import Random

import pytest
from fsrs import Card, Rating, Scheduler, State
from hypothesis import given, settings
from hypothesis import strategies as st
from py_mini_racer import JSEvalException

from tests.cards.study_page import (
    AGAIN,
    DAY,
    EASY,
    GOOD,
    HARD,
    HOUR,
    LEARNING,
    MINUTE,
    NOW,
    PROPERTY,
    RATINGS,
    RELEARNING,
    REVIEW,
    Engine,
)

SEQUENCES = 100
REVIEWS = 8
DELAYS = ("early", "on time", "late", "same day")
LAST_TIME = 253_402_214_400_000  # the end of the year 9999, as in schedule.js
FIELDS = ["due", "last", "stability", "difficulty", "elapsed", "state", "reps", "lapses", "step"]

ORACLE = Scheduler(desired_retention=0.9, enable_fuzzing=False)


@pytest.fixture(scope="module")
def engine():
    with Engine() as engine:
        yield engine


def moment(time: int) -> datetime:
    return datetime.fromtimestamp(time // 1000, timezone.utc) + timedelta(milliseconds=time % 1000)


def milliseconds(time: datetime) -> int:
    return round(time.timestamp() * 1000)


# ---- Parity with py-fsrs ----


def expected(card: Card, rating: int, now: int) -> Card:
    """What py-fsrs makes of a review, with the three rules of its own that ts-fsrs has."""
    outcomes = {one: ORACLE.review_card(card, Rating(one), moment(now))[0] for one in RATINGS}
    after = copy(outcomes[rating])
    if card.state == State.Review:
        # The better answer never comes back sooner: hard at most as late as good, good and easy each a day later.
        days = {one: (outcome.due - moment(now)).days for one, outcome in outcomes.items()}
        days[HARD] = min(days[HARD], days[GOOD])
        days[GOOD] = max(days[GOOD], days[HARD] + 1)
        days[EASY] = max(days[EASY], days[GOOD] + 1)
        if rating != AGAIN:
            after.due = moment(now) + timedelta(days=days[rating])
    elif card.state == State.Learning and rating == HARD:
        # The mean of the steps of 1 and 10 minutes, in whole minutes, on either step.
        after.due = moment(now) + timedelta(minutes=6)
    after.stability = min(after.stability, 36_500)  # days; in py-fsrs only the interval has a limit
    return after


def delay(random: Random, kind: str, wait: int) -> int:
    """ms from a review to the next, of which the scheduler asked for `wait`."""
    if kind == "on time":
        return wait
    if kind == "same day":
        return random.randrange(DAY)
    return round(wait * (random.uniform(0.1, 0.9) if kind == "early" else random.uniform(1.1, 2)))


def sequence(seed: int):
    """The reviews of one card as (state before, rating, kind of delay, now, card of py-fsrs after)."""
    random = Random(seed)
    now = NOW + random.randrange(365 * DAY)
    card = Card(card_id=seed, due=moment(now))
    for turn in range(REVIEWS):
        kind = random.choice(DELAYS) if turn else "on time"
        if turn:
            now += delay(random, kind, milliseconds(card.due) - now)
        # Half of the answers are good, as in life: cards also get beyond the first steps.
        rating = random.choice([*RATINGS, GOOD, GOOD])
        before, card = card, expected(card, rating, now)
        yield before.state.value if turn else 0, rating, kind, now, card


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_a_sequence_of_reviews_is_scheduled_as_by_py_fsrs(engine, seed):
    record = engine.schedule("empty", NOW)
    for _, rating, _, now, card in sequence(seed):
        record = engine.schedule("rate", record, rating, now)
        # To 4 decimals; ts-fsrs rounds to 8 on the way, which beyond 1000 days is seen a digit earlier.
        assert record["stability"] == pytest.approx(card.stability, abs=5e-5, rel=5e-8)
        assert record["difficulty"] == pytest.approx(card.difficulty, abs=5e-5)
        assert (record["due"], record["last"]) == (milliseconds(card.due), now)
        assert record["state"] == card.state.value
        assert record["step"] == (card.step or 0)
        for days in (0, 1, 30):
            known = ORACLE.get_card_retrievability(card, moment(now + days * DAY))
            assert engine.schedule("retrievability", record, now + days * DAY) == pytest.approx(known, abs=5e-5)


def test_the_sequences_hold_every_rating_in_every_state_at_every_delay():
    reviews = [review[:3] for seed in range(SEQUENCES) for review in sequence(seed)]
    wanted = set(product((LEARNING, REVIEW, RELEARNING), RATINGS, DELAYS))
    assert wanted - set(reviews) == set()
    assert {rating for state, rating, _ in reviews if state == 0} == set(RATINGS)


def test_a_day_is_24_hours_on_every_meridian(engine):
    before_midnight = NOW - NOW % DAY + DAY - HOUR
    record = engine.schedule("rate", engine.schedule("empty", NOW), EASY, before_midnight)
    for hours, days in ((2, 0), (23, 0), (24, 1), (47, 1), (48, 2)):
        assert engine.schedule("rate", record, GOOD, before_midnight + hours * HOUR)["elapsed"] == days


# ---- Records ----

TIMES = st.integers(0, LAST_TIME)
RECORDS = st.builds(
    lambda delay, state, **fields: {**fields, **state, "due": fields["last"] + delay},
    delay=st.integers(0, 36_502 * DAY),
    last=TIMES,
    stability=st.floats(0.001, 36_500),
    difficulty=st.floats(1, 10),
    elapsed=st.integers(0, 10_000),
    state=st.sampled_from([{"state": state, "step": 0} for state in (1, 2, 3)] + [{"state": LEARNING, "step": 1}]),
    reps=st.integers(1000, 10_000),
    lapses=st.integers(0, 1000),
)


def reviewed(engine, *ratings: int, now: int = NOW) -> dict:
    """A card after these ratings, each given when it was due."""
    record = engine.schedule("empty", now)
    for rating in ratings:
        record = engine.schedule("rate", record, rating, record["due"])
    return record


@settings(PROPERTY, max_examples=300)
@given(record=RECORDS, rating=st.sampled_from(RATINGS), now=TIMES)
def test_a_valid_record_stays_valid_whatever_the_rating_and_the_clock(engine, record, rating, now):
    assert engine.schedule("fault", record) is None
    after = engine.schedule("rate", record, rating, now)
    assert engine.schedule("fault", after) is None
    assert after["last"] == now and after["due"] > now
    assert after["reps"] == record["reps"] + 1


@PROPERTY
@given(record=RECORDS, now=TIMES)
def test_the_preview_of_a_rating_is_what_the_rating_does(engine, record, now):
    preview = engine.schedule("preview", record, now)
    for rating in RATINGS:
        after = engine.schedule("rate", record, rating, now)
        assert preview[str(rating)] == {"record": after, "due": after["due"]}


@PROPERTY
@given(record=RECORDS, now=TIMES)
def test_a_better_answer_never_comes_back_sooner(engine, record, now):
    preview = engine.schedule("preview", record, now)
    dues = [preview[str(rating)]["due"] for rating in RATINGS]
    if record["state"] == REVIEW:
        assert dues == sorted(set(dues))
    else:
        assert dues[0] <= dues[1] and dues[0] <= dues[2] <= dues[3]


def test_a_new_card_comes_back_after_minutes_and_leaves_the_steps_after_two_good_answers(engine):
    preview = engine.schedule("preview", engine.schedule("empty", NOW), NOW)
    assert [preview[str(rating)]["due"] - NOW for rating in RATINGS] == [MINUTE, 6 * MINUTE, 10 * MINUTE, 8 * DAY]
    assert [reviewed(engine, *ratings)["state"] for ratings in ([GOOD], [GOOD, GOOD])] == [LEARNING, REVIEW]


def test_to_forget_a_card_counts_as_a_lapse_and_brings_it_back_in_ten_minutes(engine):
    record = reviewed(engine, EASY, AGAIN)
    assert (record["state"], record["lapses"], record["due"] - record["last"]) == (RELEARNING, 1, 10 * MINUTE)


def test_a_record_is_whole_numbers_of_ms_and_survives_json(engine):
    record = reviewed(engine, GOOD, GOOD, HARD)
    assert list(record) == FIELDS
    assert all(type(record[field]) is int for field in FIELDS if field not in ("stability", "difficulty"))
    assert json.loads(json.dumps(record)) == record


def test_to_rate_and_to_preview_leave_the_record_alone(engine):
    frozen = "(record, now) => {{ Study.schedule.{}(Object.freeze(record), {}now); return record; }}"
    record = reviewed(engine, GOOD, GOOD)
    assert engine.run(frozen.format("rate", "1, "), record, NOW) == record
    assert engine.run(frozen.format("preview", ""), record, NOW) == record


WRONG = [
    *[(field, value) for field in FIELDS for value in (None, "1", [], -1, True)],
    *[(field, 0.5) for field in FIELDS if field not in ("stability", "difficulty")],
    *[("due", 2**53), ("due", "2027-01-15T08:00:00.000Z"), ("last", LAST_TIME + 1)],
    *[("stability", 0), ("stability", 36_501), ("difficulty", 0.99), ("difficulty", 10.01)],
    *[("state", 0), ("state", 4), ("reps", 0), ("step", 1), ("lapses", 4)],
]


@pytest.mark.parametrize(("field", "value"), WRONG, ids=lambda part: json.dumps(part))
def test_a_field_that_no_review_leaves_so_is_a_fault(engine, field, value):
    record = reviewed(engine, GOOD, GOOD, HARD)
    assert engine.schedule("fault", {**record, field: value}) == field


@pytest.mark.parametrize("field", FIELDS)
def test_a_missing_field_is_a_fault(engine, field):
    record = reviewed(engine, GOOD)
    del record[field]
    assert engine.schedule("fault", record) == field


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_a_fault(engine, number):
    record = reviewed(engine, GOOD)
    for field in FIELDS:
        assert engine.run(f"(record) => Study.schedule.fault({{ ...record, {field}: {number} }})", record) == field


@pytest.mark.parametrize("value", [None, 1, "text", [], {}, True])
def test_what_is_no_record_is_a_fault(engine, value):
    assert engine.schedule("fault", value) is not None


def test_a_date_out_of_reach_of_any_interval_is_a_fault(engine):
    record = reviewed(engine, GOOD)
    assert engine.schedule("fault", {**record, "due": record["last"] - 1}) == "due"
    assert engine.schedule("fault", {**record, "due": record["last"] + 36_502 * DAY}) is None
    assert engine.schedule("fault", {**record, "due": record["last"] + 36_502 * DAY + 1}) == "due"


def test_a_fault_is_not_hidden_by_what_an_object_inherits(engine):
    inherited = "(record) => Study.schedule.fault(Object.create(record))"
    assert engine.run(inherited, reviewed(engine, GOOD)) == "due"


def test_equal_records_have_equal_texts(engine):
    record = reviewed(engine, GOOD)
    shuffled = {"more": 1, **dict(reversed(record.items()))}
    assert list(engine.schedule("clean", shuffled).items()) == list(record.items())


@pytest.mark.parametrize("rating", [0, 5, 2.5, None, "3"])
def test_what_is_no_rating_is_refused(engine, rating):
    with pytest.raises(JSEvalException, match="not a rating"):
        engine.schedule("rate", engine.schedule("empty", NOW), rating, NOW)


@pytest.mark.parametrize("now", [None, -1, 0.5, LAST_TIME + 1, "now"])
def test_what_is_no_time_is_refused(engine, now):
    for call in (["rate", engine.schedule("empty", NOW), GOOD, now], ["preview", engine.schedule("empty", NOW), now]):
        with pytest.raises(JSEvalException, match="not a time"):
            engine.schedule(*call)


# ---- Clocks ----


def test_a_card_is_due_from_its_time_on(engine):
    record = reviewed(engine, GOOD)
    assert not engine.schedule("isDue", record, record["due"] - 1)
    assert engine.schedule("isDue", record, record["due"])
    assert engine.schedule("isDue", engine.schedule("empty", NOW), NOW)


def test_the_interval_is_the_time_until_then(engine):
    record = reviewed(engine, GOOD)
    assert engine.schedule("interval", record, record["last"]) == 10 * MINUTE
    assert engine.schedule("interval", record, record["due"]) == 0
    assert engine.schedule("interval", record, record["due"] + DAY) == 0


@PROPERTY
@given(back=st.integers(0, NOW), rating=st.sampled_from(RATINGS))
def test_a_clock_put_back_counts_as_no_delay(engine, back, rating):
    record = reviewed(engine, GOOD, GOOD)
    after = engine.schedule("rate", record, rating, record["last"] - back)
    at_once = engine.schedule("rate", record, rating, record["last"])
    shift = {"due": at_once["due"] - back, "last": at_once["last"] - back}
    assert after == {**at_once, **shift}
    assert engine.schedule("retrievability", record, record["last"] - back) == 1


def test_cards_of_a_clock_that_was_years_ahead_are_due_and_come_right_with_a_review(engine):
    record = reviewed(engine, EASY, now=NOW + 1000 * DAY)
    assert engine.schedule("isDue", record, NOW)
    assert engine.schedule("interval", record, NOW) == 0
    after = engine.schedule("rate", record, GOOD, NOW)
    assert not engine.schedule("isDue", after, NOW)
    assert engine.schedule("isDue", after, after["due"])


def test_a_clock_put_back_within_a_day_brings_nothing_back_at_once(engine):
    record = reviewed(engine, EASY)
    assert not engine.schedule("isDue", record, NOW - DAY)
    assert engine.schedule("isDue", record, NOW - DAY - 1)


def test_what_was_never_seen_is_not_known(engine):
    assert engine.schedule("retrievability", engine.schedule("empty", NOW), NOW) == 0


def test_what_is_known_fades(engine):
    record = reviewed(engine, EASY)
    fading = [engine.schedule("retrievability", record, NOW + days * DAY) for days in (0, 1, 8, 100, 10_000)]
    assert fading[0] == 1 and fading == sorted(fading, reverse=True)
    assert fading[2] == pytest.approx(0.9, abs=0.005)  # the interval after which nine of ten are known

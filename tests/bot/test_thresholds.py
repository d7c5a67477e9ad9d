"""When a watched number is worth waking somebody: the whole table, and what holds whatever is read."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import thresholds
from bot.errors import BadInput
from bot.thresholds import Mode, News, Sample, Side, Standing, Threshold, Zone

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
ABOVE = Threshold(side=Side.ABOVE, limit=90, clear=80, hold=120, absent=300)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def walk(rule: Threshold, *values: float | None, every: int = 60) -> list[tuple[int, News]]:
    """One reading after the other, a failed one as None; the news by the number of the reading."""
    standing, told = Standing(), list[tuple[int, News]]()
    for number, value in enumerate(values):
        now = at(number * every)
        silent = (standing.silent or now) if value is None else None
        standing, news = thresholds.step(rule, standing, now, value, silent=silent)
        told += [(number, each) for each in news]
    return told


@pytest.mark.parametrize(
    ("mode", "zone", "after", "news"),
    [
        (Mode.CALM, Zone.GOOD, Mode.CALM, ()),
        (Mode.CALM, Zone.BETWEEN, Mode.CALM, ()),
        (Mode.CALM, Zone.BEYOND, Mode.PENDING, ()),
        (Mode.PENDING, Zone.GOOD, Mode.CALM, ()),
        (Mode.PENDING, Zone.BETWEEN, Mode.CALM, ()),
        (Mode.PENDING, Zone.BEYOND, Mode.FIRING, (News.FIRED,)),
        (Mode.FIRING, Zone.GOOD, Mode.CALM, (News.CLEARED,)),
        (Mode.FIRING, Zone.BETWEEN, Mode.FIRING, ()),
        (Mode.FIRING, Zone.BEYOND, Mode.FIRING, ()),
    ],
)
def test_the_table(mode: Mode, zone: Zone, after: Mode, news: tuple[News, ...]) -> None:
    value = {Zone.GOOD: 10.0, Zone.BETWEEN: 85.0, Zone.BEYOND: 95.0}[zone]
    since = None if mode is Mode.CALM else at(-120)
    before = Standing(mode=mode, at=at(-1), since=since, fired=at(-60) if mode is Mode.FIRING else None)
    found, told = thresholds.step(ABOVE, before, NOON, value)
    assert (found.mode, told) == (after, news)


def test_it_fires_after_its_time_counted_from_the_first_number_beyond_the_limit() -> None:
    assert walk(ABOVE, 50, 91, 95, 91, 95) == [(3, News.FIRED)]
    assert walk(ABOVE, 91, 95, 89, 91, 95, 91) == [(5, News.FIRED)], "one that is not beyond begins anew"
    assert walk(replace(ABOVE, hold=0), 50, 91) == [(1, News.FIRED)]


def test_between_the_limit_and_where_it_clears_nothing_changes() -> None:
    swinging = [95, 95, 95, 85, 95, 81, 95, 80, 95]
    assert walk(ABOVE, *swinging) == [(2, News.FIRED)]
    assert walk(ABOVE, *swinging, 79.9) == [(2, News.FIRED), (9, News.CLEARED)]


def test_below_is_the_mirror_of_above() -> None:
    below = Threshold(side=Side.BELOW, limit=10, clear=20)
    assert walk(below, 50, 9, 15, 20, 21, 10, 9) == [(1, News.FIRED), (4, News.CLEARED), (6, News.FIRED)]


def test_at_the_limit_itself_it_is_good() -> None:
    assert walk(Threshold(side=Side.ABOVE, limit=90), 90, 90.01, 90) == [(1, News.FIRED), (2, News.CLEARED)]


def test_between_two_firings_lies_the_cooldown() -> None:
    rule = Threshold(side=Side.ABOVE, limit=90, cooldown=300)
    told = walk(rule, 95, 50, 95, 50, 95, 95, 95)
    assert told == [(0, News.FIRED), (1, News.CLEARED), (5, News.FIRED)]


def test_that_no_number_comes_is_told_once_and_so_is_that_it_does_again() -> None:
    assert walk(ABOVE, 50, *[None] * 20, 50) == [(6, News.GONE), (21, News.BACK)]
    assert walk(ABOVE, 50, None, None, 50, None, None, None, 50) == []
    assert walk(replace(ABOVE, absent=0), 50, *[None] * 20, 50) == []


def test_what_fires_is_not_over_because_its_source_fails() -> None:
    told = walk(ABOVE, 95, 95, 95, *[None] * 10, 95, 70)
    assert told == [(2, News.FIRED), (8, News.GONE), (13, News.BACK), (14, News.CLEARED)]


def test_silence_itself_can_be_what_is_watched() -> None:
    rule = Threshold(side=Side.ABSENT, absent=180)
    assert walk(rule, 1, None, None, None, None, 2, None) == [(4, News.FIRED), (5, News.CLEARED)]


def test_a_change_is_judged_over_its_time() -> None:
    rule = Threshold(side=Side.ABOVE, limit=20, over=600)
    samples = [Sample(at=at(60 * n), value=n) for n in range(30)]
    assert thresholds.replay(rule, samples).firings == ()
    samples += [Sample(at=at(60 * n), value=50) for n in range(30, 60)]
    firings = thresholds.replay(rule, samples).firings
    assert [(each.start, each.end) for each in firings] == [(at(60 * 30), at(60 * 40))]
    alone = Sample(at=at(9_000), value=900)
    assert thresholds.judged(rule, alone, samples) is None, "what was ten minutes before is not known"


@pytest.mark.parametrize(
    "wrong",
    [
        Threshold(side=Side.ABOVE, limit=float("nan")),
        Threshold(side=Side.ABOVE, limit=float("inf")),
        Threshold(side=Side.ABOVE, limit=90, clear=91),
        Threshold(side=Side.BELOW, limit=10, clear=9),
        Threshold(side=Side.ABOVE, limit=1, hold=8 * 86_400),
        Threshold(side=Side.ABOVE, limit=1, over=30),
        Threshold(side=Side.ABSENT),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(wrong: Threshold) -> None:
    with pytest.raises(BadInput):
        thresholds.checked(wrong)


# Whatever is read ----------------------------------------------------------------------------------------------

rules = st.builds(
    Threshold,
    side=st.sampled_from((Side.ABOVE, Side.BELOW)),
    limit=st.just(50.0),
    clear=st.none() | st.just(50.0),
    hold=st.sampled_from((0, 60, 150)),
    cooldown=st.sampled_from((0, 200)),
    absent=st.sampled_from((0, 120)),
) | st.builds(
    Threshold,
    side=st.just(Side.ABOVE),
    limit=st.just(60.0),
    clear=st.just(40.0),
    hold=st.sampled_from((0, 60, 150)),
    cooldown=st.sampled_from((0, 200)),
    absent=st.sampled_from((0, 120)),
)
readings = st.lists(
    st.tuples(st.integers(1, 200), st.none() | st.sampled_from((10.0, 45.0, 50.0, 55.0, 90.0))), max_size=40
)


def run(
    rule: Threshold, told: list[tuple[int, float | None]]
) -> list[tuple[datetime, float | None, Standing, tuple[News, ...]]]:
    standing, now = Standing(), NOON
    found: list[tuple[datetime, float | None, Standing, tuple[News, ...]]] = []
    for seconds, value in told:
        now += timedelta(seconds=seconds)
        silent = (standing.silent or now) if value is None else None
        standing, news = thresholds.step(rule, standing, now, value, silent=silent)
        found.append((now, value, standing, news))
    return found


@given(rules, readings)
def test_it_never_fires_twice_without_clearing(rule: Threshold, told: list[tuple[int, float | None]]) -> None:
    news = [each for *_, some in run(rule, told) for each in some if each in (News.FIRED, News.CLEARED)]
    assert news == [News.FIRED if n % 2 == 0 else News.CLEARED for n in range(len(news))]


@given(rules, readings)
def test_it_fires_only_beyond_its_limit_and_long_enough(
    rule: Threshold, told: list[tuple[int, float | None]]
) -> None:
    walked = run(rule, told)
    for number, (now, value, _, news) in enumerate(walked):
        if News.FIRED not in news:
            continue
        assert value is not None
        assert thresholds.zone(rule, value) is Zone.BEYOND
        heard = [(then, before) for then, before, *_ in walked[: number + 1] if before is not None]
        streak = [
            *itertools.takewhile(lambda each: thresholds.zone(rule, each[1]) is Zone.BEYOND, reversed(heard))
        ]
        assert now - streak[-1][0] >= timedelta(seconds=rule.hold)


@given(rules, readings)
def test_the_cooldown_lies_between_any_two_firings(
    rule: Threshold, told: list[tuple[int, float | None]]
) -> None:
    fired = [now for now, *_, news in run(rule, told) if News.FIRED in news]
    assert all(b - a >= timedelta(seconds=rule.cooldown) for a, b in itertools.pairwise(fired))


@given(rules, readings)
def test_silence_is_told_in_turn_with_its_end_and_never_early(
    rule: Threshold, told: list[tuple[int, float | None]]
) -> None:
    walked = run(rule, told)
    news = [each for *_, some in walked for each in some if each in (News.GONE, News.BACK)]
    assert news == [News.GONE if n % 2 == 0 else News.BACK for n in range(len(news))]
    for now, _, standing, some in walked:
        if News.GONE in some:
            assert standing.silent is not None
            assert now - standing.silent >= timedelta(seconds=rule.absent)


@given(rules, readings, st.integers(0, 40))
def test_what_is_judged_twice_changes_nothing(
    rule: Threshold, told: list[tuple[int, float | None]], again: int
) -> None:
    for now, value, standing, _ in run(rule, told)[: again + 1][-1:]:
        silent = standing.silent if value is None else None
        assert thresholds.step(rule, standing, now, value, silent=silent) == (standing, ())
        assert thresholds.step(rule, standing, now - timedelta(seconds=5), 99.0) == (standing, ())


@given(
    rules, st.lists(st.tuples(st.integers(1, 200), st.sampled_from((10.0, 45.0, 55.0, 90.0))), max_size=40)
)
def test_looking_back_says_what_would_have_been_told(rule: Threshold, told: list[tuple[int, float]]) -> None:
    walked = run(rule, [*told])
    samples = [Sample(at=now, value=value or 0.0) for now, value, *_ in walked]
    fired = [now for now, *_, news in walked if News.FIRED in news]
    cleared = [now for now, *_, news in walked if News.CLEARED in news]
    firings = thresholds.replay(rule, reversed(samples)).firings
    assert [each.start for each in firings] == fired
    assert [each.end for each in firings if each.end] == cleared


@given(
    st.lists(st.tuples(st.integers(0, 7200), st.floats(-5, 5)), max_size=60, unique_by=lambda each: each[0])
)
def test_thinning_out_keeps_the_extremes_of_every_stretch(told: list[tuple[int, float]]) -> None:
    samples = sorted((Sample(at=at(second), value=value) for second, value in told), key=lambda each: each.at)
    gone = thresholds.superfluous(samples)
    stays = [each for each in samples if each not in gone]
    for slot in range(12):
        some = [
            each.value
            for each in samples
            if slot * 600 <= (each.at - NOON).total_seconds() < slot * 600 + 600
        ]
        left = [
            each.value for each in stays if slot * 600 <= (each.at - NOON).total_seconds() < slot * 600 + 600
        ]
        assert len(left) <= 2
        if some:
            assert (min(left), max(left)) == (min(some), max(some))
    assert thresholds.superfluous(stays) == ()

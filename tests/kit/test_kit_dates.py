"""Dates: formatting, reading, ranges."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.kit.dates import (
    RELATIVE_RANGES,
    DateOrder,
    InvalidDate,
    Order,
    date_order_of,
    format_ago,
    format_date,
    format_datetime,
    format_day_heading,
    format_duration,
    format_month,
    format_short_date,
    format_short_datetime,
    format_time,
    own_order,
    parse_date,
    parse_datetime,
    relative_range,
)

TODAY = date(2026, 3, 17)  # a Tuesday
NOW = datetime(2026, 3, 17, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "locale", "text"),
    [
        (date(2026, 3, 17), "es", "hoy"),
        (date(2026, 3, 16), "es", "ayer"),
        (date(2026, 3, 18), "es", "mañana"),
        (date(2026, 3, 19), "es", "jue 19"),
        (date(2026, 3, 23), "es", "lun 23"),
        (date(2026, 3, 24), "es", "24 mar"),
        (date(2026, 3, 31), "es", "31 mar"),
        (date(2025, 12, 30), "es", "30 dic"),
        (date(2026, 9, 15), "es", "15 sep"),
        (date(2027, 3, 31), "es", "31/03/2027"),
        (date(2025, 3, 16), "es", "16/03/2025"),
        (date(2026, 3, 17), "ca", "avui"),
        (date(2026, 3, 18), "ca", "demà"),
        (date(2026, 3, 19), "ca", "dj 19"),
        (date(2026, 3, 31), "ca", "31 març"),
        (date(2026, 3, 19), "en", "Thu 19"),
        (date(2026, 3, 31), "en", "31 Mar"),
        (date(2026, 3, 31), "en-us", "Mar 31"),
        (date(2027, 3, 31), "en-us", "03/31/2027"),
    ],
)
def test_short_dates_are_those_of_the_design(day: date, locale: str, text: str) -> None:
    assert format_short_date(day, TODAY, locale) == text


@given(st.dates(), st.dates())
def test_short_dates_never_confuse_two_days(day: date, today: date) -> None:
    twin = day + timedelta(days=365) if day.year < 9999 else day - timedelta(days=365)
    assert format_short_date(day, today, "es") != format_short_date(twin, today, "es")


def test_whole_dates_and_hours() -> None:
    moment = datetime(2026, 3, 31, 15, 5, tzinfo=UTC)
    assert format_date(moment, "es") == "31/03/2026"
    assert format_time(moment) == "15:05"
    assert format_datetime(moment, "es", ZoneInfo("Europe/Madrid")) == "31/03/2026 17:05"
    assert format_month(moment, "es") == "marzo de 2026"
    assert format_month(moment, "en") == "March 2026"


def test_a_timeline_shows_as_little_as_needed() -> None:
    def shown(moment: datetime) -> str:
        return format_short_datetime(moment, NOW, "es", ZoneInfo("Europe/Madrid"))

    assert shown(datetime(2026, 3, 17, 8, 32, tzinfo=UTC)) == "09:32"
    assert shown(datetime(2026, 3, 16, 15, 58, tzinfo=UTC)) == "ayer 16:58"
    assert shown(datetime(2026, 3, 16, 23, 30, tzinfo=UTC)) == "00:30"
    assert shown(datetime(2026, 3, 5, 9, 0, tzinfo=UTC)) == "5 mar 10:00"
    assert shown(datetime(2024, 3, 5, 9, 0, tzinfo=UTC)) == "05/03/2024"


@pytest.mark.parametrize(
    ("day", "locale", "text"),
    [
        (date(2026, 3, 16), "es", "Ayer"),
        (date(2026, 3, 18), "es", "Mañana"),
        (date(2026, 3, 12), "es", "Jueves, 12 de marzo"),
        (date(2025, 2, 3), "es", "Lunes, 3 de febrero de 2025"),
        (date(2026, 4, 12), "ca", "Diumenge, 12 d’abril"),
        (date(2026, 3, 12), "en", "Thursday, 12 March"),
        (date(2025, 2, 3), "en-us", "Monday, February 3, 2025"),
    ],
)
def test_day_headings(day: date, locale: str, text: str) -> None:
    assert format_day_heading(day, TODAY, locale) == text


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (4320, "1 h 12 min"),
        (timedelta(days=3, hours=4, minutes=5), "3 d 4 h"),
        (86460, "1 d"),
        (45, "45 s"),
        (0, "0 s"),
        (-60, "-1 min"),
    ],
)
def test_durations_take_two_units(length: timedelta | int, text: str) -> None:
    assert format_duration(length) == text


def test_how_long_ago() -> None:
    assert format_ago(NOW - timedelta(days=21, hours=5), NOW, "es") == "hace 21 d"
    assert format_ago(NOW - timedelta(minutes=5), NOW, "ca") == "fa 5 min"
    assert format_ago(NOW - timedelta(hours=3), NOW, "en") == "3 h ago"
    assert format_ago(NOW + timedelta(hours=3), NOW, "es") == "ahora"


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("31/03/2026", "dmy", date(2026, 3, 31)),
        ("3/31/2026", "mdy", date(2026, 3, 31)),
        ("2026-03-31", "dmy", date(2026, 3, 31)),
        ("2026/3/1", "mdy", date(2026, 3, 1)),
        ("5-3-24", "dmy", date(2024, 3, 5)),
        ("5-3-69", "dmy", date(1969, 3, 5)),
        ("24-03-05", "ymd", date(2024, 3, 5)),
        ("31.12.2025", "dmy", date(2025, 12, 31)),
        ("20260331", "dmy", date(2026, 3, 31)),
        ("2024-01-23T03:54:57.000+0000", "dmy", date(2024, 1, 23)),
        ("31/03/2026 17:30", "dmy", date(2026, 3, 31)),
        ("31 de marzo de 2026", "dmy", date(2026, 3, 31)),
        ("martes, 31 de marzo de 2026", "mdy", date(2026, 3, 31)),
        ("12 d’abril de 2025", "dmy", date(2025, 4, 12)),
        ("March 31, 2026", "dmy", date(2026, 3, 31)),
        ("14-mar-26", "dmy", date(2026, 3, 14)),
    ],
)
def test_dates_are_read_in_the_order_given(text: str, order: Order, day: date) -> None:
    assert parse_date(text, order) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "30/02/2026",
        "3/31/2026",
        "2026-13-01",
        "31/03/2026 25:00",
        "31/03",
        "99999999",
        "1/2/3456789",
        "31/03/2026 x",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(InvalidDate):
        parse_date(text, "dmy")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-23T03:54:57.000+0000", datetime(2024, 1, 23, 3, 54, 57, tzinfo=UTC)),
        ("2024-01-23T03:54:57Z", datetime(2024, 1, 23, 3, 54, 57, tzinfo=UTC)),
        ("2024-01-23T03:54:57-05:00", datetime(2024, 1, 23, 8, 54, 57, tzinfo=UTC)),
        ("23/01/2024 3:54 PM", datetime(2024, 1, 23, 14, 54, tzinfo=UTC)),
        ("23/01/2024 12:00 a. m.", datetime(2024, 1, 22, 23, 0, tzinfo=UTC)),
        ("2024-07-23", datetime(2024, 7, 22, 22, 0, tzinfo=UTC)),
    ],
)
def test_moments_become_utc(text: str, moment: datetime) -> None:
    assert parse_datetime(text, "dmy", ZoneInfo("Europe/Madrid")) == moment


def test_a_moment_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(InvalidDate):
        parse_datetime("0001-01-01", "dmy", timezone(timedelta(hours=5)))


@given(
    st.dates(min_value=date(1000, 1, 1)), st.sampled_from(["es", "ca", "en", "en-us", "es-CO", "es-MX", "sv"])
)
def test_formatted_dates_read_back(day: date, locale: str) -> None:
    assert parse_date(format_date(day, locale), own_order(locale)) == day


@given(st.datetimes(min_value=datetime(1000, 1, 2), max_value=datetime(9999, 12, 30)))
def test_iso_moments_read_back(moment: datetime) -> None:
    assert parse_datetime(moment.isoformat(), "mdy", UTC) == moment.replace(tzinfo=UTC)


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    for order in ("dmy", "mdy", "ymd"):
        try:
            parse_datetime(text, order)
        except InvalidDate:
            continue


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (["31/01/2024", "01/02/2024"], DateOrder("dmy")),
        (["1/31/24", "1/2/24"], DateOrder("mdy")),
        (["01/02/2024", "03/04/2024"], DateOrder("dmy", True, ("mdy",))),
        (["01/01/2024"], DateOrder("dmy")),
        (["2024-01-02", "2024-01-23T03:54:57.000+0000"], DateOrder("ymd")),
        (["23-01-24"], DateOrder("dmy")),
        (["98-12-31"], DateOrder("ymd")),
        (["31/12/2024", "31/11/2024", "1/13/2024"], DateOrder("dmy", True, ("mdy",))),
        (["hola", ""], DateOrder(None)),
        ([], DateOrder(None)),
    ],
)
def test_the_order_of_a_column(samples: list[str], expected: DateOrder) -> None:
    assert date_order_of(samples) == expected


def test_the_preferred_order_wins_when_ambiguous() -> None:
    assert date_order_of(["01/02/2024"], "mdy") == DateOrder("mdy", True, ("dmy",))


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("today", date(2026, 3, 17), date(2026, 3, 17)),
        ("yesterday", date(2026, 3, 16), date(2026, 3, 16)),
        ("tomorrow", date(2026, 3, 18), date(2026, 3, 18)),
        ("this_week", date(2026, 3, 16), date(2026, 3, 22)),
        ("last_week", date(2026, 3, 9), date(2026, 3, 15)),
        ("next_week", date(2026, 3, 23), date(2026, 3, 29)),
        ("this_month", date(2026, 3, 1), date(2026, 3, 31)),
        ("last_month", date(2026, 2, 1), date(2026, 2, 28)),
        ("next_month", date(2026, 4, 1), date(2026, 4, 30)),
        ("this_quarter", date(2026, 1, 1), date(2026, 3, 31)),
        ("last_quarter", date(2025, 10, 1), date(2025, 12, 31)),
        ("next_quarter", date(2026, 4, 1), date(2026, 6, 30)),
        ("this_year", date(2026, 1, 1), date(2026, 12, 31)),
        ("last_year", date(2025, 1, 1), date(2025, 12, 31)),
        ("next_year", date(2027, 1, 1), date(2027, 12, 31)),
        ("last_n_days:30", date(2026, 2, 15), date(2026, 3, 17)),
        ("next_n_days:7", date(2026, 3, 17), date(2026, 3, 24)),
        ("overdue", date.min, date(2026, 3, 16)),
    ],
)
def test_relative_ranges_include_both_ends(name: str, start: date, end: date) -> None:
    assert relative_range(name, TODAY) == (start, end)


def test_a_week_may_begin_on_sunday() -> None:
    assert relative_range("this_week", TODAY, first_weekday=6) == (date(2026, 3, 15), date(2026, 3, 21))


@pytest.mark.parametrize(
    "name", ["", "someday", "today:3", "last_n_days", "last_n_days:x", "last_n_days:99999", "this", "week"]
)
def test_an_unknown_range_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"range|days"):
        relative_range(name, TODAY)


@given(st.dates(min_value=date(2, 2, 1), max_value=date(9990, 1, 1)), st.integers(0, 6))
def test_consecutive_ranges_touch(today: date, first_weekday: int) -> None:
    for unit in ("week", "month", "quarter", "year"):
        last, this, following = (
            relative_range(f"{step}_{unit}", today, first_weekday) for step in ("last", "this", "next")
        )
        assert last[1] + timedelta(days=1) == this[0] <= today <= this[1] == following[0] - timedelta(days=1)
    assert "this_week" in RELATIVE_RANGES

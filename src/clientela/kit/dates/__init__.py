"""Dates as people write and read them: formatting by locale, reading whole columns, ranges such as "last
month"."""

from clientela.kit.dates.formatting import (
    format_ago,
    format_date,
    format_datetime,
    format_day_heading,
    format_duration,
    format_month,
    format_short_date,
    format_short_datetime,
    format_time,
    utc_text,
)
from clientela.kit.dates.parsing import (
    DateOrder,
    InvalidDate,
    Order,
    date_order_of,
    own_order,
    parse_date,
    parse_datetime,
)
from clientela.kit.dates.ranges import RELATIVE_RANGES, relative_range

__all__ = [
    "RELATIVE_RANGES",
    "DateOrder",
    "InvalidDate",
    "Order",
    "date_order_of",
    "format_ago",
    "format_date",
    "format_datetime",
    "format_day_heading",
    "format_duration",
    "format_month",
    "format_short_date",
    "format_short_datetime",
    "format_time",
    "own_order",
    "parse_date",
    "parse_datetime",
    "relative_range",
    "utc_text",
]

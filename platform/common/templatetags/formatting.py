"""How numbers, times and stored sentences read, in the language of the page."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from common.language import colon, reader_language
from common.language import listed as named
from common.masking import mask
from experiments import sentence as engine
from experiments.evaluation.measures import Measure, Measures
from experiments.telling import minus, of_sample

register = template.Library()
register.simple_tag(colon)
NOTHING = "–"


def _is_chinese() -> bool:
    return reader_language() == "zh"


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if number == number and abs(number) != float("inf") else None


@register.filter
def rate(value: Any, digits: int = 2) -> str:
    """Show a share of 0 to 1 as a percentage: 0.11265 → 11.27%."""
    number = _number(value)
    return NOTHING if number is None else minus(f"{number * 100:z.{int(digits)}f}%")


def percent(share: Any) -> str:
    """Show a share as a percentage as short as it can be: 0.1 → 10%."""
    number = _number(share)
    return NOTHING if number is None else minus(f"{100 * number:.4g}%")


@register.filter
def metric3(value: Any) -> str:
    """Show AUC, KS and the like with three decimals."""
    return metric(value, 3)


@register.filter
def metric(value: Any, digits: int = 3) -> str:
    """Show a number with a fixed count of decimals."""
    number = _number(value)
    return NOTHING if number is None else minus(f"{number:z,.{int(digits)}f}")


@register.filter
def signed(value: Any, digits: int = 3) -> str:
    """Show a difference with its sign."""
    number = _number(value)
    return NOTHING if number is None else minus(f"{number:+z.{int(digits)}f}")


@register.filter
def count(value: Any) -> str:
    """Show a whole number with thousands separators: 41,188."""
    number = _number(value)
    return NOTHING if number is None else minus(f"{number:z,.0f}")


@register.filter
def money(value: Any) -> str:
    """Show an amount in whole yuan with its sign first: −¥1,200."""
    amount = _number(value)
    if amount is None:
        return NOTHING
    sign = "−" if round(amount) < 0 else ""
    return sign + gettext("¥%(amount)s") % {"amount": count(abs(amount))}


@register.filter
def wan(value: Any) -> str:
    """Show a large number as running Chinese text does (4.1 万); other languages get separators."""
    number = _number(value)
    if number is None or not _is_chinese() or abs(number) < 10_000:
        return count(value)
    if abs(number) >= 100_000_000:
        return minus(f"{number / 100_000_000:.1f}".removesuffix(".0")) + " 亿"
    return minus(f"{number / 10_000:.1f}".removesuffix(".0")) + " 万"


@register.filter
def number(value: Any) -> str:
    """Show any number as short as it can be read: 4 significant digits, separators above a thousand."""
    amount = _number(value)
    if amount is None:
        return NOTHING
    if amount == int(amount) and abs(amount) < 1e15:
        return minus(f"{amount:z,.0f}")
    return minus(f"{amount:,.2f}".rstrip("0").rstrip(".") if abs(amount) >= 1000 else f"{amount:.4g}")


@register.filter
def size(value: Any) -> str:
    """Show bytes in the unit that reads best: 5.6 MB."""
    amount = _number(value)
    if amount is None:
        return NOTHING
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1024 or unit == "GB":
            return f"{amount:.0f} {unit}" if unit in ("B", "KB") else f"{amount:.1f} {unit}"
        amount /= 1024
    return NOTHING


@register.filter
def span(value: Any) -> str:
    """Show a length of time: 7 min 42 s."""
    seconds = value.total_seconds() if isinstance(value, timedelta) else _number(value)
    if seconds is None:
        return NOTHING
    minutes, rest = divmod(max(round(seconds), 0), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return gettext("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if minutes and not rest:
        return gettext("%(minutes)d min") % {"minutes": minutes}
    if minutes:
        return gettext("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    return gettext("%(seconds)d s") % {"seconds": rest}


@register.filter
def clock(value: datetime | None) -> str:
    """Show the time of day: 14:52."""
    return NOTHING if value is None else f"{timezone.localtime(value):%H:%M}"


@register.filter
def day(value: date | datetime | None) -> str:
    """Show a date as 2026-11-23."""
    if value is None:
        return NOTHING
    return f"{timezone.localtime(value) if isinstance(value, datetime) else value:%Y-%m-%d}"


@register.filter
def moment(value: datetime | None) -> str:
    """Show date and time to the minute: 2026-11-23 14:52."""
    return NOTHING if value is None else f"{timezone.localtime(value):%Y-%m-%d %H:%M}"


@register.filter
def ago(value: datetime | None) -> str:
    """Show when something happened, as one says it: 12 min ago, today 09:41, yesterday 17:05, 20 Nov."""
    if value is None:
        return NOTHING
    then, now = timezone.localtime(value), timezone.localtime()
    minutes = int((now - then).total_seconds() // 60)
    if 0 <= minutes < 1:
        return gettext("just now")
    if 0 < minutes < 60:
        return ngettext("%(count)d min ago", "%(count)d min ago", minutes) % {"count": minutes}
    days = (now.date() - then.date()).days
    if days == 0:
        return gettext("today %(time)s") % {"time": f"{then:%H:%M}"}
    if days == 1:
        return gettext("yesterday %(time)s") % {"time": f"{then:%H:%M}"}
    if then.year == now.year:
        return f"{then:%m-%d}" if _is_chinese() else date_format(then, "j M")
    return f"{then:%Y-%m-%d}"


@register.simple_tag
def gap() -> str:
    """Part two sentences of one line as the language does: Chinese has no space after its full stop."""
    return "" if _is_chinese() else " "


def spaced(name: str) -> str:
    """Let a space follow a Latin name, where Chinese would else begin right after it."""
    return f"{name} " if _is_chinese() and name[-1:].isascii() and name else name


@register.filter
def time_tag(value: datetime | None) -> str | SafeString:
    """Show ``ago`` inside a <time> element that carries the exact moment."""
    if value is None:
        return NOTHING
    exact = timezone.localtime(value)
    return format_html('<time datetime="{}" title="{}">{}</time>', exact.isoformat(), moment(value), ago(value))


@register.filter
def told(message: str, params: Mapping[str, Any] | None = None) -> str:
    """Tell a stored sentence (a translation key with places) in the language of the page."""
    if not message:
        return ""
    try:
        return engine.told(message, params or {}, translate=gettext, language=reader_language(), guard=mask)
    except (KeyError, TypeError, ValueError):
        return gettext(message)


register.filter("of_sample", of_sample)


@register.filter
def sentence(value: engine.Sentence | Mapping[str, Any] | None) -> str:
    """Tell a sentence alone, or one stored as ``{message, params}``."""
    one = value if isinstance(value, engine.Sentence) else engine.Sentence.from_dict(value)
    return told(one.message, one.params)


@register.filter
def listed(values: Iterable[Any]) -> str:
    """Name things one after the other as the language does: 手机号、姓名; phone, name."""
    return named(map(str, values))


@register.filter
def measure(measures: Measures, name: str) -> Measure:
    """Look a measure up by its name; one without a value where it was not taken."""
    return measures.of(name)


@register.simple_tag
def measured(measure: Measure, colour: str, aside: str = "") -> SafeString:
    """Show a measure in the colour of its sample, its interval when pointed at; a table has hundreds of these."""
    ends = (metric3(measure.low), metric3(measure.high))
    return format_html('<span class="{}" title="{} – {}{}">{}</span>', colour, *ends, aside, metric3(measure.value))


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """Look a key up in a mapping, for keys a template cannot write with a dot."""
    return mapping.get(key) if hasattr(mapping, "get") else None

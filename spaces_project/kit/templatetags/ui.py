"""The tags and filters of the dashboard: icons, times, ids, fields, sort links, the pager, charts.

Every tag returns markup without style or script, so that the strict content policy holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, Select, Textarea
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from ..charts import BarChart, Series, spark_points
from ..keyset import KeysetPage
from ..pages import with_query

register = template.Library()

DASH = "\N{EN DASH}"
TOASTS = {"success": ("ok", "check"), "warning": ("warn", "alert"), "error": ("bad", "alert")}


@register.simple_tag
@cache
def icon(name: str, size: str = "") -> SafeString:
    """``{% icon "plus" %}`` 20 px, ``{% icon "plus" "s" %}`` 16 px. Decoration: the text beside it speaks."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        " icon-s" if size == "s" else "",
        static("icons.svg"),
        name,
    )


@register.simple_tag
def icon_url(name: str) -> str:
    """The address of an icon in the sprite, for an ``<svg>`` of one's own."""
    return f"{static('icons.svg')}#i-{name}"


@register.filter
def getlist(data: Any, name: str) -> list[str]:
    """All values of a parameter of a query string."""
    return list(data.getlist(name)) if hasattr(data, "getlist") else []


@register.filter
def minus(value: int, other: int) -> int:
    return value - other


@register.filter
def number(value: Any) -> str:
    """1234 as 1,234; anything that is no whole number as it is; None as a dash."""
    if value is None:
        return DASH
    return f"{value:,}" if isinstance(value, int) else str(value)


@register.filter
def counted(value: Any, words: str) -> str:
    """``{{ 3|counted:"space,spaces" }}`` is "3 spaces"."""
    one, many = words.split(",")
    return f"{number(value)} {one if value == 1 else many}"


def _span(seconds: float) -> str:
    if seconds < 60:
        return "now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    return f"{int(seconds // 3600)} h"


def relative(moment: datetime, now: datetime) -> str:
    """``now``, ``4 min``, ``3 h``, ``yesterday``, ``in 4 days``, ``19 Nov``, ``3 Mar 2025``."""
    seconds = (now - moment).total_seconds()
    days = (timezone.localtime(now).date() - timezone.localtime(moment).date()).days
    if seconds < 0:
        return _ahead(-seconds, moment, now)
    if days == 0 or seconds < 6 * 3600:
        return _span(seconds)
    if days == 1:
        return "yesterday"
    return date_words(moment, now)


def _ahead(seconds: float, moment: datetime, now: datetime) -> str:
    if seconds < 86_400:
        words = _span(seconds)
        return words if words == "now" else f"in {words}"
    if seconds < 14 * 86_400:
        days = round(seconds / 86_400)
        return f"in {days} day{'' if days == 1 else 's'}"
    return date_words(moment, now)


def date_words(moment: datetime, now: datetime) -> str:
    """``19 Nov``, with the year when it is another one."""
    local = timezone.localtime(moment)
    year = "" if local.year == timezone.localtime(now).year else f" {local.year}"
    return f"{local.day} {local:%b}{year}"


@register.simple_tag
def ago(moment: datetime | None, empty: str = DASH) -> SafeString | str:
    """A ``<time>`` that says how long ago, with the exact moment (UTC) in its title."""
    if moment is None:
        return empty
    exact = moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        f"{exact:%Y-%m-%dT%H:%M:%SZ}",
        f"{exact:%Y-%m-%d %H:%M:%S}",
        relative(moment, timezone.now()),
    )


@register.simple_tag
def clock(moment: datetime) -> SafeString:
    """A ``<time>`` that says the hour, and the day when it is another one: ``00:58``, ``19 Nov 00:58`` (UTC)."""
    exact, now = moment.astimezone(UTC), timezone.now()
    day = "" if exact.date() == now.date() else f"{date_words(moment, now)} "
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        f"{exact:%Y-%m-%dT%H:%M:%SZ}",
        f"{exact:%Y-%m-%d %H:%M:%S}",
        f"{day}{exact:%H:%M}",
    )


@register.filter
def seconds(value: float | None) -> str:
    """``0.4 s``, ``12 s``, ``2 min``; None as a dash."""
    if value is None:
        return DASH
    if value < 10:
        return f"{value:.1f} s"
    return f"{value:.0f} s" if value < 120 else f"{value / 60:.0f} min"


@register.simple_tag
def copy_button(label: str, value: str | None = None) -> SafeString:
    """A button that copies ``value``, or the code it stands beside; ``label`` says what."""
    data = format_html(' data-copy="{}"', value) if value is not None else ""
    return format_html(
        '<button class="copy" type="button" aria-label="Copy {}"{}>{}</button>',
        label,
        data,
        icon("copy", "s"),
    )


@register.simple_tag
def wire_id(dialect: str, value: Any) -> SafeString:
    """The chip of an id in one dialect, with its copy button."""
    return format_html(
        '<span class="id"><span>{}</span><code>{}</code>{}</span>',
        dialect,
        value,
        copy_button(f"{dialect} id", str(value)),
    )


@register.simple_tag
def label_badges(labels: Mapping[str, str], most: int = 0) -> SafeString | str:
    """Labels as badges, sorted by key; with ``most``, the rest as ``+2``."""
    pairs = sorted(labels.items())
    shown = pairs[:most] if most else pairs
    if not pairs:
        return ""
    more = format_html('<span class="badge">+{}</span>', len(pairs) - len(shown)) if len(pairs) > len(shown) else ""
    badges = format_html_join("", '<span class="badge">{} <b>{}</b></span>', shown)
    return format_html('<span class="badges">{}{}</span>', badges, more)


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """``?…`` of this page with parameters replaced: ``{% query archived="yes" owner=None %}``."""
    return with_query(context["request"], **changes)


@register.simple_tag(takes_context=True)
def sort_link(context: template.Context, page: KeysetPage, key: str, css: str = "") -> SafeString:
    """The ``<th>`` of a sortable column: a link that sorts by it, and turns it round when it is the one."""
    sort = next(each for each in page.sorting.sorts if each.key == key)
    chosen = page.sort.key == key
    descends = not page.descends if chosen else sort.is_time or sort.is_number
    arrow = icon("down" if page.descends else "up", "s") if chosen else ""
    state = format_html(' aria-sort="{}"', "descending" if page.descends else "ascending") if chosen else ""
    css_class = format_html(' class="{}"', css) if css else ""
    request: HttpRequest = context["request"]
    href = with_query(request, sort=f"-{key}" if descends else key)
    link = format_html('<a id="sort-{}" href="{}" hx-get="{}">{}{}</a>', key, href, href, sort.label, arrow)
    return format_html('<th scope="col"{}{}>{}</th>', css_class, state, link)


@register.inclusion_tag("includes/pager.html")
def pager(page: Any, plain: bool = False) -> dict[str, Any]:
    """Newer and Older: ``page`` has ``newer older newer_word older_word``. ``plain`` where no ``#list`` is swapped."""
    return {"page": page, "plain": plain}


@register.simple_tag
def field(bound: BoundField, mark_optional: bool = False, **attrs: Any) -> SafeString:
    """A form field: label, widget, help and errors, wired for screen readers. Extra attributes go to the widget."""
    kind = _kind(bound)
    names = {name.replace("_", "-"): value for name, value in attrs.items()}
    if kind != "check":
        names["class"] = " ".join(filter(None, ["input", bound.field.widget.attrs.get("class"), names.get("class")]))
    context = {
        "field": bound,
        "kind": kind,
        "widget": bound.as_widget(attrs=names),
        "mark_optional": mark_optional,
    }
    return render_to_string("includes/field.html", context)


def _kind(bound: BoundField) -> str:
    widget = bound.field.widget
    if isinstance(widget, CheckboxInput):
        return "check"
    if isinstance(widget, Select) and not getattr(widget, "allow_multiple_selected", False):
        return "select" if type(widget).__name__ != "RadioSelect" else "radio"
    return "text" if isinstance(widget, Textarea) else "input"


@register.filter
def toast_level(tags: str) -> str:
    """The class of a toast for a message's level."""
    return TOASTS.get(tags, ("", ""))[0]


@register.filter
def toast_icon(tags: str) -> str:
    return TOASTS.get(tags, ("", "info"))[1]


@register.simple_tag
def spark(values: list[int], label: str) -> SafeString | str:
    """A line of small values over time, drawn to fit; ``label`` says what it shows."""
    if len(values) < 2:
        return ""
    points = spark_points(values)
    return format_html(
        '<svg class="spark" viewBox="0 0 100 32" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<polygon class="area" points="0,32 {} 100,32"/><polyline class="line" points="{}"/></svg>',
        label,
        points,
        points,
    )


@register.inclusion_tag("includes/bar_chart.html")
def bar_chart(title: str, days: list[Any], series: list[Series]) -> dict[str, Any]:
    """Stacked bars per day with axes and the same as a table; a Series is a name and one value per day."""
    return {"chart": BarChart(title, days, series)}


@register.filter
def json_code(value: Any) -> SafeString:
    """Indented JSON with keys and texts set apart, for a ``<pre>``."""
    return _json(value, "")


def _json(value: Any, indent: str) -> SafeString:
    deeper = indent + "  "
    if isinstance(value, dict) and value:
        rows = ((deeper, json.dumps(k, ensure_ascii=False), _json(v, deeper)) for k, v in value.items())
        body = format_html_join(mark_safe(",\n"), '{}<span class="k">{}</span>: {}', rows)
        return format_html("{{\n{}\n{}}}", body, indent)
    if isinstance(value, list) and value:
        body = format_html_join(mark_safe(",\n"), "{}{}", ((deeper, _json(each, deeper)) for each in value))
        return format_html("[\n{}\n{}]", body, indent)
    text = conditional_escape(json.dumps(value, ensure_ascii=False))
    return format_html('<span class="s">{}</span>', text) if isinstance(value, str) else text

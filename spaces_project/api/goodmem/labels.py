"""``replaceLabels`` or ``mergeLabels``: the two ways of changing labels, of which a request may use one."""

from __future__ import annotations

from typing import Any

from .errors import InvalidFields


def check_strategy(given: dict[str, Any]) -> None:
    """Raise InvalidFields when both are given."""
    if "replaceLabels" in given and "mergeLabels" in given:
        raise InvalidFields([("mergeLabels", "Give either replaceLabels or mergeLabels, not both.")])


def changed_labels(given: dict[str, Any], row: Any) -> dict[str, Any]:
    """``{"labels": …}`` as they will be, or nothing. Call it in the transaction of the change: it locks the row, so
    that labels merged at the same time all survive."""
    check_strategy(given)
    if "replaceLabels" in given:
        return {"labels": given["replaceLabels"]}
    if "mergeLabels" not in given:
        return {}
    rows = type(row)._base_manager.filter(account_id=row.account_id, pk=row.pk).select_for_update(no_key=True)
    return {"labels": {**rows.values_list("labels", flat=True).get(), **given["mergeLabels"]}}

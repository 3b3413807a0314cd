"""Deleting what has a time to end."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError, transaction

from .actors import Actor

logger = logging.getLogger(__name__)


def remove_expired(expired: Any) -> None:
    """Delete the rows of this queryset, each in a transaction with its entry in the audit.

    Each is looked at again, locked: one that was given more time meanwhile stays. One that fails is left for the next
    run.
    """
    for pk in list(expired.order_by().values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                row = expired.select_related("account").select_for_update(of=("self",)).filter(pk=pk).first()
                if row is not None:
                    row.remove(Actor.system(row.account, "expiry"))
        except DatabaseError:
            logger.exception("%s could not be removed when its time was over", pk)

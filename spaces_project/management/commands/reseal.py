"""Encrypt stored secrets anew, so that old keys can go."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from spaces_project.kit.sealed import CannotUnseal, SealedField, Secret


class Command(BaseCommand):
    help = "Encrypt stored secrets anew with the first key of SPACES_ENCRYPTION_KEY; the others can then be dropped."

    def handle(self, *args: Any, **options: Any) -> None:
        done = lost = 0
        for model in apps.get_models():
            for field in model._meta.fields:
                if isinstance(field, SealedField):
                    resealed, unreadable = reseal(model, field.name)
                    done, lost = done + resealed, lost + unreadable
        self.stdout.write(f"{done} secrets are encrypted with the first key.")
        if lost:
            raise CommandError(f"{lost} cannot be read with any of the keys. They were left as they are.")


@transaction.atomic
def reseal(model: type[models.Model], name: str) -> tuple[int, int]:
    """How many secrets of this field were encrypted anew, and how many could not be read."""
    done = lost = 0
    rows = model._base_manager.select_for_update(no_key=True).exclude(**{name: Secret()})
    for row in rows.only("pk", name).iterator(chunk_size=500):
        try:
            model._base_manager.filter(pk=row.pk).update(**{name: Secret.of(getattr(row, name).reveal())})
            done += 1
        except CannotUnseal:
            lost += 1
    return done, lost

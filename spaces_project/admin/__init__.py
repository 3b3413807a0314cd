"""What operators see of each model. Found by Django's autodiscovery."""

from . import access, accounts, records

__all__ = ["access", "accounts", "records"]

"""The table's lines for the files and folders of the Unique dialect: alice manages ``folder``, ``other_folder``, and
``file`` in the first."""

from __future__ import annotations

from .route import Route

UNIQUE_FILES: tuple[Route, ...] = ()

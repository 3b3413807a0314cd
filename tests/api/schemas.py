"""What schemathesis makes of a dialect's OpenAPI document, sent to its operations through WSGI."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@cache
def loaded(dialect: str) -> Any:
    """The document as schemathesis loads it from our WSGI application; reading it takes it a second."""
    from spaces_project.wsgi import application

    return schemathesis.openapi.from_wsgi(f"/api/docs/{dialect}/openapi.json", application)


@contextmanager
def document_of(dialect: str) -> Iterator[Any]:
    """The document, while calls leave the connection open."""
    signals = (request_started, request_finished)
    for signal in signals:  # they would close the connection that holds the test's transaction
        signal.disconnect(close_old_connections)
    yield loaded(dialect)
    for signal in signals:
        signal.connect(close_old_connections)


def try_operation(
    operation: Any, mode: GenerationMode, examples: int, headers: dict[str, str], fill: Callable[[Any], None]
) -> None:
    """Call it with what is made for it, and check what it answers; ``fill`` puts real ids into good cases."""

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        if mode == GenerationMode.POSITIVE:
            fill(case)
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS)

    run()


def put_ids(case: Any, ids: dict[str, str]) -> None:
    """Real ids for those that the case names."""
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            part.update({key: value for key, value in ids.items() if key in part})

"""The exact requests that return what a page shows, ready to paste: what the samples of all pages are made of."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

KEY = "SPACES_KEY"  # the name that the README uses
BEARER = f"Authorization: Bearer ${KEY}"
X_API_KEY = f"x-api-key: ${KEY}"


@dataclass(frozen=True)
class Sample:
    """One request in one language."""

    title: str
    code: str


@dataclass(frozen=True)
class Group:
    """The requests of one dialect, and what it calls the page's object and those around it."""

    dialect: str
    ids: list[tuple[str, str]]
    samples: list[Sample]


def base_url(request: HttpRequest) -> str:
    """``http://host:port`` as the person who looks at the page reaches us."""
    return request.build_absolute_uri("/").rstrip("/")


def curl(url: str, *headers: str, body: str = "") -> str:
    """The command line: a GET, or with a ``body`` (JSON) a POST."""
    if body:
        headers = (*headers, "Content-Type: application/json")
    lines = [f'curl "{url}"', *(f'-H "{header}"' for header in headers)]
    return " \\\n  ".join([*lines, f"-d '{body}'"] if body else lines)


def fetch(url: str, headers: str) -> str:
    """A GET in JavaScript; ``headers`` are the members of an object in it."""
    return (
        f'const response = await fetch("{url}", {{\n'
        f"  headers: {{ {headers} }},\n"
        "});\n"
        "console.log(await response.json());"
    )


def chatbotkit_client(base: str) -> str:
    """The first lines of a program that uses ChatBotKit's own client."""
    return (
        'import { ChatBotKit } from "@chatbotkit/sdk";\n\n'
        f'const client = new ChatBotKit({{ secret: process.env.{KEY}, baseUrl: "{base}" }});\n'
    )

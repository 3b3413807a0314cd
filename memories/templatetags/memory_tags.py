"""The tags of pages about memories."""

from __future__ import annotations

from typing import Any

from django import template

from memories.models import Chunk
from memories.pages.samples import create_sample
from memories.pages.text import pages_words
from spaces.models import Space

register = template.Library()


@register.simple_tag(takes_context=True)
def create_memory_curl(context: template.Context, space: Space | None = None) -> str:
    """The curl line that adds a memory, with this server's address; to ``space`` when there is one."""
    request: Any = context["request"]
    return create_sample(request, space or None)


@register.simple_tag
def chunk_pages(chunk: Chunk) -> str:
    """``page 2``, ``pages 2-3``, or a dash."""
    return pages_words(chunk.first_page, chunk.last_page) or "\N{EN DASH}"

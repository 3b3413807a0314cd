"""The product's settings, with the peer's addresses beside its own."""

from spaces_project.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"

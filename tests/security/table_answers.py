"""The table's lines for the pages of language models."""

from __future__ import annotations

from .route import Route, admin

MODEL_PAGE = {"pk": "model"}
FORM = {
    "name": "Changed",
    "provider_type": "VLLM",
    "endpoint_url": "https://llm.example.com/v2",
    "api_path": "/chat/completions",
    "model_identifier": "n",
    "timeout_seconds": "60",
    "is_active": "on",
}

LANGUAGE_MODEL_PAGES: tuple[Route, ...] = (
    admin("language_model_list"),
    admin("language_model_create"),
    admin("language_model_create", "POST", data=FORM, writes=("languagemodel",)),
    admin("language_model_detail", path=MODEL_PAGE),
    admin("language_model_detail", "POST", MODEL_PAGE, data=FORM, writes=("languagemodel",)),
    admin("language_model_test", "POST", MODEL_PAGE),
    admin("language_model_default", "POST", MODEL_PAGE, writes=("languagemodel",)),
    admin("language_model_delete_confirm", path=MODEL_PAGE),
    admin("language_model_delete", "POST", MODEL_PAGE, writes=("languagemodel",)),
)

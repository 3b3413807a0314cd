from .language_models import LanguageModel, Provider

__all__ = ["LanguageModel", "Provider"]

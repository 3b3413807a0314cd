"""The API of ChatBotKit under ``/api/v1``, in the vendor's words: what docs/api/chatbotkit.md lists is implemented."""

"""The Unique dialect: spaces, chats and messages as PyPI's ``unique-sdk`` knows them."""

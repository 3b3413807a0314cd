"""Chats: conversations of a space, their messages, and what answers them."""

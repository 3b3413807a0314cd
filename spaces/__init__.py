"""Accounts, people and keys; spaces, who may use them, and contacts."""

"""Memories: what is stored to be found again, how it is searched, and the servers that help with it."""

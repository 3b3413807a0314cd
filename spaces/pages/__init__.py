"""The pages of this app alone: spaces, contacts, keys, members, groups."""

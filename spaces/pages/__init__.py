"""The pages of this app alone: spaces, contacts, keys, members, groups. Pages over several apps: spaces_project/pages."""

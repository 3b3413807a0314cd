"""Settings: one's profile and keys, and for administrators the members, groups and all keys of the account."""

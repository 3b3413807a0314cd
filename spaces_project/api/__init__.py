"""What the API dialects share: one authenticator, bodies, errors, paging. No dialect imports a sibling."""

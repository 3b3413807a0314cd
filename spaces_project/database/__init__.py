"""The database engine: Django's for PostgreSQL, with a pool that looks before it asks."""

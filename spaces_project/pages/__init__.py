"""Pages over several apps: overview, search everywhere, the space page, signing in, error pages."""

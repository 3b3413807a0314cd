"""One class per resource of the vendor."""

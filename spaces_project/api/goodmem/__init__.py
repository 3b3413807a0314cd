"""GoodMem's REST API: /v1/…, for the vendor's two Python clients and everything else that speaks it."""

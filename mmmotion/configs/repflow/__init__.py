"""Main configs of representation flow."""

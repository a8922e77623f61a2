"""Main configs of OFF."""

"""Main configs of PAN."""

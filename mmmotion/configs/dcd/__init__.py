"""Main configs of DCD."""

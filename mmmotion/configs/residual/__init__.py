"""Main configs of residual frames."""

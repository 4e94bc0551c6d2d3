"""Routes of loyalty programmes and points."""

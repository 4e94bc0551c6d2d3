"""The bank as the capabilities see it: what it stands on, and the words that they share."""

"""Keys: the master key, the signing keys that the product keeps, and the keys of personal data."""

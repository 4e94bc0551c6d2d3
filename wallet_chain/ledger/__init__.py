"""The chain: artifacts, deployment, connection, keys, typed data, and the embedded chain."""

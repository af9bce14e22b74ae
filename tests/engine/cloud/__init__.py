"""A stand-in for the cloud plugins: the engine is real, the accounts are not."""

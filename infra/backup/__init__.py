"""Snapshots of a stack's data, their restoration into a new database, and the drill that proves both."""

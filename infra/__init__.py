"""A Redis for each environment of an application."""

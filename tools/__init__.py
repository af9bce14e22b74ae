"""The commands around the engine's own: what ``make`` runs."""

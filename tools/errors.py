"""What stops a command."""


class ToolError(Exception):
    """A command cannot go on; the message says why and what to do."""

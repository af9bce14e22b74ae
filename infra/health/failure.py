"""What went wrong, in words that lead to its end."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A cause and what to do about it. Neither holds a secret."""

    cause: str
    remedy: str


class ProblemError(Exception):
    """An error that already knows its problem."""

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(cause)
        self.problem = Problem(cause, remedy)


class TargetError(ProblemError):
    """The address, the certificates or the variables cannot be right for any server, or for this one."""


class CheckError(ProblemError):
    """The server answered, but not as the application needs it to."""

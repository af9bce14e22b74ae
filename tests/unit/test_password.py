"""Which password is next, and how old one is."""

from datetime import date
from typing import Any

import pulumi
import pytest

from infra.password import Password
from infra.settings import Settings

TODAY = date(2026, 11, 23)
BLOCKS = {
    "local": {"provider": "local"},
    "elasticache": {"provider": "elasticache", "region": "eu-west-1", "client_security_group": True},
}


def settings(provider: str, **password: Any) -> Settings:
    return Settings.model_validate({"stack": "staging", "redis": BLOCKS[provider], "password": password})


def last(provider: str, version: int, since: str = "2026-09-01") -> dict[str, Any]:
    return {"provider": provider, "passwordVersion": version, "passwordSince": since}


@pytest.mark.parametrize(
    ("before", "version", "since"),
    [
        ({}, 1, TODAY),
        ({}, 7, TODAY),
        (last("local", 1), 1, date(2026, 9, 1)),
        (last("local", 1), 2, TODAY),
        (last("elasticache", 5), 1, TODAY),
    ],
    ids=["first", "first with a number", "the same", "the next", "of another provider"],
)
def test_a_password_is_as_old_as_its_version(before: dict[str, Any], version: int, since: date) -> None:
    wanted = settings("local", version=version)
    found = Password.of(wanted, before, TODAY)
    assert found == Password(version, since)
    assert found.outputs(wanted) == {
        "passwordVersion": version,
        "passwordSince": since.isoformat(),
        "passwordMaxAgeDays": 90,
    }


@pytest.mark.parametrize(
    ("provider", "password", "problem"),
    [
        ("local", {"version": 4}, "version goes from 2 to 4, and the next is 3"),
        ("local", {"version": 1}, "version goes from 2 to 1, and the next is 3"),
        (
            "elasticache",
            {"version": 3},
            "without keepPrevious: true would end the password",
        ),
    ],
)
def test_a_change_that_would_cut_off_the_application_is_refused(
    provider: str, password: dict[str, Any], problem: str
) -> None:
    with pytest.raises(pulumi.RunError, match=problem):
        Password.of(settings(provider, **password), last(provider, 2), TODAY)


@pytest.mark.parametrize("password", [{"version": 3, "keepPrevious": True}, {"version": 2}])
def test_a_rotation_keeps_the_previous_one_first(password: dict[str, Any]) -> None:
    found = Password.of(settings("elasticache", **password), last("elasticache", 2), TODAY)
    assert found.version == password["version"]


@pytest.mark.parametrize(
    ("provider", "password", "since", "expected"),
    [
        ("local", {"version": 2}, "2026-08-26", []),  # 89 days
        (
            "local",
            {"version": 2},
            "2026-08-25",
            ["The password is 90 days old, and 90 are allowed"],
        ),
        ("local", {"version": 2, "maxAgeDays": 91}, "2026-08-25", []),
        ("local", {"version": 3}, "2026-08-25", ["This makes a new password. Connected clients stay"]),
        ("elasticache", {"version": 3, "keepPrevious": True}, "2026-08-25", []),
    ],
)
def test_what_is_said(
    provider: str,
    password: dict[str, Any],
    since: str,
    expected: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    wanted, before = settings(provider, **password), last(provider, 2, since)
    Password.of(wanted, before, TODAY).tell(wanted, before, TODAY)
    assert len(said) == len(expected)
    for text, beginning in zip(said, expected, strict=True):
        assert text.startswith(beginning)

"""The list ``deliveries``: what it takes, and what it says about what is wrong."""

from typing import Any

import pytest

from infra.settings.delivery import SecretsManagerDelivery, VercelDelivery, place
from tests.unit.test_config import problems, read

AWS = {"aws:region": "eu-west-1"}
TOKEN = {"vercel:apiToken": "hunter2"}
LOCAL = {"provider": "local", **AWS, **TOKEN}
SECRET = {"to": "secretsManager"}
PROJECT = {"to": "vercel", "projectId": "prj_1", "targets": ["production"]}
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1-2"
ROLE = "arn:aws:iam::111122223333:role/service/app"


def test_without_any_there_is_none() -> None:
    assert read({"provider": "local"}).deliveries == ()
    assert read({"provider": "local", "deliveries": ""}).deliveries == (), "every line is commented out"


def test_any_provider_can_have_several_of_each_kind() -> None:
    entries: list[dict[str, Any]] = [
        SECRET,
        {
            **SECRET, "namePrefix": "shared/redis", "kmsKeyArn": KEY, "recoveryWindowInDays": 0,
            "readerRoleArns": [ROLE],
        },
        PROJECT,
        {**PROJECT, "projectId": "Qm" + "a" * 44, "teamId": "team_1", "targets": ["development", "preview"]},
    ]  # fmt: skip
    first, second, *others = read({**LOCAL, "deliveries": entries}).deliveries
    assert first == SecretsManagerDelivery(to="secretsManager", region="eu-west-1")
    assert isinstance(second, SecretsManagerDelivery)
    assert (second.kms_key_arn, second.recovery_window_in_days, second.reader_role_arns) == (KEY, 0, (ROLE,))
    assert others == [VercelDelivery.model_validate(entry) for entry in entries[2:]]


def test_the_names_of_resources_come_from_the_place_and_not_from_the_list() -> None:
    settings = read({**LOCAL, "deliveries": [PROJECT, SECRET]})
    assert [place(delivery, "dev") for delivery in settings.deliveries] == [
        "vercel-prj_1",
        "secrets-manager-mantisnxt/dev/redis",
    ]


def test_a_region_is_asked_for_once_even_if_two_need_it() -> None:
    config = {"provider": "elasticache", "elasticache": {"clientSecurityGroup": True}, "deliveries": [SECRET]}
    [problem] = problems(config)
    assert problem.startswith("  aws:region: missing: pulumi config set aws:region us-east-1")


def test_a_token_may_come_from_the_environment() -> None:
    read({"provider": "local", "deliveries": [PROJECT]}, environ={"VERCEL_API_TOKEN": "hunter2"})


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"deliveries": {"to": "vercel"}}, 'deliveries = {"to": "vercel"}: Input should be a valid'),
        ({"deliveries": "vercel"}, 'deliveries = "vercel": Input should be a valid'),
        ({"deliveries": ["vercel"]}, 'deliveries.0 = "vercel": Input should be an object'),
        ({"deliveries": [{}]}, "deliveries.0.to: missing; allowed: secretsManager, vercel"),
        (
            {"deliveries": [SECRET, {"to": "netlify"}]},
            'deliveries.1.to = "netlify": allowed: secretsManager, vercel',
        ),
        (
            {"deliveries": [PROJECT], "vercel:apiToken": ""},
            "vercel:apiToken: missing: pulumi config set --sec",
        ),
        (
            {"deliveries": [SECRET], "aws:region": None},
            "aws:region: missing: pulumi config set aws:region us",
        ),
        ({"deliveries": [SECRET], "aws:region": "Ireland"}, "aws:region: not an AWS region; write it like"),
        (
            {"deliveries": [{**SECRET, "region": "eu-west-1"}]},
            'deliveries.0.region = "eu-west-1": the region is not set here: pulumi config set aws:region',
        ),
        (
            {"deliveries": [{**PROJECT, "region": "x"}]},
            'deliveries.0.region = "x": unknown key; allowed: to, ',
        ),
        (
            {"deliveries": [SECRET, {**PROJECT, "project": "x"}]},
            'deliveries.1.project = "x": unknown key; did you mean projectId? allowed: to, projectId,',
        ),
        (
            {"deliveries": [{**SECRET, "projectId": "prj_1"}]},
            'projectId = "prj_1": unknown key; allowed: to, namePrefix, kmsKeyArn, recovery',
        ),
        (
            {"deliveries": [{"to": "vercel", "targets": ["production"]}]},
            "deliveries.0.projectId: missing, and it has no default",
        ),
        (
            {"deliveries": [{**PROJECT, "projectId": "shop"}]},
            'deliveries.0.projectId = "shop": not a project\'s id; write it like prj_',
        ),
        (
            {"deliveries": [{"to": "vercel", "projectId": "prj_1"}]},
            "deliveries.0.targets: missing, and it has",
        ),
        ({"deliveries": [{**PROJECT, "targets": []}]}, "deliveries.0.targets = []: no target would"),
        (
            {"deliveries": [{**PROJECT, "targets": ["staging"]}]},
            "deliveries.0.targets.0 = \"staging\": Input should be 'production', 'preview' or 'development'",
        ),
        (
            {"deliveries": [{**PROJECT, "targets": ["preview", "preview"]}]},
            'deliveries.0.targets = ["preview", "preview"]: preview is listed twice',
        ),
        ({"deliveries": [{**PROJECT, "teamId": "acme"}]}, 'deliveries.0.teamId = "acme": not a team\'s id'),
        (
            {"deliveries": [{**SECRET, "recoveryWindowInDays": 3}]},
            "deliveries.0.recoveryWindowInDays = 3: allowed: 7 to 30 days, or 0 to delete at once",
        ),
        (
            {"deliveries": [{**SECRET, "recoveryWindowInDays": 31}]},
            "deliveries.0.recoveryWindowInDays = 31: ",
        ),
        (
            {"deliveries": [{**SECRET, "recoveryWindowInDays": "7"}]},
            'deliveries.0.recoveryWindowInDays = "7": Input should be a valid integer',
        ),
        (
            {"deliveries": [{**SECRET, "namePrefix": "a b"}]},
            'deliveries.0.namePrefix = "a b": not the beginning',
        ),
        (
            {"deliveries": [{**SECRET, "namePrefix": "a" * 486}]},
            "not the beginning of a secret's name: 1 to 485",
        ),
        (
            {"deliveries": [{**SECRET, "kmsKeyArn": "alias/mine"}]},
            'deliveries.0.kmsKeyArn = "alias/mine": not the ARN of a KMS key',
        ),
        (
            {"deliveries": [{**SECRET, "kmsKeyArn": KEY.replace("eu-west-1", "us-east-1")}]},
            "not in the secret's region, eu-west-1",
        ),
        (
            {"deliveries": [{**SECRET, "readerRoleArns": ["arn:aws:iam::111122223333:user/me"]}]},
            'deliveries.0.readerRoleArns.0 = "arn:aws:iam::111122223333:user/me": not the ARN of a role',
        ),
        ({"deliveries": [{**SECRET, "readerRoleArns": ["*"]}]}, "not the ARN of a role; write it like"),
        ({"deliveries": [{**SECRET, "readerRoleArns": [ROLE, ROLE]}]}, f"{ROLE} is listed twice"),
        (
            {"deliveries": [SECRET, PROJECT, {**SECRET, "namePrefix": "mantisnxt/dev/redis"}]},
            'deliveries.2.namePrefix = "mantisnxt/dev/redis": an entry before this one has the same; choose',
        ),
        (
            {"deliveries": [PROJECT, SECRET, {**PROJECT, "targets": ["preview"]}]},
            'deliveries.2.projectId = "prj_1": an entry before this one has the same; put all targets',
        ),
    ],
)
def test_one_problem_is_named_with_its_place_in_the_list(config: dict[str, Any], expected: str) -> None:
    config = {key: value for key, value in {**LOCAL, **config}.items() if value is not None}
    [problem] = problems(config)
    assert expected in problem


def test_problems_of_several_entries_come_in_one_message() -> None:
    entries = [{**PROJECT, "teamId": "x"}, {"to": "s3"}, {**SECRET, "namePrefix": ""}]
    keys = [line.split(" ")[0].rstrip(":") for line in problems({**LOCAL, "deliveries": entries})]
    assert keys == ["deliveries.0.teamId", "deliveries.1.to", "deliveries.2.namePrefix"]


def test_a_secret_entry_is_not_shown() -> None:
    [problem] = problems(
        {**LOCAL, "deliveries": [{**PROJECT, "projectId": "hunter2"}]}, secret={"deliveries"}
    )
    assert problem.startswith("deliveries.0.projectId = [secret]: not a project's id")

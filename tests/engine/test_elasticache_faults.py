"""ElastiCache under the real engine: every call fails once."""

from tests.engine.aws import ELASTICACHE
from tests.engine.scenarios import FaultTests


class TestFaults(FaultTests):
    scenario = ELASTICACHE

"""What Pulumi runs: read the stack's config, make its Redis, tell the outputs."""

import signal
import sys

import pulumi

from infra.config import load
from infra.deploy import deploy

USER_WAS_TOLD = 32
"""Exit code after which the language host adds no error of its own."""

# The engine interrupts the program when a resource has failed, and else waits five seconds for its end.
signal.signal(signal.SIGINT, signal.SIG_DFL)

try:
    outputs = deploy(load())
except pulumi.RunError as error:
    pulumi.log.error(str(error))
    sys.exit(USER_WAS_TOLD)
for name, value in outputs.items():
    pulumi.export(name, value)

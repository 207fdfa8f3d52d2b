"""Loaded by Python when a function starts on MiniStack (PYTHONPATH, set by serve.py).

CDK's BucketDeployment publishes the review site with a Python function that runs `/opt/awscli/aws`. On AWS a layer
puts it there; MiniStack unpacks layers elsewhere, and a link at /opt would need root. So that one command line is
pointed at the `aws` of this environment, and the stacks keep the construct that they use on AWS.
"""

import subprocess
import sys
from pathlib import Path

LAYER_COMMAND = "/opt/awscli/aws"
_check_call = subprocess.check_call


def check_call(command, *rest, **named):
    if isinstance(command, list) and command[:1] == [LAYER_COMMAND] and not Path(LAYER_COMMAND).exists():
        command = [sys.executable, str(Path(sys.prefix) / "bin" / "aws"), *command[1:]]
    return _check_call(command, *rest, **named)


subprocess.check_call = check_call

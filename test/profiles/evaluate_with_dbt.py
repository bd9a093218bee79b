"""Evaluates templates as dbt does in a profile: reads a JSON list of them on stdin, writes a JSON list of answers on stdout.

A request is {template, env, vars}. An answer is the value with its types, as `spelled` writes it, or {error}.
"""

import json
import os
import signal
import sys
from argparse import Namespace

from dbt.config.renderer import ProfileRenderer
from dbt.flags import set_from_args
from dbt_common.context import set_invocation_context


def spelled(value):
    """Lists of a type and what stands in it. Throws for what no profile can hold."""
    if isinstance(value, str):
        return ["str", str(value)]
    if value is None or isinstance(value, (bool, int, float)):
        return [type(value).__name__, repr(value)]
    if type(value) is list:
        return ["list", [spelled(item) for item in value]]
    if type(value) is dict:
        return ["dict", [[spelled(key), spelled(item)] for key, item in value.items()]]
    raise TypeError(f"{type(value).__name__} is no value of a profile")


def answer(request):
    os.environ.clear()
    os.environ.update(request["env"])
    set_invocation_context(dict(os.environ))
    signal.alarm(10)
    try:
        return spelled(ProfileRenderer(request["vars"]).render_value(request["template"], ("settings", "x")))
    except BaseException as error:  # whatever it is, it is the answer
        return {"error": f"{type(error).__name__}: {error}"[:500]}
    finally:
        signal.alarm(0)


def give_up(*_):
    raise TimeoutError("it takes more than ten seconds")


signal.signal(signal.SIGALRM, give_up)
set_from_args(Namespace(PRINT=False), None)
json.dump([answer(request) for request in json.load(sys.stdin)], sys.stdout)

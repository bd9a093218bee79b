"""Resolves profiles as dbt does: reads a JSON list of requests on stdin, writes a JSON list of answers on stdout.

A request is {folder, profile, target, vars, env}; `env` is the whole environment. An answer is {target, threads, credentials}
with the credentials as dbt hands them to its adapter, or {error}.
"""

import json
import os
import sys
from argparse import Namespace

from dbt.config.profile import Profile, read_profile
from dbt.config.renderer import ProfileRenderer
from dbt.flags import set_from_args
from dbt_common.context import set_invocation_context


def resolve(request):
    os.environ.clear()
    os.environ.update(request["env"])
    set_invocation_context(dict(os.environ))
    profile = Profile.from_raw_profiles(
        raw_profiles=read_profile(request["folder"]),
        profile_name=request["profile"],
        renderer=ProfileRenderer(request["vars"]),
        target_override=request["target"],
    )
    credentials = profile.credentials.to_dict(omit_none=True)
    # Here dbt's adapter has taken the secrets apart; these are the ones that it will create.
    credentials["secrets"] = [whole(secret.to_dict(omit_none=True)) for secret in profile.credentials._secrets]
    return {"target": profile.target_name, "threads": profile.threads, "credentials": credentials}


def whole(secret):
    return {**secret.pop("secret_kwargs", {}), **secret}


def answer(request):
    try:
        return resolve(request)
    except Exception as error:  # whatever it is, it is the answer
        return {"error": f"{type(error).__name__}: {error}"}


set_from_args(Namespace(), None)
json.dump([answer(request) for request in json.load(sys.stdin)], sys.stdout)

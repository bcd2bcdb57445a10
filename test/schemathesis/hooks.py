"""Signs calls in, lets valid ones name what exists, and counts what was answered. Nothing here drops a case or a finding."""

import atexit
import json
import os
import random
from collections import Counter, defaultdict

import schemathesis

from accounts import CALLS_PER_ACCOUNT, ROLE, Account, Accounts, any_address
from known import BODIES, PATHS, verify

# In the place of a token until the call: cases are made long before, and their account may have ended since.
TOKEN = "token-of-the-role"
# A success leaves the account the same.
HARMLESS = {"Users_UpdateMe", "Users_SendVerification", "Users_EndSession", "Users_ExportMe"}

accounts = Accounts()
statuses: defaultdict[str, Counter[int]] = defaultdict(Counter)
chance = random.Random(int(os.environ["STORE_SEED"]))


def id_of(case) -> str:
    return case.operation.definition.raw["operationId"]


def has_own_method(case) -> bool:
    """False for cases of methods that the path does not have."""
    return case.method.upper() == case.operation.method.upper()


if ROLE != "anonymous":

    @schemathesis.auth(refresh_interval=None)
    class Role:
        """A real token of the role."""

        def get(self, case, context):
            return TOKEN

        def set(self, case, data, context):
            case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(context, case, kwargs):
    case.headers["X-Forwarded-For"] = any_address()
    account = sign_in(case)
    is_valid = case.meta is not None and case.meta.generation.mode.is_positive
    if is_valid and has_own_method(case) and chance.random() < 0.5:
        name_what_exists(case, account or anybody())
    keep_own_role(case, account)


def sign_in(case) -> Account | None:
    if case.headers.get("Authorization") != f"Bearer {TOKEN}":
        return None
    account = accounts.of(id_of(case))
    if id_of(case) == "Users_SendVerification" and account.calls == 1:
        verify(account)
    case.headers["Authorization"] = f"Bearer {account.token}"
    return account


def name_what_exists(case, account: Account) -> None:
    operation = id_of(case)
    path = PATHS[operation](account) if operation in PATHS else {}
    body = BODIES[operation](account) if operation in BODIES and isinstance(case.body, dict) else {}
    if path:
        case.path_parameters = {**case.path_parameters, **path}
    if body:
        case.body = {**case.body, **body}


def keep_own_role(case, account: Account | None) -> None:
    """Ids of users come from their list, too: who administers must not take the role from themselves."""
    is_about_roles = id_of(case) in ("Users_GrantRole", "Users_RevokeRole")
    if account and is_about_roles and case.path_parameters.get("id") == account.id:
        case.path_parameters = PATHS[id_of(case)](account)


def anybody() -> Account:
    """For operations without a caller that name an account."""
    return accounts.of("")


@schemathesis.hook
def after_call(context, case, response):
    if not has_own_method(case):
        return
    operation, status = id_of(case), response.status_code
    statuses[operation][status] += 1
    used_up = 200 <= status < 300 and operation in CALLS_PER_ACCOUNT and operation not in HARMLESS
    if status == 401 or used_up:
        accounts.forget(response.request.headers.get("Authorization", "").removeprefix("Bearer "))


@atexit.register
def write_statuses() -> None:
    with open(os.environ["STORE_STATUSES"], "w", encoding="utf-8") as file:
        json.dump({operation: dict(counts) for operation, counts in statuses.items()}, file)

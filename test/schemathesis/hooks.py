"""Who calls, and what protobuf's JSON mapping allows beyond the document (see its description)."""

import os
import re
import uuid

import jsonschema_rs
import requests
import schemathesis

BASE_URL = os.environ["STORE_URL"]
ROLE = os.environ["STORE_ROLE"]
PASSWORD = "ineedthatfast"
# These end the session or the account that calls them: each call has one of its own.
DISPOSABLE = {"Users_EndCurrentSession", "Users_EndSession", "Users_DeleteMe", "Users_ChangePassword"}


def sign_in(email: str) -> str:
    answer = requests.post(f"{BASE_URL}/v1/sessions", json={"email": email, "password": PASSWORD}, timeout=30)
    answer.raise_for_status()
    return answer.json()["accessToken"]


def sign_up() -> str:
    email = f"schemathesis-{uuid.uuid4()}@example.com"
    body = {"email": email, "password": PASSWORD}
    requests.post(f"{BASE_URL}/v1/users", json=body, timeout=30).raise_for_status()
    return sign_in(email)


@schemathesis.auth(refresh_interval=300)
class Role:
    """A real token of the role."""

    def get(self, case, context):
        return sign_up() if ROLE == "customer" else sign_in("admin@ineedthatfast.example")

    def set(self, case, data, context):
        operation = case.operation.definition.raw.get("operationId")
        token = sign_up() if operation in DISPOSABLE else data
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}


def canonical(value):
    """A value as ProtoJSON also writes it: absent instead of null, numbers in text as numbers."""
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [canonical(item) for item in value]
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}", value) else value


@schemathesis.hook
def filter_body(context, body):
    """Drops bodies that are wrong by the document and right by ProtoJSON: no API of protos refuses these."""
    content = (context.operation.definition.raw.get("requestBody") or {}).get("content", {}).get("application/json")
    if content is None or not isinstance(body, (dict, list)):
        return True
    root = context.operation.schema.raw_schema
    schema = {**content["schema"], "components": root["components"]}
    validator = jsonschema_rs.Draft202012Validator(schema)
    return validator.is_valid(body) or not validator.is_valid(canonical(body))

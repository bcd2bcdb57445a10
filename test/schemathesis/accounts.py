"""Who calls: real accounts of a role, so many that neither a throttle nor the end of a session hides an operation."""

import base64
import ipaddress
import json
import os
import secrets
import time
import uuid

import requests

BASE_URL = os.environ["STORE_URL"]
ROLE = os.environ["STORE_ROLE"]
PASSWORD = "ineedthatfast"
DEMO_ADMIN = "admin@ineedthatfast.example"
# Tokens are good for 15 minutes, and so long is a session fresh.
TOKEN_SECONDS = 600
# These have a throttle per account (the smallest burst is 5), or end the session or the account: each has accounts of its own.
CALLS_PER_ACCOUNT = {
    "Users_EndCurrentSession": 50,
    "Users_EndSession": 50,
    "Users_DeleteMe": 50,
    "Users_ChangePassword": 8,
    "Users_EnrolTotp": 8,
    "Users_ConfirmTotp": 4,
    "Users_DisableTotp": 4,
    "Users_UpdateMe": 15,
    "Users_SendVerification": 3,
    "Users_ExportMe": 8,
}


def any_address() -> str:
    """A client address of its own for each call: the gateway trusts this machine's X-Forwarded-For."""
    return str(ipaddress.IPv4Address(secrets.randbits(24) | 0x0A000000))


def call(method: str, path: str, token: str | None = None, body: object = None, **headers: str) -> requests.Response:
    """A call beside the checked ones, which has to succeed."""
    all_headers = {"X-Forwarded-For": any_address(), **headers}
    if token:
        all_headers["Authorization"] = f"Bearer {token}"
    answer = requests.request(method, BASE_URL + path, json=body, headers=all_headers, timeout=60)
    if not answer.ok:
        raise RuntimeError(f"{method} {path} answered {answer.status_code}: {answer.text}")
    return answer


class Account:
    """Signed up, and signed in."""

    def __init__(self, role: str, email: str | None = None):
        self.email = email or f"schemathesis-{uuid.uuid4()}@example.com"
        self.calls = 0
        if email is None:
            call("POST", "/v1/users", body={"email": self.email, "password": PASSWORD})
        self.sign_in()
        if role == "admin" and email is None:
            demo = Account("admin", DEMO_ADMIN)
            call("POST", f"/v1/users/{self.id}:grantRole", demo.token, {"role": "ADMIN"})
            self.sign_in()  # the grant has ended the session

    def sign_in(self) -> None:
        session = call("POST", "/v1/sessions", body={"email": self.email, "password": PASSWORD}).json()
        self.token: str = session["accessToken"]
        self.refresh_token: str = session["refreshToken"]
        self.since = time.monotonic()
        payload = self.token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        self.id: str = claims["sub"]
        self.session_id: str = claims["sid"]


class Accounts:
    """One account for most operations, others for those that use theirs up."""

    def __init__(self) -> None:
        self.by_operation: dict[str, Account] = {}

    def of(self, operation_id: str) -> Account:
        limit = CALLS_PER_ACCOUNT.get(operation_id)
        key = operation_id if limit else ""
        account = self.by_operation.get(key)
        if account is None or (limit and account.calls >= limit):
            account = self.by_operation[key] = Account(ROLE)
        if time.monotonic() - account.since > TOKEN_SECONDS:
            account.sign_in()
        account.calls += 1
        return account

    def forget(self, token: str) -> None:
        """After its session or account has ended."""
        self.by_operation = {key: one for key, one in self.by_operation.items() if one.token != token}

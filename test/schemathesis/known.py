"""What a valid request has to name so that it succeeds, which no document can tell: ids that exist, secrets that are right."""

import hashlib
import hmac
import os
import re
import struct
import time
import uuid
from base64 import b32decode
from collections.abc import Callable
from functools import cache

import requests

from accounts import PASSWORD, Account, call

MAILBOX = os.environ.get("STORE_MAILBOX")
# Subjects of mails.
VERIFICATION = "Is this your address?"
RESET = "A new password"


@cache
def skus() -> list[str]:
    products = call("GET", "/v1/products?pageSize=20").json()["products"]
    return [product["sku"] for product in products if product["available"] > 0]


@cache
def warehouse(sku: str) -> str:
    admin = Account("admin")
    return call("GET", f"/v1/products/{sku}/stock", admin.token).json()["warehouses"][0]["warehouse"]


@cache
def another_user() -> str:
    return Account("customer").id


def new_order(account: Account, payment_method: str = "pm_card_visa", seconds: int = 10) -> str:
    body = {"lines": [{"sku": skus()[0], "quantity": 1}], "paymentMethod": payment_method}
    headers = {"Idempotency-Key": str(uuid.uuid4()), "Prefer": f"wait={seconds}"}
    return call("POST", "/v1/orders", account.token, body, **headers).json()["id"]


@cache
def order_of(account: Account) -> str:
    return new_order(account)


@cache
def deletion() -> str:
    return call("DELETE", "/v1/users/me", Account("customer").token).json()["id"]


def other_session(account: Account) -> str:
    return Account("", account.email).session_id


def totp_code(secret: str) -> str:
    """RFC 6238."""
    digest = hmac.new(b32decode(secret + "=" * (-len(secret) % 8)), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    at = digest.digest()[-1] & 15
    number = struct.unpack(">I", digest.digest()[at : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def enrolled(account: Account) -> str:
    return call("POST", "/v1/users/me/totp", account.token, {"password": PASSWORD}).json()["secret"]


def recovery_code(account: Account) -> str:
    code = totp_code(enrolled(account))
    return call("POST", "/v1/users/me/totp:confirm", account.token, {"totpCode": code}).json()["recoveryCodes"][0]


def mailed_token(account: Account, subject: str) -> str:
    """The token that the account gets by mail."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for article in requests.get(MAILBOX or "", timeout=30).text.split("<article>"):
            token = re.search(r"^([\w-]{43})\s*$", article, re.MULTILINE)
            if account.email in article and subject in article and token:
                return token.group(1)
        time.sleep(0.2)
    raise RuntimeError("no mail came")


def verification_token(account: Account) -> str:
    return mailed_token(account, VERIFICATION)


def reset_token(account: Account) -> str:
    call("POST", "/v1/users:requestPasswordReset", body={"email": account.email})
    return mailed_token(account, RESET)


def verify(account: Account) -> None:
    """Somebody whose address is verified may ask for verification at any time: nothing is mailed."""
    if MAILBOX:
        call("POST", "/v1/users:verifyEmail", body={"token": verification_token(account)})


Values = Callable[[Account], dict[str, object]]

# By operation: what takes the place of path variables, and of fields of the body.
PATHS: dict[str, Values] = {
    "Orders_GetOrder": lambda account: {"id": order_of(account)},
    "Orders_WatchOrder": lambda account: {"id": order_of(account)},
    "Orders_ListOrderHistory": lambda account: {"orderId": order_of(account)},
    "Payments_GetPayment": lambda account: {"orderId": order_of(account)},
    "Orders_CancelOrder": lambda account: {"id": new_order(account, "pm_card_slow", 0)},
    "Orders_RefundOrder": lambda account: {"id": new_order(account)},
    "Inventory_GetProduct": lambda account: {"sku": skus()[0]},
    "Inventory_UpdateProduct": lambda account: {"sku": skus()[-1]},
    "Inventory_GetProductStock": lambda account: {"sku": skus()[0]},
    "Inventory_ListStockMovements": lambda account: {"sku": skus()[0]},
    "Inventory_AdjustStock": lambda account: {"sku": skus()[-1]},
    "Users_GetDeletion": lambda account: {"id": deletion()},
    "Users_EndSession": lambda account: {"id": other_session(account)},
    "Users_GrantRole": lambda account: {"id": another_user()},
    "Users_RevokeRole": lambda account: {"id": another_user()},
}
BODIES: dict[str, Values] = {
    "Orders_PlaceOrder": lambda account: {
        "lines": [{"sku": skus()[0], "quantity": 1}],
        "paymentMethod": "pm_card_visa",
        "expectedTotal": None,
    },
    "Orders_RefundOrder": lambda account: {"amount": None},
    "Inventory_AdjustStock": lambda account: {"warehouse": warehouse(skus()[-1]), "delta": 1},
    "Users_CreateUser": lambda account: {"email": f"{uuid.uuid4()}@example.com"},
    "Users_CreateSession": lambda account: {"email": account.email, "password": PASSWORD},
    "Users_RefreshSession": lambda account: {"refreshToken": Account("", account.email).refresh_token},
    "Users_RevokeRole": lambda account: {"role": "ADMIN"},
    "Users_ChangePassword": lambda account: {"currentPassword": PASSWORD},
    "Users_EnrolTotp": lambda account: {"password": PASSWORD},
    "Users_ConfirmTotp": lambda account: {"totpCode": totp_code(enrolled(account))},
    "Users_DisableTotp": lambda account: {"totpCode": recovery_code(account)},
}
if MAILBOX:
    BODIES["Users_VerifyEmail"] = lambda account: {"token": verification_token(Account("customer"))}
    BODIES["Users_ResetPassword"] = lambda account: {"token": reset_token(Account("customer"))}

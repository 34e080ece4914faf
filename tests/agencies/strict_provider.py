"""The provider of the tests, made to verify PKCE too: by Authlib, on which it stands.

`oidc-provider-mock` signs with RS256, and takes redirect addresses, secrets and nonces only as they
should be; the code challenge it leaves unread. A program of its own.
"""

from __future__ import annotations

from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc7636 import CodeChallenge
from oidc_provider_mock import _app
from oidc_provider_mock.__main__ import run

challenges: dict[str, str] = {}
save = _app.AuthorizationCodeGrant.save_authorization_code
register = AuthorizationServer.register_grant


class Challenged(CodeChallenge):  # type: ignore[misc]
    """Asks every client for a challenge by SHA-256, and for the verifier that answers it."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def get_authorization_code_challenge(self, authorization_code: Any) -> str:
        return challenges.get(authorization_code.code) or "none was sent, so nothing answers it"

    def get_authorization_code_challenge_method(self, authorization_code: Any) -> str:
        return "S256"


def save_with_challenge(self: Any, code: str, request: Any) -> None:
    save(self, code, request)
    challenges[code] = request.payload.data.get("code_challenge", "")


def register_challenged(self: Any, grant: Any, extensions: Any = None) -> None:
    if grant is _app.AuthorizationCodeGrant:
        extensions = [*(extensions or ()), Challenged(required=True)]
    register(self, grant, extensions)


_app.AuthorizationCodeGrant.save_authorization_code = save_with_challenge
AuthorizationServer.register_grant = register_challenged
if __name__ == "__main__":
    run()

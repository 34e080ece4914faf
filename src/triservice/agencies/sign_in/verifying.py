"""The word of a directory is taken only when it is signed by a key of the issuer connected here."""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal.jwtkit import verify_jti
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import get_request_param

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LEEWAY = 60  # seconds that the directory's clock may differ from ours


def nonce_of(state: str) -> str:
    """Return the number used once of a request to a directory, made from its secret state.

    The session keeps the state, so nothing more is kept; the token that answers repeats it.
    """
    return sha256(f"nonce {state}".encode()).hexdigest()


class AskingOnce(OAuth2Client):  # type: ignore[misc]  # allauth has no types
    """Asks a directory with a nonce besides the state."""

    def get_redirect_url(
        self, authorization_url: str, scope: Any, extra_params: dict[str, str]
    ) -> str:
        """Return the address at the directory."""
        asked = extra_params | {"nonce": nonce_of(str(self.state))}
        return str(super().get_redirect_url(authorization_url, scope, asked))


class VerifyingAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """Checks the signature of each ID token itself, though it came straight from the directory.

    The issuer is the one that an administrator connected, not what its metadata says; a signature
    by a shared secret, or none, is refused; so is a token that answers another request, or that is
    said to be of another kind.
    """

    client_class = AskingOnce

    def get_provider(self) -> Any:
        """Return the directory as a provider that asks by this adapter, not by the library's."""
        provider = super().get_provider()
        provider.oauth2_adapter_class = type(self)
        return provider

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        issuer = app.settings["server_url"].rstrip("/")
        try:
            if str(self.openid_config.get("issuer", "")).rstrip("/") != issuer:
                raise OAuth2Error("The metadata is of another issuer")
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=self._key(id_token),
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=[issuer, f"{issuer}/"],
                leeway=LEEWAY,
                options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
            )
            if str(jwt.get_unverified_header(id_token).get("typ", "JWT")).upper() != "JWT":
                raise OAuth2Error("The token is no ID token")
            asked = nonce_of(get_request_param(self.request, "state") or "")
            if not compare_digest(str(claims["nonce"]).encode(), asked.encode()):
                raise OAuth2Error("The token answers another request")
        except (jwt.PyJWTError, KeyError, ValueError) as fault:
            raise OAuth2Error("The ID token cannot be trusted") from fault
        verify_jti(claims)
        return claims

    def _key(self, id_token: str) -> jwt.PyJWK:
        """Return the key that the token names, of the keys that the issuer publishes."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = jwt.PyJWKSet.from_dict(answer.json())
        name = jwt.get_unverified_header(id_token).get("kid")
        if name is None and len(keys.keys) == 1:
            return keys.keys[0]
        return keys[str(name)]

"""The page of signing in, with the directories on offer. The other pages are allauth's own."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView

from triservice.agencies.sign_in.directories import offered


class SignIn(LoginView):  # type: ignore[misc]  # allauth has no types
    """E-mail and password, a passkey, or an agency's directory."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add the directories that officers can sign in through."""
        return {**super().get_context_data(**context), "directories": offered()}


sign_in = SignIn.as_view()

"""Pages of signing in that are more than allauth's own."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from requests import RequestException

from triservice.agencies.sign_in import sessions
from triservice.agencies.sign_in.directories import NOT_SIGNED_IN, offered, refused
from triservice.agencies.sign_in.verifying import VerifyingAdapter


class SignIn(LoginView):  # type: ignore[misc]  # allauth has no types
    """E-mail and password, a passkey, or an agency's directory."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add the directories that officers can sign in through."""
        return {**super().get_context_data(**context), "directories": offered()}


sign_in = SignIn.as_view()


@require_http_methods(("GET", "POST"))
def where(request: HttpRequest) -> HttpResponse:
    """Show where the officer is signed in; end one of the others, or all."""
    if request.method == "POST":
        ended = sessions.end_sessions(request, request.POST.get("end"))
        messages.success(request, "Ended." if ended else "There was nothing to end.")
        return redirect("account_sessions")
    return render(request, "account/sessions.html", {"sessions": sessions.sessions(request)})


def directory(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the browser to an agency's directory; one that does not answer is said."""
    return _with_directory(OAuth2LoginView, request, provider_id)


def back_from_directory(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take the browser back from the directory; what cannot be read signs nobody in."""
    return _with_directory(OAuth2CallbackView, request, provider_id)


def _with_directory(view: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        adapter = VerifyingAdapter(request, provider_id)
        answer: HttpResponse = view.adapter_view(adapter)(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except (RequestException, KeyError):  # no answer, or one that lacks an address
        return refused(request, NOT_SIGNED_IN)
    return answer

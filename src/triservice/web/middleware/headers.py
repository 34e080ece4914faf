"""Headers that Django has no setting for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from triservice.web.middleware.requests import Handler

ALWAYS = {
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(self), gyroscope=(), "
        "magnetometer=(), microphone=(), midi=(), payment=(), usb=(), "
        "publickey-credentials-get=(self), publickey-credentials-create=(self)"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-Robots-Tag": "noindex, nofollow",
}


class Headers:
    """Set the headers above; no page is kept by a browser or a proxy unless it says otherwise."""

    def __init__(self, get_response: Handler) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then set what is not set."""
        response = self.get_response(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith("/static/"):  # on a shared desk the next person goes back
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response

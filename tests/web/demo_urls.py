"""The addresses of a demonstration."""

from django.urls import include, path

from triservice.web.urls import urlpatterns as ordinary

urlpatterns = [path("demo/", include("triservice.web.demo.sign_in")), *ordinary]

"""Steps that a page offers, as a table: each with its title, form, action, and what is said after.

`A` is what a step is taken about: the reader, what they see of it, and a row of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django import forms
from django.http import HttpRequest, HttpResponse

from triservice.access.agreements.editing import Change
from triservice.access.agreements.editing import answer as answer_page

A = TypeVar("A")
Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step(Generic[A]):
    """A step: what its page is called, its form, its action, and what is said when it is done."""

    title: str
    form: Callable[[A, Any], forms.Form]
    act: Callable[[A, Said], object]
    done: str
    warning: bool = False
    text: str = ""
    may: str = "work"  # which of what the reader may do it asks
    row: bool = False  # whether it is about a row


def plain(form: type[forms.Form]) -> Callable[[Any, Any], forms.Form]:
    """Return how a form is made that needs to know nothing of what it is about."""
    return lambda about, data: form(data)


def take(request: HttpRequest, step: Step[A], about: A, back: str) -> HttpResponse:
    """Show the form of a step, or take it; an action may return the address to go to."""
    form = step.form(about, request.POST if request.method == "POST" else None)
    change = Change(step.title, back, step.done, step.title, step.warning, step.text)

    def act(said: Said) -> str | None:
        went = step.act(about, said)
        return went if isinstance(went, str) else None

    return answer_page(request, form, change, act)

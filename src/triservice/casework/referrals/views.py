"""Pages of who refers: choose a scheme, fill its form, follow what was sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from triservice.access.agreements.editing import METHODS, Change
from triservice.access.agreements.editing import answer as answer_page
from triservice.access.agreements.views import reader_of
from triservice.access.pages import page
from triservice.casework.answers.rules import question_of, subject_of
from triservice.casework.cases.queries.about import cases_of_people
from triservice.casework.referrals import actions, queries, rules
from triservice.casework.referrals.forms import SayForm
from triservice.casework.referrals.queries import Choice, addresses_like
from triservice.kernel.access_words import DataClass, Reader
from triservice.kernel.errors import InputError
from triservice.kernel.keys import new_key
from triservice.schemes import asking, catalogue
from triservice.schemes.forms import check
from triservice.schemes.words import Kind
from triservice.subjects.names import plain
from triservice.subjects.queries.places import PlaceFound
from triservice.subjects.queries.search import Found, person_found, search_people

RISK = frozenset({DataClass.RISK})
WHO = frozenset({DataClass.IDENTITY, DataClass.CONTACT, DataClass.LOCATION})


@page(title="Refer somebody for a visit or help", roles=rules.REFERS, purpose=False, nav="Refer")
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """List the schemes that the reader's agency may refer to, perhaps about a person (?person=)."""
    found = queries.choices(reader_of(request))
    person = _uuid(request.GET.get("person", ""))
    context = {"choices": found, "public": False, "person": person}
    return render(request, "casework/referrals/choose.html", context)


def chosen(found: tuple[Choice, ...], scheme: str, agency: int) -> Choice:
    """Return the scheme of an agency among those that may be chosen; else 404."""
    for one in found:
        if (one.scheme, one.agency) == (scheme, agency):
            return one
    raise Http404("There is no such scheme to refer to.")


@page(title="Refer to a scheme", roles=rules.REFERS, data=WHO | RISK)
@require_http_methods(METHODS)
def new(request: HttpRequest, scheme: str, agency: int) -> HttpResponse:
    """Fill a scheme's referral form, look whether the person is known already, and send it.

    Begun with a name, or about a person (?person=), the form itself asks whether it is them. Else
    they are asked for after it.
    """
    reader = reader_of(request)
    filled = Filled(request, chosen(queries.choices(reader), scheme, agency))
    person = _person_of(reader, filled)
    if not filled.right:
        return _form(reader, filled, person)
    places = addresses_like(reader, filled.asked, filled.values)
    others = () if filled.is_said else _like(reader, filled.name())
    if others or (places and "at" not in request.POST):
        more = _people(reader, others)
        return filled.shown("casework/referrals/known.html", places=places, **more)
    filled.live_at(next((p for p in places if p.key == request.POST.get("at")), None))
    try:
        receipt = actions.refer(
            reader, filled.key, scheme, filled.given, to=agency, person=filled.person
        )
    except InputError as error:
        filled.errors[""] = str(error)
        return _form(reader, filled, person)
    return redirect(f"{reverse('casework:sent', args=[receipt.acknowledgement])}?new")


def _person_of(reader: Reader, filled: Filled) -> Found | None:
    """Return who was chosen of those known, and let the form be about them."""
    if filled.person is None:
        return None
    found = person_found(reader, filled.person)
    if found is None:
        raise Http404("There is nobody here whom you may see.")
    filled.be_about(found)
    return found


def _form(reader: Reader, filled: Filled, person: Found | None) -> HttpResponse:
    """Show the form, with those known who have the name that it was begun with."""
    known = _like(reader, filled.looked_for)
    if person is not None and person.key not in {one.key for one in known}:
        known = (person, *known)
    return filled.shown("casework/referrals/new.html", **_people(reader, known))


def _like(reader: Reader, name: str) -> tuple[Found, ...]:
    """Return people already known, among those the reader may see, with a name like this."""
    return search_people(reader, name).people[:5] if name else ()


def _people(reader: Reader, known: tuple[Found, ...]) -> dict[str, Any]:
    cases = cases_of_people(reader, (one.key for one in known)) if known else {}
    return {"known": known, "cases": cases}


class Filled:
    """A scheme's referral form as a page sent it, checked; or as it is first opened."""

    def __init__(self, request: HttpRequest, choice: Choice) -> None:
        """Read what was sent."""
        post = request.POST
        self.request, self.choice = request, choice
        self.scheme = catalogue.scheme(choice.scheme)
        self.asked = self.scheme.forms[actions.FORM]
        # Of an older version, with which the form was opened: what has no place in this one.
        self.moved: tuple[str, ...] | None = None
        self.key = _uuid(post.get("key", "")) or new_key()
        self.filled = request.method == "POST" and "begin" not in post
        self.looked_for = post.get("for", "").strip()[:200]
        self.person = _uuid(post.get("is") or request.GET.get("person", ""))
        self.given = self._sent() if self.filled else {}
        if not self.filled:
            self._take(Kind.PERSON, {"name": self.looked_for})
        self._check()

    def _sent(self) -> dict[str, Any]:
        """Return what was answered; of a form opened before the scheme changed, carried along."""
        post, newest = self.request.POST, self.scheme.version
        said = post.get("version", "")
        version = int(said) if said.isdecimal() and len(said) < 9 else newest
        if not 0 < version < newest:
            return asking.sent(self.asked, post)
        try:
            old = catalogue.scheme(self.choice.scheme, version).forms[actions.FORM]
            given = asking.sent(old, post)
            moved = catalogue.carry(self.choice.scheme, version, actions.FORM, given)
        except InputError:  # the older version is not here any more
            self.moved = tuple(self._not_asked()) or None
            return asking.sent(self.asked, post)
        self.moved = tuple(map(str, moved.aside))
        return dict(moved.values)

    def _not_asked(self) -> Iterator[str]:
        """Yield in words what was answered and is asked by no question of the form."""
        for name, said in self.request.POST.lists():
            asked = name.partition(".")[0]
            if asked not in self.asked.by_id and name not in NO_ANSWERS and any(said):
                yield f"{asked}: {', '.join(said)} (this is no longer asked so)"

    def _check(self) -> None:
        checked = check(self.asked, self.given) if self.filled else None
        self.values = checked.values if checked else {}
        self.errors = dict(checked.errors) if checked else {}
        # What has no place is read before the rest is sent.
        self.right = checked is not None and not checked.errors and not self.moved

    def _take(self, kind: Kind, told: dict[str, str]) -> None:
        """Take what is told of whom or where, beside what was written."""
        question = question_of(self.asked, kind)
        if question is not None and any(told.values()):
            known = {part: text for part, text in told.items() if text}
            self.given[question.id] = known | (self.given.get(question.id) or {})

    def name(self, *, whole: bool = False) -> str:
        """Return the name that was written; people are looked for without their middle names."""
        who = subject_of(self.asked, self.values)
        parts = ("given_name", *(("middle_names",) if whole else ()), "family_name")
        return " ".join(filter(None, map(who.get, parts)))

    @property
    def is_said(self) -> bool:
        """Whether it was said who it is, or that it is nobody known with the name written now."""
        if self.person is not None or "is" not in self.request.POST:
            return self.person is not None
        return plain(self.looked_for) in {"", plain(self.name(whole=True))}

    def be_about(self, found: Found) -> None:
        """Take name, birthday and address of somebody known where none was written.

        Only from records of the reader's own agency: what is sent becomes the receiver's, and what
        another agency opened to the reader is not opened to them. Only once: where the form showed
        it (`held` says of whom), a box that is empty was emptied by hand.
        """
        self.looked_for = self.looked_for or (found.names[0] if found.names else "")
        held = self.request.POST.get("held")
        if self.filled and held in {None, str(self.person)}:
            return
        own = found.own
        self._take(Kind.PERSON, {"name": own.name, "born": str(own.born or "")})
        question = question_of(self.asked, Kind.ADDRESS)
        if question is not None and own.home and not self.given.get(question.id):
            self._take(Kind.ADDRESS, own.home._asdict())
        self._check()

    def live_at(self, place: PlaceFound | None) -> None:
        """Take an address that was chosen from those known, instead of the one that was typed."""
        question = question_of(self.asked, Kind.ADDRESS)
        if place is not None and question is not None:
            told = {"line": place.address, "postcode": place.postcode, "uprn": place.uprn}
            self.given[question.id] = {name: text for name, text in told.items() if text}

    def shown(self, template: str, **more: Any) -> HttpResponse:
        """Show the form with what was answered and what is wrong; or another page about it."""
        context = {
            "layout": asking.layout(self.asked, self.given, self.errors),
            "asked": self.asked,
            "choice": self.choice,
            "key": self.key,
            "version": self.scheme.version,
            "moved": self.moved,
            "looked_for": self.looked_for,
            "chosen": str(self.person or ""),
            "kept": [pair for pair in self.request.POST.lists() if pair[0] not in NOT_KEPT],
        }
        status = 422 if self.errors else 200
        return render(self.request, template, context | more, status=status)


NOT_KEPT = frozenset({"csrfmiddlewaretoken", "key", "is", "at", "for", "held"})
NO_ANSWERS = NOT_KEPT | {"version"}


def _uuid(said: str) -> UUID | None:
    try:
        return UUID(said)
    except ValueError:
        return None


@page(title="What you have referred", roles=rules.REFERS, data=RISK, nav="Sent")
@require_safe
def sent_list(request: HttpRequest) -> HttpResponse:
    """List what the reader, or all of the agency, has sent."""
    everyone = "everyone" in request.GET
    rows = queries.sent_list(reader_of(request), mine=not everyone)
    context = {"rows": rows, "everyone": everyone}
    return render(request, "casework/referrals/sent_list.html", context)


@page(title="A referral that was sent", roles=rules.REFERS, data=RISK)
@require_safe
def sent(request: HttpRequest, pk: int) -> HttpResponse:
    """Acknowledge a referral, and say how it stands."""
    found = queries.sent_page(reader_of(request), pk)
    context = {"sent": found, "new": "new" in request.GET}
    return render(request, "casework/referrals/sent.html", context)


STEPS = {
    "answer": ("Answer the question", "Your answer", "Your answer has been sent."),
    "withdraw": ("Withdraw the referral?", "Why is it not needed?", "The referral is withdrawn."),
}


@page(title="A step of a referral that was sent", roles=rules.REFERS, data=RISK)
@require_http_methods(METHODS)
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Answer what was asked, or withdraw a referral."""
    if step not in STEPS:
        raise Http404("There is no such step.")
    reader = reader_of(request)
    queries.sent_page(reader, pk)
    title, label, done = STEPS[step]
    take = actions.answer if step == "answer" else actions.withdraw
    form = SayForm(label, request.POST if request.method == "POST" else None)
    back = reverse("casework:sent", args=[pk])
    change = Change(title, back, done, title.rstrip("?"), step == "withdraw")
    return answer_page(request, form, change, lambda said: take(reader, pk, said["why"]))


@page(title="Ask for a visit or help", public=True)
@require_safe
def self_choose(request: HttpRequest) -> HttpResponse:
    """List the schemes to which people may refer themselves or somebody else."""
    context = {"choices": queries.public_choices(), "public": True, "person": None}
    return render(request, "casework/referrals/choose.html", context)


@page(title="Ask for a visit or help", public=True)
@require_http_methods(METHODS)
def self_new(request: HttpRequest, scheme: str, agency: int) -> HttpResponse:
    """Let somebody of the public fill a form. What is known about anybody is not shown back."""
    filled = Filled(request, chosen(queries.public_choices(), scheme, agency))
    if not filled.right:
        return filled.shown("casework/referrals/new.html", public=True)
    try:
        receipt = actions.self_refer(filled.key, scheme, filled.given, to=agency)
    except InputError as error:
        filled.errors[""] = str(error)
        return filled.shown("casework/referrals/new.html", public=True)
    context = {"reference": receipt.reference, "choice": filled.choice}
    return render(request, "casework/referrals/self_sent.html", context)

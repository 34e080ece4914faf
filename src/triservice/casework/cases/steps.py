"""What may be done on a case's page: each step with its title, form and action, as one table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from triservice.access.agreements.forms import end_of
from triservice.agencies.queries import agency_choices
from triservice.casework.answers.queries import scheme_of
from triservice.casework.cases import forms as f
from triservice.casework.cases.actions import joining, life, sharing
from triservice.casework.cases.queries.shown import CaseView
from triservice.casework.cases.rules import SCOPE
from triservice.casework.directory import choosing
from triservice.casework.directory.queries import offered
from triservice.casework.files import actions as files
from triservice.casework.needs import actions as needs
from triservice.casework.notes import actions as notes
from triservice.casework.notes.queries import own_note
from triservice.casework.onward import actions as onward
from triservice.casework.onward.rules import PLEASE
from triservice.casework.people import actions as people
from triservice.casework.people import forms as p
from triservice.casework.stepping import Said, Step, plain
from triservice.casework.triage.forms import Choice
from triservice.casework.triage.queries import proposals
from triservice.casework.visits import actions as visits
from triservice.casework.visits import forms as v
from triservice.casework.visits.actions import equipment as fitted
from triservice.casework.visits.queries import could_come
from triservice.kernel import clock
from triservice.kernel.access_words import Reader
from triservice.kernel.keys import new_key


@dataclass(frozen=True, slots=True)
class About:
    """What a step is taken about: the reader, the case as they see it, and a row of it."""

    reader: Reader
    case: CaseView
    row: int = 0

    @property
    def pk(self) -> int:
        """The key of the case."""
        return self.case.row.pk

    def others(self) -> list[tuple[str, str]]:
        """Return the other agencies as choices."""
        return [pair for pair in agency_choices() if pair[0] != str(self.reader.agency)]

    def people(self) -> list[tuple[str, str]]:
        """Return the people of the case as choices, of those whom the reader may see."""
        return [
            (part.who.key, f"{part.who.name} ({part.part})")
            for part in self.case.subjects
            if part.who.kind == "person" and part.who.key
        ]

    def cases(self) -> list[tuple[str, str]]:
        """Return the case and those merged into it as choices, by whom they are about."""
        row = self.case.row
        merged = [(str(one.pk), one) for one in self.case.others if one.how != "linked"]
        return [
            (str(row.pk), f"{row.about.name}, case {row.reference}"),
            *((pk, f"{one.about or 'Name withheld'}, case {one.reference}") for pk, one in merged),
        ]

    def needs(self) -> list[tuple[str, str]]:
        """Return the open needs as choices."""
        return [(str(one.pk), one.label) for one in self.case.needs if one.state == "open"]

    def consents(self) -> list[tuple[str, str]]:
        """Return what the scheme asks people to agree to as choices, each with its text."""
        scheme = scheme_of(self.case.scheme, self.case.version)
        asked = scheme.consents if scheme else {}
        return [(one.text[:SCOPE], Choice(one.name, one.text)) for _, one in asked.items()]

    def could_come(self) -> list[tuple[str, str]]:
        """Return who could come along to a visit as choices."""
        found = could_come(self.reader, self.pk, self.row or None)
        return [(str(one.officer), str(one)) for one in found]

    def come(self) -> list[str]:
        """Return who comes along to the visit."""
        here = (one for one in self.case.visits if one.pk == self.row)
        return [str(each.officer) for one in here for each in one.joint]

    def places_to(self) -> list[tuple[str, str]]:
        """Return where the case may be referred on to as choices, what fits first."""
        scheme = scheme_of(self.case.scheme, self.case.version)
        routes = scheme.routes.values() if scheme else ()
        return list(choosing.places_to(offered(self.reader, self.pk), routes))

    def offered(self, what: str) -> list[tuple[str, str]]:
        """Return the needs or measures of the scheme as choices."""
        scheme = scheme_of(self.case.scheme, self.case.version)
        known = getattr(scheme, what) if scheme else {}
        return [(one.id, one.name) for one in known.values()]


def _key(said: Said, name: str) -> int | None:
    return int(said[name]) if said.get(name) else None


def _yes(said: Said, name: str) -> bool | None:
    return {"yes": True, "no": False}.get(said.get(name) or "")


def _aware(moment: datetime) -> datetime:
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _in_minutes(said: Said) -> datetime:
    return clock.now() + timedelta(minutes=said["minutes"])


def _add_action(about: About, said: Said) -> None:
    mine = said["who"] == "me" and said["agency"] == str(about.reader.agency)
    needs.add_action(
        about.reader, about.pk, said["what"], due=end_of(said["due"]),
        agency=int(said["agency"]), officer=about.reader.officer if mine else None,
        need=_key(said, "need"),
    )  # fmt: skip


def _consent(about: About, said: Said) -> None:
    notes.record_consent(
        about.reader, about.pk, said["person"], said["scope"], given=said["given"] == "yes",
        capacity=said["capacity"], given_by=said["given_by"], asked_on=said["asked_on"],
        expires_on=said["expires_on"], override=said["override"], why=said["why"],
    )  # fmt: skip


def _concern(about: About, said: Said) -> None:
    notes.raise_concern(
        about.reader, about.pk, said["person"], said["what"], kinds=said["kinds"],
        care_needs=_yes(said, "care_needs"), at_risk=_yes(said, "at_risk"),
        cannot_protect=_yes(said, "cannot_protect"), own_view=said["own_view"],
        child=said["child"] == "yes", danger_now=said["danger_now"] == "yes",
        sent_to=_key(said, "sent_to"),
    )  # fmt: skip


def _refer_on(about: About, said: Said) -> None:
    route, service = choosing.chosen(said["route"])
    onward.send(
        about.reader, about.pk, route, key=said["key"] or new_key(),
        why=said["why"] or PLEASE, how=said["how"], need=_key(said, "need"), service=service,
        about=_key(said, "about"),
    )  # fmt: skip


def _answered(about: About, said: Said) -> None:
    if said["step"] == "chase":
        onward.chased(about.reader, about.pk, about.row, said["result"])
    else:
        onward.answered(about.reader, about.pk, about.row, said["step"], said["result"])


def _merge(about: About, said: Said) -> str:
    kept = joining.merge(about.reader, about.pk, said["reference"], said["why"])
    return f"/casework/cases/{kept}"


def _mine(about: About, agencies: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    own = [pair for pair in agency_choices() if pair[0] == str(about.reader.agency)]
    return [*own, *agencies]


STEPS: dict[str, Step[About]] = {
    "note": Step(
        "Write a note", plain(f.NoteForm),
        lambda a, s: notes.add_note(
            a.reader, a.pk, s["text"], s["data_class"], contact=s["contact"]),
        "The note is kept.",
    ),
    "correct-note": Step(
        "Correct your note", lambda a, d: f.CorrectForm(
            d, initial={"text": own_note(a.reader, a.pk, a.row)}),
        lambda a, s: notes.correct_note(a.reader, a.pk, a.row, s["text"], s["why"]),
        "Corrected. What it said before stays in the chronology.", row=True,
    ),
    "contact": Step(
        "Note the first contact", plain(f.NothingForm),
        lambda a, s: life.note_contact(a.reader, a.pk), "Noted.",
        text="Somebody has spoken with the person for the first time.",
    ),
    "need": Step(
        "Add a need", lambda a, d: f.NeedForm(a.offered("needs"), d),
        lambda a, s: needs.add_need(a.reader, a.pk, s["kind"], s["why"]), "The need is added.",
    ),
    "settle": Step(
        "Settle the need", plain(f.SettleForm),
        lambda a, s: needs.settle_need(a.reader, a.pk, a.row, s["state"], s["why"]),
        "Recorded.", row=True,
    ),
    "action": Step(
        "Set an action",
        lambda a, d: f.ActionForm(_mine(a, a.others()), a.needs(), str(a.reader.agency), d),
        _add_action, "The action is set.",
    ),
    "end-action": Step(
        "End an action", plain(f.ResultForm),
        lambda a, s: needs.end_action(
            a.reader, a.pk, a.row, done=s["done"] == "yes", result=s["result"]),
        "Recorded.", row=True,
    ),
    "consent": Step(
        "Record consent", lambda a, d: f.ConsentForm(a.people(), a.consents(), d), _consent,
        "The consent is recorded.",
    ),
    "withdraw-consent": Step(
        "Consent is withdrawn", plain(f.WhyForm),
        lambda a, s: notes.withdraw_consent(a.reader, a.pk, a.row, s["why"]),
        "Recorded. Nothing may rest on this consent any more.", warning=True, row=True,
    ),
    "concern": Step(
        "Raise a safeguarding concern",
        lambda a, d: f.ConcernForm(a.people(), agency_choices(("council",)), d), _concern,
        "The concern is raised, and those who must know have been told.", warning=True,
        text="Somebody is in danger now? Call 999 first.",
    ),
    "decide-concern": Step(
        "Record the decision", plain(f.DecisionForm),
        lambda a, s: notes.decide_concern(a.reader, a.pk, a.row, s["decision"]),
        "Recorded.", may="", row=True,
    ),
    "add-person": Step(
        "Add somebody to the case", lambda a, d: p.PersonForm(a.reader, d),
        lambda a, s: people.add_person(
            a.reader, a.pk, s["part"], s["told"], s["why"], s["chosen"]),
        "They have a part in the case.",
        text="Who is known already is shown once you have written the name.",
    ),
    "add-place": Step(
        "Add a place to the case", lambda a, d: p.PlaceForm(a.reader, d),
        lambda a, s: people.add_place(a.reader, a.pk, s["told"], s["why"], s["chosen"]),
        "The place is in the case.",
        text="What is known already is shown once you have written the postcode.",
    ),
    "end-part": Step(
        "End their part in the case", plain(f.WhyForm),
        lambda a, s: people.end_part(a.reader, a.pk, a.row, s["why"]),
        "Their part has ended. That they had it is kept.", warning=True, row=True,
    ),
    "plan-visit": Step(
        "Plan a visit", lambda a, d: f.VisitForm(a.could_come(), d),
        lambda a, s: visits.plan(
            a.reader, a.pk, _aware(s["at"]), key=new_key(), joint=map(int, s["joint"])),
        "The visit is planned.",
    ),
    "joint": Step(
        "Change who comes along",
        lambda a, d: f.JointForm(a.could_come(), d, {"joint": a.come()}),
        lambda a, s: visits.choose_joint(a.reader, a.pk, a.row, map(int, s["joint"])),
        "Saved. Whoever was added or taken off has been told.", row=True,
    ),
    "move-visit": Step(
        "Move the visit", plain(f.PlanForm),
        lambda a, s: visits.move(a.reader, a.pk, a.row, _aware(s["at"])),
        "The visit is moved.", row=True,
    ),
    "no-access": Step(
        "Nobody could be visited", plain(f.NoAccessForm),
        lambda a, s: visits.no_access(
            a.reader, a.pk, a.row, _aware(s["at"]), card_left=s["card_left"]),
        "Recorded. Plan the next attempt.", row=True,
    ),
    "cancel-visit": Step(
        "Cancel the visit", plain(f.WhyForm),
        lambda a, s: visits.cancel(a.reader, a.pk, a.row, s["why"]),
        "The visit is cancelled.", warning=True, row=True,
    ),
    "go-in": Step(
        "Go in", plain(v.MinutesForm),
        lambda a, s: visits.go_in(a.reader, a.pk, a.row, _in_minutes(s)),
        "Say that you are safe when you are out.", row=True,
    ),
    "stay-longer": Step(
        "Stay longer", plain(v.MinutesForm),
        lambda a, s: visits.stay_longer(a.reader, a.pk, a.row, _in_minutes(s)),
        "Noted.", row=True,
    ),
    "safe": Step(
        "Out and safe", plain(f.NothingForm),
        lambda a, s: visits.safe(a.reader, a.pk, a.row), "Noted: out and safe.", row=True,
        text="Everybody who went in is out, or you have spoken with them and they are safe.",
    ),
    "danger": Step(
        "Immediate danger", plain(v.DangerForm),
        lambda a, s: visits.danger(a.reader, a.pk, a.row, s["what"]),
        "Recorded. Your team leader has been told.", warning=True, row=True,
        text="Call 999 first. Write this when help is on its way.",
    ),
    "check-fitted": Step(
        "It was looked at and works", plain(v.CheckedForm),
        lambda a, s: fitted.check(a.reader, a.pk, a.row, s["on"], s["until"]),
        "Recorded.", row=True,
    ),
    "remove-fitted": Step(
        "It is no longer there", plain(v.RemovedForm),
        lambda a, s: fitted.remove(a.reader, a.pk, a.row, s["on"], s["why"]),
        "Recorded. Fit a new one at a visit.", warning=True, row=True,
    ),
    "remove-file": Step(
        "Remove a file", plain(f.WhyForm),
        lambda a, s: files.remove_file(a.reader, a.pk, a.row, s["why"]),
        "The file is removed. That it was there, and why it went, is kept.", warning=True,
        row=True, text="Its content is gone within two days, and nobody can open it from now on.",
    ),
    "onward": Step(
        "Refer on", lambda a, d: f.OnwardForm(a.places_to(), a.needs(), a.cases(), d), _refer_on,
        "Recorded. You are reminded when no answer comes.",
    ),
    "handed": Step(
        "The letter was posted", plain(f.HandedForm),
        lambda a, s: onward.handed(a.reader, a.pk, a.row, s["on"]), "Recorded.", may="run",
        row=True,
    ),
    "answer-onward": Step(
        "Record the answer", plain(f.AnswerForm), _answered, "Recorded.", row=True,
    ),
    "outcome": Step(
        "Record an outcome", lambda a, d: f.OutcomeForm(a.offered("measures"), d),
        lambda a, s: needs.add_outcome(
            a.reader, a.pk, s["measure"], before=s["before"], after=s["after"],
            own_view=s["own_view"]),
        "The outcome is recorded.",
    ),
    "risk": Step(
        "Change the risk", lambda a, d: f.RiskForm(a.case.lower, d),
        lambda a, s: life.judge_risk(a.reader, a.pk, s["tier"], s["why"]),
        "The risk is changed, and your reason stands beside it.", may="run",
        text="It is worked out from all answers so far. Change it where you know better.",
    ),
    "allocate": Step(
        "Allocate the case", lambda a, d: f.AllocateForm(proposals(a.reader, a.pk), d),
        lambda a, s: life.allocate(a.reader, a.pk, int(s["officer"])), "The case is allocated.",
        may="run", text="Proposed by skills, area and the risk that each carries; you decide.",
    ),
    "join": Step(
        "Work jointly with another agency", lambda a, d: f.AgencyForm(a.others(), d),
        lambda a, s: sharing.add_agency(a.reader, a.pk, int(s["agency"]), None, s["why"]),
        "They have been told. What they see of the case, the agreement says.", may="run",
    ),
    "leave": Step(
        "End their part in the case", plain(f.WhyForm),
        lambda a, s: sharing.remove_agency(a.reader, a.pk, a.row, s["why"]),
        "Recorded.", warning=True, row=True,
    ),
    "offer": Step(
        "Offer the case to another agency", lambda a, d: f.AgencyForm(a.others(), d),
        lambda a, s: sharing.offer(a.reader, a.pk, int(s["agency"]), s["why"]),
        "Offered. It stays yours until they take it.", may="lead",
    ),
    "take-over": Step(
        "Take the case over", plain(f.NothingForm),
        lambda a, s: sharing.answer_offer(a.reader, a.pk, take=True),
        "The case is your agency’s now. Ask for consent again.", may="answer_offer",
        text="People must be asked for consent again: they agreed to another agency.",
    ),
    "give-back": Step(
        "Do not take the case", plain(f.WhyForm),
        lambda a, s: sharing.answer_offer(a.reader, a.pk, take=False, why=s["why"]),
        "It stays with the agency that offered it.", may="answer_offer",
    ),
    "close": Step(
        "Close the case", plain(f.CloseForm),
        lambda a, s: life.close(a.reader, a.pk, s["outcome"], s["why"]),
        "The case is closed.", may="run",
    ),
    "reopen": Step(
        "Open the case again", plain(f.WhyForm),
        lambda a, s: life.reopen(a.reader, a.pk, s["why"]), "The case is open again.",
        may="reopen",
    ),
    "link": Step(
        "Link with another case", plain(f.OtherCaseForm),
        lambda a, s: joining.link(a.reader, a.pk, s["reference"], s["why"]),
        "The cases are linked.",
    ),
    "unlink": Step(
        "Take the link back", plain(f.WhyForm),
        lambda a, s: joining.unlink(a.reader, a.pk, a.row, s["why"]), "The link is taken back.",
        warning=True, row=True,
    ),
    "merge": Step(
        "Merge into another case", plain(f.OtherCaseForm), _merge,
        "They are one case now. You can part them again.", may="run",
    ),
    "part": Step(
        "Part the case again", plain(f.WhyForm),
        lambda a, s: joining.part(a.reader, a.pk, s["why"]),
        "The case is worked on by itself again.", may="part",
    ),
}  # fmt: skip

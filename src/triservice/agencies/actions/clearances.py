"""Vetting, training in information sharing, and time on duty."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from triservice.agencies.models import Duty, Officer
from triservice.kernel.access_words import Vetting
from triservice.kernel.clock import now
from triservice.kernel.errors import InputError

from .history import note, refuse_unless


@transaction.atomic
def record_vetting(
    by: Officer | None, officer: Officer, level: Vetting, *, until: date | None, why: str = ""
) -> Officer:
    """Record the vetting level and the first day that it no longer holds; NONE takes it away."""
    officer = Officer.objects.select_for_update().get(pk=officer.pk)
    refuse_unless("clearance", by, agency=officer.employer, about=officer)
    level = Vetting(level)
    if level is not Vetting.NONE and until is None:
        raise InputError("is empty", field="until", do="Vetting without an end is not accepted")
    before = {"vetting": officer.vetting, "vetting_until": officer.vetting_until}
    officer.vetting = level.value
    officer.vetting_until = until if level is not Vetting.NONE else None
    officer.save(update_fields=["vetting", "vetting_until"])
    after = {"vetting": officer.vetting, "vetting_until": officer.vetting_until}
    note("record_vetting", by, officer, about=officer, before=before, after=after, why=why)
    return officer


@transaction.atomic
def record_training(
    by: Officer | None, officer: Officer, *, until: date | None, why: str = ""
) -> Officer:
    """Record until when training in information sharing is current; None takes it away."""
    officer = Officer.objects.select_for_update().get(pk=officer.pk)
    refuse_unless("training", by, agency=officer.employer, about=officer)
    before = {"training_until": officer.training_until}
    officer.training_until = until
    officer.save(update_fields=["training_until"])
    note(
        "record_training",
        by,
        officer,
        about=officer,
        before=before,
        after={"training_until": until},
        why=why,
    )
    return officer


@transaction.atomic
def start_duty(by: Officer | None, officer: Officer) -> Duty:
    """Book an officer on duty now; one who is on duty stays so. Officers book themselves."""
    officer = Officer.objects.select_for_update().get(pk=officer.pk)
    refuse_unless("duty", by, agency=officer.employer, about=officer)
    if not officer.is_active:
        raise InputError(f"{officer.name} has left", kept="Nothing was changed")
    if spell := Duty.objects.filter(officer=officer, ends__isnull=True).first():
        return spell
    spell = Duty.objects.create(officer=officer, starts=now())
    note("start_duty", by, spell, about=officer, after={"starts": spell.starts})
    return spell


@transaction.atomic
def end_duty(by: Officer | None, officer: Officer) -> Duty | None:
    """Book an officer off duty now; None when they were not on duty."""
    officer = Officer.objects.select_for_update().get(pk=officer.pk)
    refuse_unless("duty", by, agency=officer.employer, about=officer)
    spell = Duty.objects.filter(officer=officer, ends__isnull=True).first()
    if spell is None:
        return None
    spell.ends = max(now(), spell.starts)
    spell.save(update_fields=["ends"])
    note("end_duty", by, spell, about=officer, after={"ends": spell.ends})
    return spell

"""The services whose demand is laid on one map."""

from __future__ import annotations

from enum import StrEnum


class Service(StrEnum):
    """Who answers an event. The value is the word used in files, commands and pages."""

    POLICE = "police"
    FIRE = "fire"
    AMBULANCE = "ambulance"
    HEALTH = "health"
    COUNCIL = "council"

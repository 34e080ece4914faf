"""Information sharing agreements: their life, their words, and what changes between versions."""

"""Referrals, cases, visits, needs, actions, consent, onward referrals: the chain to an outcome."""

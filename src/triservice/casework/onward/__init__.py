"""Onward referrals: sent, chased, answered."""

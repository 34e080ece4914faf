"""The chronology and history of referrals and cases."""

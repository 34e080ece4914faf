"""Numbers of casework: what is open, what is late, visits, and what became of onward referrals."""

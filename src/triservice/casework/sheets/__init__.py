"""Referrals in a spreadsheet: a template for each scheme, rows sent once, bad rows given back."""

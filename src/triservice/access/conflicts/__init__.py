"""Conflicts of interest: who has a tie to a person or place reads nothing about them."""

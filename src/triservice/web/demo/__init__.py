"""The demonstration: an invented partnership on real geography, with one-click sign-in.

It exists only where settings.DEMO is on, which production settings never allow.
"""

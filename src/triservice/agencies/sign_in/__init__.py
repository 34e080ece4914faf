"""Signing in: password and a second factor, a passkey, or an agency's own directory."""

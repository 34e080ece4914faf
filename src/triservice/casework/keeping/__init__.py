"""How long copies are kept that left the house."""

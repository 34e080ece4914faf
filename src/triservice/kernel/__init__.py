"""The words of the house as plain Python: services, months, grid references, refusals. No I/O."""

"""Cases: opened, allocated, shared, merged, handed over, closed and opened again."""

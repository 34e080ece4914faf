"""What happens around every request: who asks, what is logged, headers, limits, session ends."""

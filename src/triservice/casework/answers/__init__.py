"""Filled forms: kept in parts by data class, read as far as the terms go."""

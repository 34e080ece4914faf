"""The shared picture as a report: maps, tables, findings and the provenance of each number."""

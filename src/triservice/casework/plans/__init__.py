"""Problem-solving plans for places: scanning, analysis, response, assessment (SARA)."""

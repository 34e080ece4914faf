"""The shared picture as pages: what the analysis finds, opened by the agreements, cell by cell."""

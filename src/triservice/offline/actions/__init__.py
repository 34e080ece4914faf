"""The only writers of the offline room."""

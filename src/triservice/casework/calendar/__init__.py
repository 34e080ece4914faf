"""An officer's visits as a calendar (iCalendar, RFC 5545), at a secret address of their own."""

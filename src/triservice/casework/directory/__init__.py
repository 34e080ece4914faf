"""The directory of services to which people are referred on: whom each takes, where, and how."""

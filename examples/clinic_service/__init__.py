"""A clinic's service over HTTP, from sign-in to the calendar feed: vetcore behind FastAPI."""

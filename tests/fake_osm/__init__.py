"""An OpenStreetMap of our own to try edits on: API 0.6 with uploads, OAuth 2, and faults."""

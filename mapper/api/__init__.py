"""The API: one door for programs, in versions; it writes nothing itself."""

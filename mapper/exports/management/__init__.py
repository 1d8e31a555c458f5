"""Commands of the downloads."""

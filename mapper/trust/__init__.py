"""How far a report that nobody has decided on is trusted: when it may be on the map by itself."""

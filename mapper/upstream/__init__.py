"""What we give back to OpenStreetMap: one human decision at a time, and nothing twice."""

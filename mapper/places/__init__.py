"""Cities and other areas, and the areas where nothing is taken."""

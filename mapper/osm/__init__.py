"""Our mirror of OpenStreetMap's surveillance objects, and the roads to and from it."""

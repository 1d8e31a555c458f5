"""Downloads: GeoJSON, CSV, the stand-alone map."""

"""Pictures of sightings: quarantine, pixel copies, public copies."""

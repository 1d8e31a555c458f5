-- Purpose: one claim for each new element; its device is made by the projection that follows.
-- Parameters: none. SRID: 4326. Index: none.
INSERT INTO sightings_claim
       (id, source, device_id, is_verified, presence, location, position_source, attributes,
        label_photo, seen_from, seen_to, is_private_home)
SELECT claim_id, 'osm', device_id, false, claim_presence, claim_location, 'osm', said.attributes,
       NULL, claim_seen_from, claim_seen_to, false
  FROM osm_incoming
  JOIN osm_said AS said USING (said)
 WHERE verdict = 'added'

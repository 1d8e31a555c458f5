-- Purpose: mirror the new objects.
-- Parameters: none. SRID: 4326. Index: none.
INSERT INTO osm_element
       (osm_type, osm_id, version, timestamp, tags, location, is_visible, rules, claim_id)
SELECT osm_type, osm_id, version, element_stamp, said.tags, element_location, is_visible,
       element_rules, claim_id
  FROM osm_incoming
  JOIN osm_said AS said USING (said)
 WHERE verdict = 'added'

-- Purpose: mirror the new objects.
-- Parameters: none. SRID: 4326. Index: none.
INSERT INTO osm_element
       (osm_type, osm_id, version, timestamp, tags, location, is_visible, claim_id)
SELECT osm_type, osm_id, version, element_stamp, element_tags, element_location, is_visible,
       claim_id
  FROM osm_incoming
 WHERE verdict = 'added'

-- Purpose: type and id of the elements that known_whole.sql leaves out, and of all flags.
-- Parameters: rules - the number of the rules that tags are read by now. Index: none, the mirror is
--          read whole.
SELECT osm_type, osm_id
  FROM osm_element
 WHERE NOT (osm_type = 'node' AND is_visible AND version > 0 AND rules = %(rules)s)
UNION ALL
SELECT osm_type, osm_id FROM osm_osmflag

-- Purpose: bring known elements to the newer version; what says nothing new is not touched, but to
--          note that it was read by newer rules.
-- Parameters: none. SRID: 4326. Index: primary key of elements.
UPDATE osm_element AS element
   SET version = incoming.version,
       timestamp = incoming.element_stamp,
       tags = incoming.element_tags,
       location = incoming.element_location,
       is_visible = incoming.is_visible,
       rules = incoming.element_rules
  FROM osm_incoming AS incoming
 WHERE element.id = incoming.element_id
   AND incoming.verdict IN ('changed', 'removed', 'unchanged')
   AND (incoming.is_element_new OR incoming.element_rules <> incoming.known_rules)

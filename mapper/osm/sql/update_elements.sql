-- Purpose: bring known elements to the newer version; what says nothing new is not touched.
-- Parameters: none. SRID: 4326. Index: primary key of elements.
UPDATE osm_element AS element
   SET version = incoming.version,
       timestamp = incoming.element_stamp,
       tags = incoming.element_tags,
       location = incoming.element_location,
       is_visible = incoming.is_visible
  FROM osm_incoming AS incoming
 WHERE element.id = incoming.element_id
   AND incoming.verdict IN ('changed', 'removed')
   AND incoming.is_element_new

-- Purpose: remember which keys a newer version of a known object changed, and how far it moved.
-- Parameters: none. SRID: 4326, distances on the spheroid. Index: primary key of elements,
--          element_change_once.
-- To be run before update_elements.sql, which forgets what was.
INSERT INTO osm_elementchange
       (id, element_id, version, timestamp, added, changed, removed, moved_m, is_deleted)
SELECT gen_random_uuid(), element.id, incoming.version, incoming.element_stamp,
       ARRAY(SELECT key FROM jsonb_object_keys(incoming.element_tags) AS key
              WHERE NOT element.tags ? key ORDER BY key),
       CASE WHEN only_added THEN '{}'
            ELSE ARRAY(SELECT key FROM jsonb_each(incoming.element_tags) AS now (key, value)
                        WHERE element.tags ? key AND element.tags -> key <> value ORDER BY key) END,
       CASE WHEN only_added THEN '{}'
            ELSE ARRAY(SELECT key FROM jsonb_object_keys(element.tags) AS key
                        WHERE NOT incoming.element_tags ? key ORDER BY key) END,
       CASE WHEN ST_OrderingEquals(element.location, incoming.element_location) THEN 0
            ELSE coalesce(ST_Distance(element.location::geography,
                                      incoming.element_location::geography), 0) END,
       NOT incoming.is_visible
  FROM osm_incoming AS incoming
  JOIN osm_element AS element ON element.id = incoming.element_id
 CROSS JOIN LATERAL (SELECT incoming.element_tags @> element.tags AS only_added) AS compared
 WHERE incoming.verdict IN ('changed', 'removed')
   AND incoming.version > element.version
    ON CONFLICT (element_id, version) DO NOTHING

-- Purpose: bring known elements to the newer version, and remember which keys it changed and how far
--          it moved (the last 20 times; names of keys, never a value). What says nothing new is not
--          touched, but to note that it was read by newer rules.
-- Parameters: none. SRID: 4326, distances on the spheroid. Index: primary key of elements.
UPDATE osm_element AS element
   SET version = incoming.version,
       timestamp = incoming.element_stamp,
       tags = incoming.element_tags,
       location = incoming.element_location,
       is_visible = incoming.is_visible,
       rules = incoming.element_rules,
       history = CASE
           WHEN incoming.verdict = 'unchanged' OR incoming.version <= element.version
           THEN element.history
           ELSE jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(
                    'version', incoming.version,
                    'month', to_char(incoming.element_stamp AT TIME ZONE 'UTC', 'YYYY-MM'),
                    'added', to_jsonb(nullif(ARRAY(
                        SELECT key FROM jsonb_object_keys(incoming.element_tags) AS key
                         WHERE NOT element.tags ? key ORDER BY key), '{}')),
                    'changed', CASE WHEN NOT incoming.element_tags @> element.tags
                        THEN to_jsonb(nullif(ARRAY(
                            SELECT key FROM jsonb_each(incoming.element_tags) AS now (key, value)
                             WHERE element.tags ? key AND element.tags -> key <> value
                             ORDER BY key), '{}')) END,
                    'removed', CASE WHEN NOT incoming.element_tags @> element.tags
                        THEN to_jsonb(nullif(ARRAY(
                            SELECT key FROM jsonb_object_keys(element.tags) AS key
                             WHERE NOT incoming.element_tags ? key ORDER BY key), '{}')) END,
                    'moved_m', CASE
                        WHEN NOT ST_OrderingEquals(element.location, incoming.element_location)
                        THEN round(ST_Distance(element.location::geography,
                                               incoming.element_location::geography)::numeric, 1)
                        END,
                    'is_deleted', CASE WHEN NOT incoming.is_visible THEN true END
                ))) || (element.history - 19)
           END
  FROM osm_incoming AS incoming
 WHERE element.id = incoming.element_id
   AND incoming.verdict IN ('changed', 'removed', 'unchanged')
   AND (incoming.is_element_new OR incoming.element_rules <> incoming.known_rules)

-- Purpose: keep aside what changesets remove or move in crowds, and take it out of the load.
-- Parameters: most - so many objects of one changeset go through; moved_m - metres from which a
--          device is moved; is_change - whether what names no changeset counts as one.
-- Returns the rows taken out. SRID: 4326, distances on the spheroid. Index: held_change_once.
WITH heavy AS (
    SELECT incoming.*,
           CASE incoming.verdict WHEN 'removed' THEN 'removed' ELSE 'moved' END AS reason
      FROM osm_incoming AS incoming
      JOIN osm_element AS element ON element.id = incoming.element_id
     WHERE incoming.verdict = 'removed'
        OR (incoming.verdict = 'changed'
            AND incoming.claim_presence = 'there'
            AND ST_Distance(element.location::geography,
                            incoming.element_location::geography) > %(moved_m)s)
), crowd AS (
    SELECT changeset
      FROM heavy
     WHERE changeset > 0 OR %(is_change)s
     GROUP BY changeset
    HAVING count(*) > %(most)s
), held AS (
    SELECT heavy.*
      FROM heavy
      LEFT JOIN osm_heldchange AS known
           ON (known.osm_type, known.osm_id, known.version)
            = (heavy.osm_type, heavy.osm_id, heavy.version)
     WHERE known.id IS NOT NULL
        OR EXISTS (SELECT 1 FROM crowd WHERE crowd.changeset = heavy.changeset)
), kept AS (
    INSERT INTO osm_heldchange
           (osm_type, osm_id, version, timestamp, tags, location, is_visible, changeset, reason,
            element_id)
    SELECT osm_type, osm_id, version, element_stamp, element_tags, element_location, is_visible,
           changeset, reason, element_id
      FROM held
        ON CONFLICT (osm_type, osm_id) DO NOTHING
)
UPDATE osm_incoming AS incoming
   SET verdict = 'held'
  FROM held
 WHERE incoming.osm_type = held.osm_type
   AND incoming.osm_id = held.osm_id

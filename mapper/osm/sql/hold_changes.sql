-- Purpose: keep aside what changesets remove or move in crowds, and take it out of the load; forget
--          what is applied or stands in its place again.
--          What waits already stays in its changeset as long as newer versions leave it away,
--          whoever made them: its row then holds the tags and place of the newest alone. A newer
--          version of what a moderator kept as ours is judged anew.
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
        -- The rest of one that is held comes with a later file.
        OR (changeset > 0
            AND EXISTS (SELECT 1 FROM osm_heldchange AS known
                         WHERE known.changeset = heavy.changeset))
), held AS (
    SELECT heavy.*
      FROM heavy
      LEFT JOIN osm_heldchange AS known
           ON (known.osm_type, known.osm_id) = (heavy.osm_type, heavy.osm_id)
     WHERE heavy.version <= known.version
        OR NOT known.is_dismissed
        OR EXISTS (SELECT 1 FROM crowd WHERE crowd.changeset = heavy.changeset)
), forgotten AS (
    DELETE FROM osm_heldchange AS known
     USING osm_incoming AS incoming
     WHERE known.osm_type = incoming.osm_type
       AND known.osm_id = incoming.osm_id
       AND incoming.version > known.version
       AND NOT EXISTS (SELECT 1 FROM held
                        WHERE (held.osm_type, held.osm_id)
                            = (incoming.osm_type, incoming.osm_id))
), kept AS (
    INSERT INTO osm_heldchange AS known
           (osm_type, osm_id, version, timestamp, tags, location, is_visible, changeset, reason,
            element_id)
    SELECT osm_type, osm_id, version, element_stamp, element_tags, element_location, is_visible,
           changeset, reason, element_id
      FROM held
        ON CONFLICT (osm_type, osm_id) DO UPDATE
       SET version = excluded.version,
           timestamp = excluded.timestamp,
           tags = excluded.tags,
           location = excluded.location,
           is_visible = excluded.is_visible,
           reason = excluded.reason,
           changeset = CASE WHEN known.is_dismissed THEN excluded.changeset
                            ELSE known.changeset END,
           is_dismissed = false
     WHERE excluded.version > known.version
)
UPDATE osm_incoming AS incoming
   SET verdict = 'held'
  FROM held
 WHERE incoming.osm_type = held.osm_type
   AND incoming.osm_id = held.osm_id

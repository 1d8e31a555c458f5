-- Purpose: bring the flags on what is no device to what a load says of them. Absence removes none;
--          what has no place is left out, or where it was.
-- Parameters: none. SRID: 4326. Index: osm_flag_once.
WITH newest AS (
    SELECT DISTINCT ON (osm_type, osm_id) *, is_visible AND flag IS NOT NULL AS is_flag
      FROM osm_staging
     ORDER BY osm_type, osm_id, version DESC, row DESC
), gone AS (
    DELETE FROM osm_osmflag AS known
     USING newest
     WHERE known.osm_type = newest.osm_type AND known.osm_id = newest.osm_id
       AND newest.version >= known.version AND NOT newest.is_flag
)
INSERT INTO osm_osmflag AS known (osm_type, osm_id, version, kind, tags, location)
SELECT newest.osm_type, newest.osm_id, newest.version, newest.flag, newest.flag_tags,
       coalesce(newest.location, before.location)
  FROM newest
  LEFT JOIN osm_osmflag AS before
         ON before.osm_type = newest.osm_type AND before.osm_id = newest.osm_id
 WHERE newest.is_flag AND coalesce(newest.location, before.location) IS NOT NULL
    ON CONFLICT (osm_type, osm_id) DO UPDATE
   SET version = excluded.version,
       kind = excluded.kind,
       tags = excluded.tags,
       location = excluded.location
 WHERE excluded.version >= known.version
   AND (excluded.version, excluded.kind, excluded.tags, excluded.location)
       IS DISTINCT FROM (known.version, known.kind, known.tags, known.location)

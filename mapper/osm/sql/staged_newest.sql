-- Purpose: part of judge_staging.sql: of each object that was staged its newest version, and of
--          that the last.
-- Parameters: none. Index: none, the tables are read whole.
SELECT osm_type, osm_id, version, stamp, location, is_visible, changeset, osm_said.*
  FROM (SELECT DISTINCT ON (osm_type, osm_id) *
          FROM osm_staging
         ORDER BY osm_type, osm_id, version DESC, row DESC) AS staged
  JOIN osm_said USING (said)

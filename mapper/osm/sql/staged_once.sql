-- Purpose: part of judge_staging.sql: all that was staged, where no object came twice.
-- Parameters: none. Index: none, the tables are read whole.
SELECT osm_type, osm_id, version, stamp, location, is_visible, changeset, osm_said.*
  FROM osm_staging
  JOIN osm_said USING (said)

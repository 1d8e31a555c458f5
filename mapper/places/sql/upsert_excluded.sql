-- Purpose: make excluded areas of the staged ones; rows that say nothing new stay untouched.
-- Parameters: none. Returns whether it was added. SRID: 4326. Index: the unique code.
INSERT INTO places_excludedarea AS excluded_area (code, name, area)
SELECT code, name, boundary FROM places_staging ORDER BY code
    ON CONFLICT (code) DO UPDATE
   SET name = excluded.name, area = excluded.area
 WHERE (excluded_area.name, excluded_area.area) IS DISTINCT FROM (excluded.name, excluded.area)
RETURNING excluded_area.id, excluded_area.xmax = 0 AS was_added

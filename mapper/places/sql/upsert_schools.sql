-- Purpose: make schools of the staged areas; rows that say nothing new stay untouched.
-- Parameters: none. Returns id and whether it was added. SRID: 4326. Index: the unique code.
INSERT INTO places_school AS school (code, name, area)
SELECT code, name, boundary::geography FROM places_staging ORDER BY code
    ON CONFLICT (code) DO UPDATE
   SET name = excluded.name, area = excluded.area
 WHERE school.name <> excluded.name OR ST_AsBinary(school.area) <> ST_AsBinary(excluded.area)
RETURNING school.id, school.xmax = 0 AS was_added

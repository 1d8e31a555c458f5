-- Purpose: the city of each projected device; on a border the smallest code. One statement: the
--          join lets each boundary be prepared once for all points in it.
-- Parameters: none. SRID: 4326. Index: places_city boundary (GiST).
CREATE TEMP TABLE sightings_placed ON COMMIT DROP AS
SELECT DISTINCT ON (projected.id) projected.id, city.id AS city_id
  FROM sightings_projected AS projected
  JOIN places_city AS city ON ST_Covers(city.boundary, projected.location)
 ORDER BY projected.id, city.country, city.code

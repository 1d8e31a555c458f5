-- Purpose: make cities of the staged areas; rows that say nothing new stay untouched. A file
--          without populations keeps those that are known.
-- Parameters: none. Returns id and whether it was added. SRID: 4326.
-- Index: city_code_once.
INSERT INTO places_city AS city
       (country, code, name, slug, population, boundary, area_km2, notice)
SELECT country, code, name, slug, population, boundary,
       ST_Area(boundary::geography) / 1e6, ''
  FROM places_staging
 ORDER BY country, code
    ON CONFLICT (country, code) DO UPDATE
   SET name = excluded.name,
       slug = excluded.slug,
       population = coalesce(excluded.population, city.population),
       boundary = excluded.boundary,
       area_km2 = excluded.area_km2
 WHERE (city.name, city.slug, city.population, city.boundary)
       IS DISTINCT FROM
       (excluded.name, excluded.slug, coalesce(excluded.population, city.population),
        excluded.boundary)
RETURNING city.id, city.xmax = 0 AS was_added

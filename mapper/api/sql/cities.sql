-- Purpose: cities as GeoJSON features with a box and without their boundary, which is large; the
--          detail view has it. `devices` counts as the default download does.
-- Parameters: site_url - the address that the site is reached at;
--             part `cities` - a query of the ids of cities.
-- SRID: 4326, lon lat. Index: city (primary key), device by city.
SELECT json_build_object(
           'type', 'Feature',
           'id', city.slug,
           'geometry', NULL,
           'bbox', json_build_array(ST_XMin(city.boundary), ST_YMin(city.boundary),
                                    ST_XMax(city.boundary), ST_YMax(city.boundary)),
           'properties', json_build_object(
               'id', city.slug,
               'url', %(site_url)s || '/cities/' || city.slug || '/',
               'country', city.country,
               'code', city.code,
               'name', city.name,
               'population', city.population,
               'area_km2', city.area_km2,
               'notice', nullif(city.notice, ''),
               'devices', (SELECT count(*)
                             FROM sightings_device AS device
                            WHERE device.city_id = city.id
                              AND device.state = 'present'
                              AND device.verification IN ('verified', 'osm_only')))
       )::text AS feature
  FROM ({cities}) AS chosen
  JOIN places_city AS city ON city.id = chosen.id
 ORDER BY city.slug

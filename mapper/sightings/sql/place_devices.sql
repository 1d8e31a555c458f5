-- Purpose: give every present device the city it lies in; on a border the smallest code.
-- Parameters: cities - ids of the cities to look at, or NULL for all.
-- SRID: 4326 in and out. Index: places_city boundary (GiST), sightings_device location (GiST).
WITH placed AS (
    SELECT device.id,
           (SELECT city.id
              FROM places_city AS city
             WHERE ST_Covers(city.boundary, device.location)
             ORDER BY city.country, city.code
             LIMIT 1) AS city_id
      FROM sightings_device AS device
     WHERE device.state = 'present'
       AND (%(cities)s::bigint[] IS NULL
            OR device.city_id = ANY(%(cities)s::bigint[])
            OR EXISTS (SELECT 1 FROM places_city AS city
                        WHERE city.id = ANY(%(cities)s::bigint[])
                          AND ST_Covers(city.boundary, device.location)))
)
UPDATE sightings_device AS device
   SET city_id = placed.city_id,
       version = device.version + 1,
       updated_on = (now() AT TIME ZONE 'UTC')::date
  FROM placed
 WHERE device.id = placed.id
   AND device.city_id IS DISTINCT FROM placed.city_id;

-- Purpose: give every present event the city its point or the middle of its area lies in.
-- Parameters: cities - ids of the cities to look at, or NULL for all.
-- SRID: 4326 in and out. Index: places_city boundary (GiST).
WITH placed AS (
    SELECT event.id,
           (SELECT city.id
              FROM places_city AS city
             WHERE ST_Covers(city.boundary,
                             coalesce(event.location, ST_PointOnSurface(event.area)))
             ORDER BY city.country, city.code
             LIMIT 1) AS city_id
      FROM sightings_event AS event
     WHERE event.state = 'present'
       AND (%(cities)s::bigint[] IS NULL
            OR event.city_id = ANY(%(cities)s::bigint[])
            OR EXISTS (SELECT 1 FROM places_city AS city
                        WHERE city.id = ANY(%(cities)s::bigint[])
                          AND ST_Covers(city.boundary,
                                        coalesce(event.location, ST_PointOnSurface(event.area)))))
)
UPDATE sightings_event AS event
   SET city_id = placed.city_id,
       updated_on = (now() AT TIME ZONE 'UTC')::date
  FROM placed
 WHERE event.id = placed.id
   AND event.city_id IS DISTINCT FROM placed.city_id;

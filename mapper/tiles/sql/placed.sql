-- Purpose: chosen devices with their place in the square of the web map (EPSG:3857 over its
--          width): u to the east and v to the south, both in [0, 1). Latitudes beyond 85.0511
--          degrees lie in the first or last row, longitude 180 in the last column. Next to the
--          equator is on it: PostgreSQL refuses the radians of 5e-324 ("underflow").
-- Parameters: part `chosen` - a query of devices, `place` being their point.
-- SRID: 4326 in. Index: device location (GiST), in the part.
SELECT chosen.*,
       ST_X(place) AS lon,
       ST_Y(place) AS lat,
       least((ST_X(place) + 180) / 360, 1 - 1e-11) AS u,
       greatest(0, least(
           0.5 - asinh(tan(radians(
                     CASE WHEN abs(ST_Y(place)) < 1e-12 THEN 0
                          ELSE greatest(-85.0511287798, least(85.0511287798, ST_Y(place))) END)))
                 / (2 * pi()),
           1 - 1e-11)) AS v
  FROM ({chosen}) AS chosen

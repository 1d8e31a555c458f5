-- Purpose: the layer `events` of a vector tile: the points at which published events are marked.
-- Parameters: ids, kinds, days, lons, lats - arrays of the same length; scale, x, y, extent as in
--             devices.sql.
-- SRID: 4326 in, tile units out. Index: none.
SELECT ST_AsMVT(feature, 'events', %(extent)s, 'geom')
  FROM (SELECT id,
               kind,
               last_day,
               ST_MakePoint(
                   floor(((lon + 180) / 360 * %(scale)s - %(x)s) * %(extent)s),
                   floor(((0.5 - asinh(tan(radians(lat))) / (2 * pi())) * %(scale)s - %(y)s)
                         * %(extent)s)) AS geom
          FROM unnest(%(ids)s::text[], %(kinds)s::text[], %(days)s::text[],
                      %(lons)s::float8[], %(lats)s::float8[])
               AS event (id, kind, last_day, lon, lat)
         ORDER BY id) AS feature

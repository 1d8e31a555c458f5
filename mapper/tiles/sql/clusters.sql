-- Purpose: the layer `clusters` of a vector tile: devices gathered by the cells of a grid that
--          starts anew in no tile, so that each device is counted in exactly one. A cell of one
--          device carries what its sign needs; the others carry the box of what they hold.
-- Parameters: scale - tiles along an edge at this zoom, 2^z; x, y - the tile;
--             extent - tile units along an edge; cells - cells along an edge;
--             part `placed` - placed.sql.
-- SRID: 4326 in, tile units out. Index: those of placed.sql; device (primary key).
WITH cell AS (
    SELECT count(*) AS count,
           min(id::text) AS id,
           min(lon) AS west, min(lat) AS south, max(lon) AS east, max(lat) AS north,
           avg(u) AS u,
           avg(v) AS v,
           floor(u * %(scale)s * %(cells)s) AS column_number,
           floor(v * %(scale)s * %(cells)s) AS row_number
      FROM ({placed}) AS placed
     WHERE floor(u * %(scale)s) = %(x)s AND floor(v * %(scale)s) = %(y)s
     GROUP BY column_number, row_number
)
SELECT ST_AsMVT(feature, 'clusters', %(extent)s, 'geom')
  FROM (SELECT cell.count,
               device.id::text,
               device.kind::text,
               device.camera_type::text,
               device.status::text,
               device.verification::text,
               CASE WHEN device.directions = '[]' THEN '' ELSE device.directions::text END
                   AS direction,
               device.last_seen::text,
               CASE WHEN cell.count > 1 THEN cell.west END AS west,
               CASE WHEN cell.count > 1 THEN cell.south END AS south,
               CASE WHEN cell.count > 1 THEN cell.east END AS east,
               CASE WHEN cell.count > 1 THEN cell.north END AS north,
               -- A mean that rounds up to the edge would lie in the next tile.
               ST_MakePoint(
                   least(%(extent)s - 1, floor((cell.u * %(scale)s - %(x)s) * %(extent)s)),
                   least(%(extent)s - 1, floor((cell.v * %(scale)s - %(y)s) * %(extent)s))) AS geom
          FROM cell
          LEFT JOIN sightings_device AS device
            ON cell.count = 1 AND device.id = cell.id::uuid
         ORDER BY row_number, column_number) AS feature

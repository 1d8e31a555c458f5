-- Purpose: the layer `devices` of a vector tile: each device as a point with what a sign needs.
-- Parameters: scale - tiles along an edge at this zoom, 2^z; x, y - the tile;
--             extent - tile units along an edge; buffer - units beyond it;
--             part `placed` - placed.sql.
-- SRID: 4326 in, tile units out. Index: those of placed.sql.
SELECT ST_AsMVT(feature, 'devices', %(extent)s, 'geom')
  FROM (SELECT id::text,
               kind,
               camera_type,
               status,
               verification,
               CASE WHEN directions = '[]' THEN '' ELSE directions::text END AS direction,
               last_seen,
               ST_MakePoint(at_x, at_y) AS geom
          FROM (SELECT placed.*,
                       floor((u * %(scale)s - %(x)s) * %(extent)s) AS at_x,
                       floor((v * %(scale)s - %(y)s) * %(extent)s) AS at_y
                  FROM ({placed}) AS placed) AS device
         WHERE at_x BETWEEN -%(buffer)s AND %(extent)s + %(buffer)s
           AND at_y BETWEEN -%(buffer)s AND %(extent)s + %(buffer)s
         ORDER BY id) AS feature

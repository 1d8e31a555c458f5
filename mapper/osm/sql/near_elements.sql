-- Purpose: which device of OSM stands within reach of each of ours, and what is known of both.
-- Parts: {ours} - a queryset of our devices. Parameters: reach_m - metres on the ellipsoid;
--        degree_m - metres of a degree of latitude, at the least.
-- SRID: 4326. Index: GiST of sightings_device.location, searched once for each of ours: a box in
--        degrees that is never too small comes first, the exact distance after it. A box that
--        leaves the world at the antimeridian is looked up on the other side as well. OFFSET 0 and
--        LIMIT 1 keep the planner from joining whole tables instead.
WITH ours AS MATERIALIZED (
    SELECT device.id, device.location, device.kind, device.camera_type, device.mount,
           device.operator, device.directions, high_deg,
           least(180, high_deg / greatest(
               1e-9, cos(radians(least(90, abs(ST_Y(device.location)) + high_deg))))) AS wide_deg
      FROM ({ours}) AS device
     CROSS JOIN (SELECT %(reach_m)s::float8 / %(degree_m)s::float8 AS high_deg) AS reach
), boxes AS (
    SELECT ours.*, ST_Expand(location, wide_deg, high_deg) AS box FROM ours
     UNION ALL
    SELECT ours.*, ST_Expand(ST_Translate(location, -360 * sign(ST_X(location)), 0),
                             wide_deg, high_deg)
      FROM ours
     WHERE abs(ST_X(location)) + wide_deg > 180
)
SELECT DISTINCT ON (ours.id, theirs.id)
       ours.id, theirs.id, theirs.apart_m,
       ours.kind, ours.camera_type, ours.mount, ours.operator, ours.directions,
       theirs.kind, theirs.camera_type, theirs.mount, theirs.operator, theirs.directions
  FROM boxes AS ours
 CROSS JOIN LATERAL (
           SELECT device.id, device.kind, device.camera_type, device.mount, device.operator,
                  device.directions,
                  ST_Distance(device.location::geography, ours.location::geography) AS apart_m
             FROM sightings_device AS device
            WHERE device.location && ours.box
              AND device.state = 'present'
              AND device.sources @> ARRAY['osm'::varchar]
              AND NOT device.is_private_home
           OFFSET 0
       ) AS theirs
 WHERE theirs.apart_m <= %(reach_m)s
   AND (SELECT claim.id
          FROM sightings_claim AS claim
         WHERE claim.device_id = theirs.id AND claim.source = 'osm'
           AND claim.presence = 'there'
         LIMIT 1) IS NOT NULL
 ORDER BY ours.id, theirs.id

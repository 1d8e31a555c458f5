-- Purpose: which device of OSM stands within reach of each of ours, and what is known of both.
-- Parts: {ours} - a queryset of our devices. Parameters: reach_m - metres on the ellipsoid;
--        degree_m - metres of a degree of latitude, at the least.
-- SRID: 4326. Index: GiST of sightings_device.location, searched once for each of ours: a box in
--        degrees that is never too small comes first, the exact distance after it. A box that
--        leaves the world at the antimeridian is looked up on the other side as well (turn 1), for
--        whom the first does not hold already. Nothing is lateral or materialized, so that workers
--        share the search; OFFSET 0 keeps the order of the answer from choosing its plan.
WITH ours AS (
    SELECT device.id, device.location, device.kind, device.camera_type, device.mount,
           device.operator, device.directions, high_deg, turn,
           least(180, high_deg / greatest(
               1e-9, cos(radians(least(90, abs(ST_Y(device.location)) + high_deg))))) AS wide_deg
      FROM ({ours}) AS device
     CROSS JOIN (SELECT %(reach_m)s::float8 / %(degree_m)s::float8 AS high_deg) AS reach
     CROSS JOIN (VALUES (0), (1)) AS turns (turn)
), near AS (
    SELECT ours.id, theirs.id AS other,
           ST_Distance(theirs.location::geography, ours.location::geography) AS apart_m,
           ours.kind, ours.camera_type, ours.mount, ours.operator, ours.directions,
           theirs.kind AS other_kind, theirs.camera_type AS other_camera_type,
           theirs.mount AS other_mount, theirs.operator AS other_operator,
           theirs.directions AS other_directions
      FROM ours
      JOIN sightings_device AS theirs
        ON theirs.location && ST_Expand(
               ST_Translate(ours.location, -360 * turn * sign(ST_X(ours.location)), 0),
               wide_deg, high_deg)
     WHERE (turn = 0
            OR abs(ST_X(ours.location)) + wide_deg > 180
               AND NOT theirs.location && ST_Expand(ours.location, wide_deg, high_deg))
       AND theirs.state = 'present'
       AND theirs.sources @> ARRAY['osm'::varchar]
       AND NOT theirs.is_private_home
       AND ST_Distance(theirs.location::geography, ours.location::geography) <= %(reach_m)s
       AND EXISTS (
               SELECT
                 FROM sightings_claim AS claim
                WHERE claim.device_id = theirs.id AND claim.source = 'osm'
                  AND claim.presence = 'there'
           )
    OFFSET 0
)
SELECT * FROM near ORDER BY id, other

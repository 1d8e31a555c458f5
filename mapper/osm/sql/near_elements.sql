-- Purpose: which device of OSM stands within reach of each of ours, and what is known of both.
-- Parameters: reach_m - metres on the ellipsoid; cells, polar - as of near_cells.sql.
-- SRID: 4326. Index: none for the places: each device of OSM is read once, looked up by its cell
--        in the hashed cells of ours, and measured where they meet. Searching the GiST index once
--        for each of ours is twice as slow for 100,000 of them. LIMIT 1 keeps the planner from
--        joining all claims (index: claims by device).
WITH theirs AS (
    SELECT device.id, device.location, device.kind, device.camera_type, device.mount,
           device.operator, device.directions,
           floor(ST_Y(device.location) * %(cells)s)::int AS "row",
           CASE WHEN abs(floor(ST_Y(device.location) * %(cells)s)::int) > %(polar)s THEN 0
                ELSE floor(ST_X(device.location) * %(cells)s)::int END AS "column"
      FROM sightings_device AS device
     WHERE device.state = 'present'
       AND device.sources @> ARRAY['osm'::varchar]
       AND NOT device.is_private_home
), near AS MATERIALIZED (
    SELECT ours.id, theirs.id AS other_id,
           ST_Distance(ours.location::geography, theirs.location::geography) AS apart_m,
           ours.kind, ours.camera_type, ours.mount, ours.operator, ours.directions,
           theirs.kind AS other_kind, theirs.camera_type AS other_camera_type,
           theirs.mount AS other_mount, theirs.operator AS other_operator,
           theirs.directions AS other_directions
      FROM theirs
      JOIN osm_near_cells AS ours USING ("row", "column")
     WHERE ST_Y(theirs.location) BETWEEN ours.south AND ours.north
)
SELECT DISTINCT ON (near.id, near.other_id) near.*
  FROM near
 WHERE near.apart_m <= %(reach_m)s
   AND (SELECT claim.id
          FROM sightings_claim AS claim
         WHERE claim.device_id = near.other_id AND claim.source = 'osm'
           AND claim.presence = 'there'
         LIMIT 1) IS NOT NULL
 ORDER BY near.id, near.other_id

-- Purpose: put our devices into every cell of a grid of degrees that is within reach of them, for
--          near_elements.sql; run ANALYZE afterwards.
-- Parts: {ours} - a queryset of our devices. Parameters: reach_m - metres on the ellipsoid;
--        degree_m - metres of a degree of latitude, at the least; cells - how many to a degree;
--        polar - the row beyond which all longitudes are one cell.
-- SRID: 4326. Index: whatever the queryset uses. A box that leaves the world at the antimeridian is
--        there on the other side as well.
CREATE TEMP TABLE osm_near_cells ON COMMIT DROP AS
WITH ours AS (
    SELECT device.id, device.location, device.kind, device.camera_type, device.mount,
           device.operator, device.directions, ST_X(device.location) AS lon,
           ST_Y(device.location) AS lat, high_deg,
           least(180, high_deg / greatest(
               1e-9, cos(radians(least(90, abs(ST_Y(device.location)) + high_deg))))) AS wide_deg
      FROM ({ours}) AS device
     CROSS JOIN (SELECT %(reach_m)s::float8 / %(degree_m)s::float8 AS high_deg) AS reach
), sides AS (
    SELECT ours.*, lon AS middle FROM ours
     UNION ALL
    SELECT ours.*, lon - 360 * sign(lon) FROM ours WHERE abs(lon) + wide_deg > 180
)
SELECT id, location, kind, camera_type, mount, operator, directions,
       lat - high_deg AS south, lat + high_deg AS north, "row", "column"
  FROM sides
 CROSS JOIN LATERAL generate_series(floor((lat - high_deg) * %(cells)s)::int,
                                    floor((lat + high_deg) * %(cells)s)::int) AS "row"
 CROSS JOIN LATERAL generate_series(
           CASE WHEN abs("row") > %(polar)s THEN 0
                ELSE floor((middle - wide_deg) * %(cells)s)::int END,
           CASE WHEN abs("row") > %(polar)s THEN 0
                ELSE floor((middle + wide_deg) * %(cells)s)::int END) AS "column"

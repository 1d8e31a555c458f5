-- Purpose: which device of OSM stands within reach of each of ours, and what is known of both.
-- Parts: {ours} - a queryset of our devices. Parameters: reach_m - metres on the ellipsoid, which
--        has no antimeridian and no poles.
-- Index: GiST of osm_to_match (elements_to_match.sql), searched once for each of ours.
SELECT ours.id, theirs.id,
       ST_Distance(theirs.place, ours.location::geography) AS apart_m,
       ours.kind, ours.camera_type, ours.mount, ours.operator, ours.directions,
       theirs.kind, theirs.camera_type, theirs.mount, theirs.operator, theirs.directions
  FROM ({ours}) AS ours
  JOIN osm_to_match AS theirs
    ON ST_DWithin(theirs.place, ours.location::geography, %(reach_m)s)
 ORDER BY ours.id, theirs.id

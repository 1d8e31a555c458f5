-- Purpose: fill an empty database with devices to be matched: one half million places of towns and
--          roads for OSM's, and ours, four of ten beside one of OSM's and the others where nobody is.
-- Parameters: theirs, ours - how many. SRID: 4326. Index: none used; run ANALYZE afterwards.
CREATE TEMP TABLE made ON COMMIT DROP AS
WITH theirs AS (
    SELECT number,
           2.0 + floor(200 * pow(random(), 2)) * 0.04 + (random() + random() - 1) * 0.1 AS lon,
           43.0 + floor(random() * 200) * 0.03 + (random() + random() - 1) * 0.05 AS lat
      FROM generate_series(1, %(theirs)s) AS number
), beside AS (
    SELECT lon, lat, row_number() OVER (ORDER BY random()) AS number FROM theirs
)
SELECT gen_random_uuid() AS device_id, gen_random_uuid() AS claim_id, number, true AS is_osm,
       lon, lat
  FROM theirs
 UNION ALL
SELECT gen_random_uuid(), gen_random_uuid(), number + %(theirs)s, false,
       CASE WHEN number %% 10 < 4 THEN lon + (random() - 0.5) * 0.0003
            ELSE 2.0 + 8.0 * random() END,
       CASE WHEN number %% 10 < 4 THEN lat + (random() - 0.5) * 0.0003
            ELSE 43.0 + 6.0 * random() END
  FROM beside
 WHERE number <= %(ours)s;

INSERT INTO sightings_device (
    id, state, location, position_source, kind, camera_type, mount, directions, height_m,
    surveillance, zone, operator, operator_type, manufacturer, model, status, verification,
    verified_by_id, sources, first_seen, last_seen, provenance, is_private_home, version, updated_on)
SELECT device_id, 'present', ST_SetSRID(ST_MakePoint(lon, lat), 4326), 'osm',
       (ARRAY['camera', 'camera', 'camera', 'alpr', 'unknown'])[1 + number %% 5],
       (ARRAY['fixed', 'dome', ''])[1 + number %% 3], 'pole',
       jsonb_build_array(jsonb_build_object('from', number %% 360, 'to', number %% 360)), 4,
       'public', 'town', 'City of ' || number %% 200, 'public', '', '', 'active',
       CASE WHEN is_osm THEN 'osm_only' ELSE 'declared' END, NULL,
       ARRAY[CASE WHEN is_osm THEN 'osm' ELSE 'document' END], '2019', '2024-05', '{}', false, 1,
       DATE '2026-01-01'
  FROM made;

INSERT INTO sightings_claim (
    id, source, is_verified, presence, location, position_source, attributes, seen_from, seen_to,
    is_private_home, device_id)
SELECT claim_id, CASE WHEN is_osm THEN 'osm' ELSE 'document' END, false, 'there',
       ST_SetSRID(ST_MakePoint(lon, lat), 4326), 'osm', '{"kind": "camera"}', '2019', '2024-05',
       false, device_id
  FROM made;

INSERT INTO osm_element (osm_type, osm_id, version, tags, location, is_visible, claim_id)
SELECT 'node', number, 1, '{"man_made": "surveillance"}',
       ST_SetSRID(ST_MakePoint(lon, lat), 4326), true, claim_id
  FROM made
 WHERE is_osm;

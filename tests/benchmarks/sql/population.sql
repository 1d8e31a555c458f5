-- Purpose: fill an empty database with made-up devices for measuring: 200 towns of unequal size,
--          half of the devices known from OSM, half seen by walkers.
-- Parameters: devices - how many. SRID: 4326. Index: none used; run ANALYZE afterwards.
CREATE TEMP TABLE made ON COMMIT DROP AS
SELECT gen_random_uuid() AS device_id,
       gen_random_uuid() AS claim_id,
       number,
       number %% 2 = 0 AS is_osm,
       2.0 + 4.0 * pow(random(), 3) + 0.05 * random() AS lon,
       43.5 + 6.0 * ((number %% 200) / 200.0) + 0.03 * random() AS lat
  FROM generate_series(1, %(devices)s) AS number;

INSERT INTO sightings_device (
    id, state, location, position_source, kind, camera_type, mount, directions, height_m,
    surveillance, zone, operator, operator_type, manufacturer, model, status, verification,
    verified_by_id, sources, first_seen, last_seen, provenance, is_private_home, version, updated_on)
SELECT device_id, 'present', ST_SetSRID(ST_MakePoint(lon, lat), 4326), 'osm',
       (ARRAY['camera', 'camera', 'camera', 'alpr', 'unknown'])[1 + number %% 5],
       (ARRAY['fixed', 'dome', ''])[1 + number %% 3], 'pole',
       jsonb_build_array(jsonb_build_object('from', number %% 360, 'to', number %% 360)), 4,
       'public', 'town', 'City of ' || number %% 200, 'public', '', '', 'active', 'osm_only',
       NULL, ARRAY['osm'], '2019', '2024-05', '{}', false, 1, DATE '2026-01-01' + number %% 200
  FROM made;

INSERT INTO sightings_claim (
    id, source, is_verified, presence, location, position_source, attributes, seen_from, seen_to,
    is_private_home, device_id)
SELECT claim_id, CASE WHEN is_osm THEN 'osm' ELSE 'walker' END, NOT is_osm, 'there',
       ST_SetSRID(ST_MakePoint(lon, lat), 4326), 'osm', '{"kind": "camera"}', '2019', '2024-05',
       false, device_id
  FROM made;

UPDATE sightings_device AS device
   SET verification = 'verified', verified_by_id = made.claim_id, sources = ARRAY['walker']
  FROM made
 WHERE made.device_id = device.id AND NOT made.is_osm;

INSERT INTO osm_element (osm_type, osm_id, version, tags, location, is_visible, claim_id)
SELECT 'node', number, 1 + number %% 7,
       jsonb_build_object('man_made', 'surveillance', 'surveillance:type', 'camera',
                          'camera:direction', (number %% 360)::text, 'operator', 'Ville é ' || number),
       ST_SetSRID(ST_MakePoint(lon, lat), 4326), true, claim_id
  FROM made
 WHERE is_osm;

INSERT INTO sightings_sighting (
    id, state, claim_id, kind, camera_type, mount, direction, operator_type, presence, seen_how,
    photo_use, has_osm_consent, terms, language, refusal_reason, is_slow, body_key, seen_on,
    position_source, operator, note, version)
SELECT gen_random_uuid(), 'accepted', claim_id, 'camera', 'fixed', 'pole', '', 'public', 'there',
       'on_site', 'public', false, '1', 'fr', '', false, '', '2024-05', 'walker', '', '', 1
  FROM made
 WHERE NOT is_osm;
